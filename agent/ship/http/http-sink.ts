import type { EncodedRecord, SealedBatch } from '../../model/batch.ts';
import type { Grade, Outcome } from '../../model/outcome.ts';
import type { RenderableRec } from '../../model/record.ts';
import type { Sink } from '../../model/sink.ts';
import type { SinkDeps } from '../destination.ts';
import { forEachRecord, sealBatch } from '../seal.ts';
import { outcomeOf } from '../wire/fault.ts';
import { type Answer, createHttpClient, type HttpClient } from '../wire/http-client.ts';
import { outcomeOfAnswer, type Verdict, verdictOf } from './answer.ts';
import { createConcurrencyLimit } from './concurrency-limit.ts';
import type { Credentials, Headers } from './credentials.ts';
import type { HttpOptions } from './options.ts';
import { createPoster } from './poster.ts';
import { proxyOf } from './proxy.ts';

/** A record is not shrunk below this: less does not hold what a search needs of a finding. */
const MIN_RECORD_BYTES = 2_048;

/** How one kind of HTTP destination is spoken to. */
export interface HttpDialect {
  readonly url: URL;
  readonly credentials: Credentials;
  readonly grade: Grade;
  /** The answer names single records. */
  readonly perRecord?: boolean;
  /** Statuses that say that the batch was taken. */
  readonly successStatuses: readonly number[];
  /** Limit of one record; absent: of a batch. */
  readonly maxRecordBytes?: number;
  /** One record as it stands in a body, shrunk to `maxBytes`. Pure. */
  encode(record: RenderableRec, maxBytes: number): EncodedRecord;
  /** The body of these records, which may be none. Pure. */
  join(records: readonly EncodedRecord[]): Buffer;
  /** Headers of one request besides credentials and compression. */
  headers(batch: SealedBatch): Headers;
  /** What an answer means where its status alone does not say it; undefined: what the status says. */
  verdict?(answer: Answer): Verdict | undefined;
  /** What became of the records of a batch that was taken; absent: all were acknowledged with `grade`. */
  taken?(
    exchange: Exchange,
    signal: AbortSignal,
  ): readonly Outcome[] | Outcome | Promise<readonly Outcome[] | Outcome>;
}

/** A batch and its answer. */
export interface Exchange {
  readonly batch: SealedBatch;
  readonly answer: Answer;
  /** What `headers` gave for this request. */
  readonly headers: Headers;
  /** For questions about the batch. */
  readonly client: HttpClient;
}

/** A destination of batches over HTTP: sizes, retries, concurrency and credentials are alike for all dialects. */
export function createHttpSink(options: HttpOptions, dialect: HttpDialect, deps: SinkDeps): Sink {
  const { clock, logger } = deps;
  const { id: destination, tls, maxConcurrency: connections } = options;
  const { url, credentials, grade } = dialect;
  const proxy = proxyOf(url, { option: options.proxy, ...deps });
  const client = createHttpClient({ url, tls, connections, proxy }, deps);
  const limit = createConcurrencyLimit(options.maxConcurrency);
  const maxRecordBytes = Math.min(dialect.maxRecordBytes ?? options.batch.maxBytes, options.batch.maxBytes);
  let maxBatchBytes = options.batch.maxBytes;
  const poster = createPoster({
    ...{ client, url, credentials, verdict },
    compression: options.compression,
    bodyOf: (batch) => dialect.join(batch.records),
  });

  function verdict(answer: Answer): Verdict {
    return dialect.verdict?.(answer) ?? verdictOf(answer, dialect.successStatuses);
  }

  function seal(records: readonly EncodedRecord[]): SealedBatch {
    return sealBatch(records, dialect.join(records), poster.compress);
  }

  async function post(batch: SealedBatch, signal: AbortSignal): Promise<Exchange> {
    const headers = dialect.headers(batch);
    return { batch, headers, client, answer: await poster.post(batch, headers, signal) };
  }

  async function postFitting(batch: SealedBatch, signal: AbortSignal): Promise<Exchange> {
    const exchange = await post(batch, signal);
    if (verdict(exchange.answer) !== 'too-large') return exchange;
    const [first, second] = batch.records;
    if (first && !second) return (await postSmaller(first, signal)) ?? exchange;
    // The engine halves this batch; the next ones are made smaller at once.
    maxBatchBytes = Math.min(maxBatchBytes, Math.ceil(batch.bytes / 2));
    logger.info('the destination takes only smaller batches', { destination, maxBatchBytes });
    return exchange;
  }

  /** One record that is too large for the receiver: ever smaller texts of it. */
  async function postSmaller(record: EncodedRecord, signal: AbortSignal): Promise<Exchange | undefined> {
    for (let bytes = record.bytes.length >> 1; bytes >= MIN_RECORD_BYTES; bytes >>= 1) {
      const exchange = await post(seal([dialect.encode(record.record, bytes)]), signal);
      if (verdict(exchange.answer) === 'too-large') continue;
      logger.warn('a record was shortened for the destination', { destination, key: record.id, bytes });
      return exchange;
    }
    return undefined;
  }

  async function attempt(batch: SealedBatch, signal: AbortSignal): Promise<readonly Outcome[] | Outcome> {
    const ticket = limit.start();
    try {
      const exchange = await postFitting(batch, signal);
      const means = verdict(exchange.answer);
      if (isThrottling(exchange.answer)) limit.throttled(ticket);
      else limit.succeeded();
      if (means !== 'success') return outcomeOfAnswer(means, exchange.answer, asked());
      return (await dialect.taken?.(exchange, signal)) ?? { kind: 'ok', grade };
    } catch (error) {
      return outcomeOf(error, client.name);
    }
  }

  function asked() {
    return { name: client.name, nowMs: clock.now(), mask: credentials.mask };
  }

  return {
    caps: {
      maxRecordBytes,
      get maxBatchBytes() {
        return maxBatchBytes;
      },
      maxBatchRecords: options.batch.maxRecords,
      maxBatchWaitMs: options.batch.maxWaitMs,
      get concurrency() {
        return limit.current;
      },
      perRecord: dialect.perRecord ?? false,
      grade,
    },
    encode: (record) => dialect.encode(record, maxRecordBytes),
    seal,
    async send(batch, signal) {
      const outcome = await attempt(batch, signal);
      return 'kind' in outcome ? forEachRecord(batch, outcome) : outcome;
    },
    /** A post without a record: the same way and the same credentials. */
    async probe(signal) {
      const outcome = await attempt(seal([]), signal);
      const isTaken = !('kind' in outcome) || outcome.kind === 'reject';
      return isTaken ? { kind: 'ok', grade } : outcome;
    },
    close: (deadlineMs) => client.close(deadlineMs),
  };
}

function isThrottling({ status }: Answer): boolean {
  return status === 429 || status === 503;
}
