import type { SealedBatch } from '../../agent/model/batch.ts';
import type { Outcome } from '../../agent/model/outcome.ts';
import type { Sink, SinkCaps } from '../../agent/model/sink.ts';
import { sealBatch } from '../../agent/ship/seal.ts';

/** What to say of a batch; a promise keeps it on the wire. */
type Script = (ids: readonly string[], signal: AbortSignal) => Answer | Promise<Answer>;
/** One outcome for all records, or one for each. */
type Answer = Outcome | readonly Outcome[];

export interface ScriptedSink extends Sink {
  caps: SinkCaps;
  /** The ids of every batch that was sent. */
  readonly sent: string[][];
  readonly batchIds: string[];
  probes: number;
  closes: number;
  answer: Script;
  probeAnswer: () => Outcome | Promise<Outcome>;
}

export const TAKEN: Outcome = { kind: 'ok', grade: 'accepted' };
export const SETTLES: Outcome = { kind: 'ok', grade: 'peer-read', finalAfterMs: 1_000 };
export const RETRY: Outcome = { kind: 'retry', why: 'busy' };
export const REJECT: Outcome = { kind: 'reject', why: 'no', code: '400' };
export const BLOCKED: Outcome = { kind: 'blocked', why: 'auth', detail: 'refused' };

/** A destination without a network: it says what the test wants. */
export function createScriptedSink(caps: Partial<SinkCaps> = {}): ScriptedSink {
  const sink: ScriptedSink = {
    place: { name: 'siem:443', transport: 'https' },
    caps: {
      maxRecordBytes: 1_000,
      maxBatchBytes: 1_000_000,
      maxBatchRecords: 10,
      maxBatchWaitMs: 1_000,
      concurrency: 1,
      perRecord: false,
      grade: 'accepted',
      ...caps,
    },
    sent: [],
    batchIds: [],
    probes: 0,
    closes: 0,
    answer: () => TAKEN,
    probeAnswer: () => TAKEN,
    encode: (record) => ({ id: record.key, record, bytes: Buffer.from(record.raw), truncated: false }),
    seal: (records) => sealBatch(records),
    async send(batch: SealedBatch, signal: AbortSignal) {
      const ids = batch.records.map(({ id }) => id);
      sink.sent.push(ids);
      sink.batchIds.push(batch.id);
      const answer = await sink.answer(ids, signal);
      return 'kind' in answer ? ids.map(() => answer) : answer;
    },
    async probe() {
      sink.probes += 1;
      return sink.probeAnswer();
    },
    async close() {
      sink.closes += 1;
    },
  };
  return sink;
}
