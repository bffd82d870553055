import { createHash } from 'node:crypto';

import type { EncodedRecord, SealedBatch } from '../model/batch.ts';
import type { Outcome } from '../model/outcome.ts';

/** Makes a batch of `records`, whose body `toWire` turns into what goes over the wire. */
export function sealBatch(
  records: readonly EncodedRecord[],
  body = joinBytes(records),
  toWire: (body: Buffer) => Buffer = (uncompressed) => uncompressed,
): SealedBatch {
  const hash = createHash('sha256');
  for (const record of records) hash.update(`${record.id}\n`);
  hash.update(body);
  return { id: hash.digest('hex'), records, wire: toWire(body), bytes: body.length };
}

export function joinBytes(records: readonly EncodedRecord[]): Buffer {
  return Buffer.concat(records.map((record) => record.bytes));
}

/** The answer of a destination that judges a batch only as a whole. */
export function forEachRecord(batch: SealedBatch, outcome: Outcome): readonly Outcome[] {
  return batch.records.map(() => outcome);
}
