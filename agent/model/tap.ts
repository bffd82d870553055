import type { EncodedRecord } from './batch.ts';
import { matchesGlob } from './glob.ts';
import type { Rec } from './record.ts';
import { type Source, sourceKey } from './source.ts';

/** raw: the original text; envelope: the record as guardrelay understands it; formatted: the bytes of a destination. */
export const TAP_STAGES = ['raw', 'envelope', 'formatted'] as const;
export type TapStage = (typeof TAP_STAGES)[number];

/** Whom to listen to: one destination, or sources by `customer/account/region`, of which each part may hold `*`. */
export type TapTarget =
  | { readonly kind: 'destination'; readonly id: string }
  | { readonly kind: 'source'; readonly name: string };

export interface TapWish {
  readonly target: TapTarget;
  readonly stage: TapStage;
  /** One of so many. */
  readonly oneOf: number;
  /** Only records of these; absent: all. */
  readonly customers?: readonly string[] | undefined;
}

/** Something that passed by. */
export interface Tapped {
  /** Epoch ms. */
  readonly at: number;
  readonly stage: TapStage;
  /** `sourceKey`; absent for what the agent makes itself. */
  readonly source?: string | undefined;
  /** Where it went; absent for what came. */
  readonly destination?: string | undefined;
  readonly key: string;
  readonly bytes: Buffer;
}

/** Shows what comes and what leaves to whoever looks now; nobody is waited for, and without a listener it costs nothing. */
export interface Tap {
  came(records: readonly Rec[]): void;
  /** These go out now; once more when they are sent again. */
  left(destination: string, records: readonly EncodedRecord[]): void;
  /** Until the returned function is called. */
  listen(wish: TapWish, listener: (tapped: Tapped) => void): () => void;
}

/** `customer`, `customer/account`, `customer/account/region` or a whole key; each part a name or a glob. */
export function isNamed(source: Omit<Source, 'partition'>, name: string): boolean {
  if (sourceKey(source) === name) return true;
  const parts = [source.customer, source.account, source.region];
  const globs = name.split('/');
  return globs.length <= parts.length && globs.every((glob, at) => matchesGlob(parts[at] ?? '', glob));
}
