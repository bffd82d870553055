import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { z } from 'zod';

import { REC_KIND } from '../model/record.ts';
import { listWindows } from './digits.ts';
import { headOf, type Searchable } from './matching.ts';
import type { StoredRecord } from './record.ts';

// A block holds some hundred kilobytes of records, because findings compress ten times better together than one by
// one. Their fields and their texts are packed apart: many searches need the texts of few blocks.

// Higher levels take twice as long and save nothing on findings.
const FAST = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

const fieldsList = z.array(
  z.object({
    time: z.number(),
    kind: z.enum(REC_KIND),
    severity: z.exactOptional(z.number()),
    level: z.exactOptional(z.enum(['info', 'low', 'medium', 'high', 'critical'])),
    customer: z.string(),
    account: z.string(),
    adminAccount: z.exactOptional(z.string()),
    region: z.string(),
    what: z.string(),
    title: z.exactOptional(z.string()),
    key: z.string(),
    source: z.string(),
    eventId: z.string(),
    part: z.exactOptional(z.number()),
    headBytes: z.int(),
    rawBytes: z.int(),
  }),
);
/** Records as a block stores them: a row of `body`. */
export const bodyRow = z.object({ fields: z.instanceof(Uint8Array), texts: z.instanceof(Uint8Array) });
type Packed = z.infer<typeof bodyRow>;

/** What is known of a block without unpacking it. */
interface BlockFacts {
  readonly windows: Uint8Array | undefined;
  readonly minTime: number;
  readonly maxTime: number;
}

export function pack(records: readonly StoredRecord[]): Packed & BlockFacts {
  const rows = records.map(({ raw, ...fields }) => ({ head: headOf(fields), raw, fields }));
  const fields = rows.map((row) => ({
    ...row.fields,
    // An event may say 1e999, which JSON.parse takes for Infinity and JSON.stringify makes null.
    severity: Number.isFinite(row.fields.severity) ? row.fields.severity : undefined,
    ...{ headBytes: Buffer.byteLength(row.head), rawBytes: Buffer.byteLength(row.raw) },
  }));
  const texts = write(rows.flatMap(({ head, raw }) => [head, raw]));
  const times = records.map(({ time }) => time);
  return {
    fields: zstdCompressSync(JSON.stringify(fields), FAST),
    texts: zstdCompressSync(texts, FAST),
    windows: listWindows(texts),
    ...{ minTime: Math.min(...times), maxTime: Math.max(...times) },
  };
}

/** Into one buffer of the right size: joining the strings first would copy every text twice more. */
function write(texts: readonly string[]): Buffer {
  const buffer = Buffer.allocUnsafe(texts.reduce((bytes, text) => bytes + Buffer.byteLength(text), 0));
  let at = 0;
  for (const text of texts) at += buffer.write(text, at);
  return buffer;
}

/** A record of a block; its text is unpacked only when it is asked for. */
export interface PackedRecord extends Searchable {
  whole(): StoredRecord;
}

export function unpack(packed: Packed): readonly PackedRecord[] {
  const list = fieldsList.parse(JSON.parse(zstdDecompressSync(packed.fields).toString()));
  let texts: Buffer | undefined;
  const read = (start: number, end: number): string => {
    texts ??= zstdDecompressSync(packed.texts);
    return texts.toString('utf8', start, end);
  };
  let next = 0;
  return list.map(({ headBytes, rawBytes, ...fields }) => {
    const start = next;
    const rawStart = start + headBytes;
    const end = rawStart + rawBytes;
    next = end;
    return {
      fields,
      searchable: () => read(start, end).toLowerCase(),
      whole: () => ({ ...fields, raw: read(rawStart, end) }),
    };
  });
}
