import { z } from 'zod';

import { sourceKey } from '../../model/source.ts';
import { position, sourceSpec, sourceState } from '../documents.ts';
import type { FinishedEvent, Saved, SourceSpec } from '../store.ts';
import { documentError } from './document-error.ts';
import type { FileLine } from './file-lines.ts';

// A checkpoint document is JSON lines: one `version`, then each `source` followed by its `finished` events, and an
// `end` that counts both, so that a document that was cut short is known as such.

const SCHEMA = 'guardrelay.checkpoints/v';
const VERSION = 1;
const MAX_BIT = 62;
const KEY_BYTES = 16;

const header = z.looseObject({
  type: z.literal('version'),
  schema: z.string(),
  generatedAt: z.iso.datetime(),
  agentId: z.string(),
});

const sourceLine = z
  .looseObject({
    type: z.literal('source'),
    spec: sourceSpec,
    state: sourceState,
    positions: z.array(position),
  })
  .refine(isAboutOneSource, { error: 'spec, state and positions must be of the same source' })
  .refine(hasOwnBits, {
    error: 'each destination must have one position, and a bit from 0 to 62 of its own',
  });

const finishedLine = z.object({
  type: z.literal('finished'),
  key: z
    .base64url()
    .transform((text) => Buffer.from(text, 'base64url'))
    .refine(({ length }) => length === KEY_BYTES, { error: `must hold ${KEY_BYTES} bytes` }),
  timestamp: z.int(),
  mask: z
    .string()
    .regex(/^[1-9]\d{0,18}$/, { error: 'must be a number in decimal' })
    .transform(BigInt),
});

const endLine = z.object({ type: z.literal('end'), sources: z.int(), finished: z.int() });

const bodyLine = z.discriminatedUnion('type', [finishedLine, sourceLine, endLine]);

/** Where a document comes from. */
export interface Header {
  /** ISO 8601: when the store was read. */
  readonly generatedAt: string;
  readonly agentId: string;
}

/** What stands in a document behind its first line. */
export type BodyLine =
  | (Saved & { readonly type: 'source'; readonly spec: SourceSpec })
  | (FinishedEvent & { readonly type: 'finished' })
  | { readonly type: 'end'; readonly sources: number; readonly finished: number };

function isAboutOneSource({ spec, state, positions }: Saved & { readonly spec: SourceSpec }): boolean {
  const all = [spec.source, state.source, ...positions.map(({ source }) => source)];
  return all.every((source) => source === sourceKey(spec));
}

function hasOwnBits({ positions }: Saved): boolean {
  const bits = positions.map(({ bit }) => bit);
  const isBit = (bit: number): boolean => Number.isInteger(bit) && bit >= 0 && bit <= MAX_BIT;
  const destinations = new Set(positions.map(({ destination }) => destination));
  return bits.every(isBit) && new Set(bits).size === bits.length && destinations.size === bits.length;
}

/** The first line; a document of a newer release is refused by it. */
export function parseHeader(line: FileLine): Header {
  const parsed = header.safeParse(jsonOf(line)).data;
  const version = parsed?.schema.startsWith(SCHEMA) ? Number(parsed.schema.slice(SCHEMA.length)) : Number.NaN;
  if (!parsed || Number.isNaN(version)) throw documentError('line 1 does not say that it is one');
  if (version === VERSION) return { generatedAt: parsed.generatedAt, agentId: parsed.agentId };
  throw documentError(
    `it has version ${version}, and this release knows version ${VERSION}`,
    'Import it with the release that wrote it, or a newer one. Nothing was changed.',
  );
}

export function parseLine(line: FileLine): BodyLine {
  const parsed = bodyLine.safeParse(jsonOf(line));
  if (parsed.success) return parsed.data;
  const reasons = parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`.trim());
  throw documentError(`line ${line.end.lines}: ${reasons.join('; ')}`);
}

function jsonOf({ text, end }: FileLine): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw documentError(`line ${end.lines} is not JSON`);
  }
}

export function headerText({ generatedAt, agentId }: Header): string {
  return textOf({ type: 'version', schema: `${SCHEMA}${VERSION}`, generatedAt, agentId });
}

export function bodyText(line: BodyLine): string {
  if (line.type !== 'finished') return textOf(line);
  const { type, key, timestamp, mask } = line;
  return textOf({ type, key: Buffer.from(key).toString('base64url'), timestamp, mask: String(mask) });
}

function textOf(line: object): string {
  return `${JSON.stringify(line)}\n`;
}
