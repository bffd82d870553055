import { hash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { z } from 'zod';

import { jsonOf } from '../model/json.ts';
import { REC_KIND } from '../model/record.ts';
import { sourceKey } from '../model/source.ts';
import type { QuarantineEntry, QuarantineRetry } from './quarantine.ts';

const LINE_END = 0x0a;
// Hex digits: so few that people can copy them, so many that a full file holds no two records of one id.
const ID_LENGTH = 12;

/** Where a line stands in its file, without its end; bytes. */
export interface LinePlace {
  readonly offset: number;
  readonly length: number;
}

/** One line of a quarantine file. */
export type QuarantineLine =
  | { readonly kind: 'entry'; readonly id: string; readonly entry: QuarantineEntry }
  | { readonly kind: 'retry'; readonly retry: QuarantineRetry }
  /** A crash cut it short, or a newer release wrote it. */
  | { readonly kind: 'unreadable' };

export interface PlacedLine extends LinePlace {
  readonly line: QuarantineLine;
}

// Loose, so that what a newer release adds is kept.
const origin = z.looseObject({
  source: z.looseObject({
    customer: z.string(),
    account: z.string(),
    region: z.string(),
    partition: z.string(),
    logGroup: z.string(),
  }),
  customer: z
    .looseObject({ name: z.string().exactOptional(), tags: z.record(z.string(), z.string()) })
    .exactOptional(),
  stream: z.string(),
  eventId: z.string(),
  timestamp: z.number(),
  ingestionTime: z.number(),
  part: z.looseObject({ index: z.number(), of: z.number() }).exactOptional(),
});

const entry = z.looseObject({
  schema: z.literal('guardrelay.quarantine/v1'),
  at: z.iso.datetime(),
  destination: z.string(),
  why: z.string(),
  code: z.string().exactOptional(),
  key: z.string(),
  kind: z.enum(REC_KIND),
  what: z.string().exactOptional(),
  account: z.string().exactOptional(),
  region: z.string().exactOptional(),
  origin: origin.exactOptional(),
  replay: z.literal(true).exactOptional(),
  backfill: z.literal(true).exactOptional(),
  raw: z.string(),
});

const retry = z.looseObject({
  schema: z.literal('guardrelay.quarantine-retry/v1'),
  at: z.iso.datetime(),
  id: z.string(),
  destination: z.string(),
  to: z.string(),
  result: z.enum(['released', 'refused']),
  why: z.string().exactOptional(),
  code: z.string().exactOptional(),
});

const line = z.discriminatedUnion('schema', [entry, retry]);

/** The same for the same record at the same destination, however often it is refused. */
export function quarantineId({ destination, origin: from, key }: QuarantineEntry): string {
  const place = from ? [sourceKey(from.source), from.stream, from.eventId, from.part?.index ?? 0] : [];
  return hash('sha256', JSON.stringify([destination, key, ...place])).slice(0, ID_LENGTH);
}

/** Reads on from `offset`. A line without its end is left for the next time: it may be written now. */
export async function* quarantineLines(file: FileHandle, offset: number): AsyncGenerator<PlacedLine> {
  const stream = file.createReadStream({ start: offset, autoClose: false });
  const chunks: AsyncIterable<Buffer> = stream;
  let rest: Buffer = Buffer.alloc(0);
  let at = offset;
  for await (const chunk of chunks) {
    rest = Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(LINE_END); end >= 0; end = rest.indexOf(LINE_END)) {
      // Two processes that mend the same cut line leave an empty one.
      if (end > 0) yield { line: parseLine(rest.toString('utf8', 0, end)), offset: at, length: end };
      rest = rest.subarray(end + 1);
      at += end + 1;
    }
  }
}

export function parseLine(text: string): QuarantineLine {
  const { data } = line.safeParse(jsonOf(text));
  if (!data) return { kind: 'unreadable' };
  if (data.schema === 'guardrelay.quarantine-retry/v1') return { kind: 'retry', retry: data };
  return { kind: 'entry', id: quarantineId(data), entry: data };
}
