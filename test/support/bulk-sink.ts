import { z } from 'zod';

import type { Outcome } from '../../agent/model/outcome.ts';
import type { Sink, SinkCaps } from '../../agent/model/sink.ts';
import { sealBatch } from '../../agent/ship/seal.ts';

const CAPS: SinkCaps = {
  maxRecordBytes: 1_000_000,
  maxBatchBytes: 1_000_000,
  maxBatchRecords: 1_000,
  maxBatchWaitMs: 100,
  concurrency: 1,
  perRecord: true,
  grade: 'indexed',
};

const bulkAnswer = z.object({ items: z.array(z.object({ status: z.int() })) });

/**
 * Posts a line per record and gets a status for each of them, as from the bulk API of a search engine. The agent has
 * no such sink yet: this one stands for those to come, behind the same contract.
 */
export function createBulkSink(url: string): Sink {
  async function post(body: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<readonly Outcome[]> {
    const response = await fetch(url, { method: 'POST', body, signal });
    const { items } = bulkAnswer.parse(await response.json());
    return items.map(({ status }) => outcomeOf(status));
  }

  return {
    place: { name: new URL(url).host, transport: 'http' },
    caps: CAPS,
    encode: (record) => ({
      ...{ id: record.key, record, truncated: false },
      bytes: Buffer.from(`${JSON.stringify(record.raw)}\n`),
    }),
    seal: (records) => sealBatch(records),
    send: ({ wire, records }, signal) =>
      post(new Uint8Array(wire), signal).catch((error: unknown) =>
        records.map(() => ({ kind: 'retry', why: String(error) })),
      ),
    probe: async () => ({ kind: 'ok', grade: 'indexed' }),
    async close() {},
  };
}

function outcomeOf(status: number): Outcome {
  if (status < 300) return { kind: 'ok', grade: 'indexed' };
  if (status === 429) return { kind: 'retry', why: 'the item was not taken now' };
  return { kind: 'reject', why: 'the item was refused', code: String(status) };
}
