import type { ErrorCode } from '../model/error.ts';
import type { LastingType } from './event-types.ts';

export interface Named {
  readonly id: string;
  /** For people. */
  readonly name?: string;
}

/** One thing that is wrong now. Times in epoch ms. */
export interface Condition {
  readonly type: LastingType;
  readonly code: ErrorCode;
  /** What it is about: the key of a source, of a destination, of a channel. */
  readonly subject: string;
  /** Those who are concerned; none: the agent itself, so that every channel is told. */
  readonly customers: readonly Named[];
  /** Those that share it are told as one: `{customer}/{type}/{code}`. */
  readonly cause: string;
  readonly account?: Named;
  readonly region?: string;
  readonly destination?: string;
  /** The channel that is not told, because it is what fails. */
  readonly channel?: string;
  /** One clause. */
  readonly reason: string;
  readonly since?: number;
  readonly lastGoodAt?: number;
  /** Not told for now. `young`: it may end by itself; `many`: something larger is being told, or may be. */
  readonly held?: 'young' | 'many';
}

/** All that is known at a moment. */
export interface Observation {
  /** Epoch ms. */
  readonly at: number;
  readonly conditions: readonly Condition[];
  /** Subjects of which nothing can be said now: what was told of them neither ends nor is told again. */
  readonly unknown: ReadonlySet<string>;
  /** False: not everything has been looked at yet, so that nothing begins or ends. */
  readonly isComplete: boolean;
}

/** The name of a condition; it stays the same while it lasts. */
export function conditionId({ type, subject }: Pick<Condition, 'type' | 'subject'>): string {
  return `${type} ${subject}`;
}
