import type { EncodedRecord, SealedBatch } from '../../model/batch.ts';
import type { Grade, Outcome } from '../../model/outcome.ts';
import type { RenderableRec } from '../../model/record.ts';
import type { Sink, SinkCaps, SinkPlace } from '../../model/sink.ts';
import { authorityOf, hostOf, portOf } from '../../model/url.ts';
import type { SinkDeps } from '../destination.ts';
import { forEachRecord, sealBatch } from '../seal.ts';
import { outcomeOf } from '../wire/fault.ts';
import { type Answer, createHttpClient, type HttpClient } from '../wire/http-client.ts';
import { outcomeOfAnswer, type Verdict, verdictOf } from './answer.ts';
import { type ConcurrencyLimit, createConcurrencyLimit } from './concurrency-limit.ts';
import type { Credentials, Headers } from './credentials.ts';
import type { HttpOptions } from './options.ts';
import { createPoster, type Poster } from './poster.ts';
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
  /** Most of an answer that is read; absent: 1 MB. */
  readonly maxAnswerBytes?: number;
  /** One record as it stands in a body, shrunk to `maxBytes`. Pure. */
  encode(record: RenderableRec, maxBytes: number): EncodedRecord;
  /** The body of these records, which may be none. Pure. */
  join(records: readonly EncodedRecord[]): Buffer;
  /** Headers of one request besides credentials and compression. */
  headers(batch: SealedBatch): Headers;
  /**
   * Other forms of these records to post in their place, not much larger: before each post, and once after a
   * rejection, which is then given. Undefined: these.
   */
  instead?(records: readonly EncodedRecord[], rejection?: Answer): readonly EncodedRecord[] | undefined;
  /** What an answer means where its status alone does not say it; undefined: what the status says. */
  verdict?(answer: Answer): Verdict | undefined;
  /** What became of the records of a batch that was taken; absent: all were acknowledged with `grade`. */
  taken?(
    exchange: Exchange,
    signal: AbortSignal,
  ): readonly Outcome[] | Outcome | Promise<readonly Outcome[] | Outcome>;
  /** What an answer that rejects a batch, or a probe, says beyond that; absent or undefined: `rejection` for all. */
  rejected?(exchange: Exchange, rejection: Outcome, signal: AbortSignal): Told | Promise<Told>;
}

type Told = readonly Outcome[] | Outcome | undefined;

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
  return new HttpSink(options, dialect, deps);
}

class HttpSink implements Sink {
  readonly place: SinkPlace;
  readonly caps: SinkCaps;
  readonly #dialect: HttpDialect;
  readonly #deps: SinkDeps;
  readonly #destination: string;
  readonly #client: HttpClient;
  readonly #poster: Poster;
  readonly #limit: ConcurrencyLimit;
  #maxBatchBytes: number;

  constructor(options: HttpOptions, dialect: HttpDialect, deps: SinkDeps) {
    const { tls, maxConcurrency: connections, compression, batch } = options;
    const { url, credentials, maxAnswerBytes } = dialect;
    const proxy = proxyOf(url, { option: options.proxy, ...deps });
    this.#dialect = dialect;
    this.#deps = deps;
    this.#destination = options.id;
    this.#client = createHttpClient({ url, tls, connections, proxy, maxAnswerBytes }, deps);
    this.#limit = createConcurrencyLimit(connections);
    this.#maxBatchBytes = batch.maxBytes;
    this.#poster = createPoster({
      ...{ client: this.#client, url, credentials, compression },
      bodyOf: ({ records }) => dialect.join(records),
      verdict: (answer) => this.#verdict(answer),
    });
    this.place = placeOf(url);
    this.caps = this.#capsOf(options);
  }

  encode(record: RenderableRec): EncodedRecord {
    return this.#dialect.encode(record, this.caps.maxRecordBytes);
  }

  seal(records: readonly EncodedRecord[]): SealedBatch {
    return sealBatch(records, this.#dialect.join(records), this.#poster.compress);
  }

  async send(batch: SealedBatch, signal: AbortSignal): Promise<readonly Outcome[]> {
    const outcome = await this.#attempt(batch, signal);
    return 'kind' in outcome ? forEachRecord(batch, outcome) : outcome;
  }

  /** A post without a record: the same way and the same credentials. */
  async probe(signal: AbortSignal): Promise<Outcome> {
    const outcome = await this.#attempt(this.seal([]), signal);
    const isTaken = !('kind' in outcome) || outcome.kind === 'reject';
    return isTaken ? { kind: 'ok', grade: this.#dialect.grade } : outcome;
  }

  async close(deadlineMs: number): Promise<void> {
    await Promise.all([this.#client.close(deadlineMs), this.#dialect.credentials.close?.(deadlineMs)]);
  }

  /** Two of them move while the destination is used. */
  #capsOf({ batch }: HttpOptions): SinkCaps {
    const { maxRecordBytes = batch.maxBytes, perRecord = false, grade } = this.#dialect;
    const maxBatchBytes = (): number => this.#maxBatchBytes;
    const concurrency = (): number => this.#limit.current;
    return {
      maxRecordBytes: Math.min(maxRecordBytes, batch.maxBytes),
      get maxBatchBytes() {
        return maxBatchBytes();
      },
      maxBatchRecords: batch.maxRecords,
      maxBatchWaitMs: batch.maxWaitMs,
      get concurrency() {
        return concurrency();
      },
      perRecord,
      grade,
    };
  }

  #verdict(answer: Answer): Verdict {
    return this.#dialect.verdict?.(answer) ?? verdictOf(answer, this.#dialect.successStatuses);
  }

  async #attempt(batch: SealedBatch, signal: AbortSignal): Promise<readonly Outcome[] | Outcome> {
    const ticket = this.#limit.start();
    try {
      const exchange = await this.#post(batch, signal);
      if (isThrottling(exchange.answer)) this.#limit.throttled(ticket);
      else this.#limit.succeeded();
      const outcome = await this.#judge(exchange, signal);
      if (isTakenInPart(outcome)) this.#limit.throttled(ticket);
      return outcome;
    } catch (error) {
      this.#limit.throttled(ticket);
      return outcomeOf(error, this.#client.name);
    }
  }

  async #judge(exchange: Exchange, signal: AbortSignal): Promise<readonly Outcome[] | Outcome> {
    const { credentials, grade, taken, rejected } = this.#dialect;
    const verdict = this.#verdict(exchange.answer);
    const means = verdict === 'reject' && isRefusedAtTheDoor(exchange) ? 'config' : verdict;
    if (means === 'success') return (await taken?.(exchange, signal)) ?? { kind: 'ok', grade };
    const asked = { name: this.#client.name, nowMs: this.#deps.clock.now(), mask: credentials.mask };
    const outcome = outcomeOfAnswer(means, exchange.answer, asked);
    if (means !== 'reject') return outcome;
    return (await rejected?.(exchange, outcome, signal)) ?? outcome;
  }

  async #post(batch: SealedBatch, signal: AbortSignal): Promise<Exchange> {
    const first = await this.#postOnce(this.#instead(batch) ?? batch, signal);
    const means = this.#verdict(first.answer);
    if (means === 'too-large') return (await this.#postSmaller(batch, signal)) ?? first;
    const other = means === 'reject' ? this.#instead(batch, first.answer) : undefined;
    return other ? this.#postOnce(other, signal) : first;
  }

  #instead({ records }: SealedBatch, answer?: Answer): SealedBatch | undefined {
    const others = this.#dialect.instead?.(records, answer);
    return others && this.seal(others);
  }

  async #postOnce(batch: SealedBatch, signal: AbortSignal): Promise<Exchange> {
    const headers = this.#dialect.headers(batch);
    const answer = await this.#poster.post(batch, headers, signal);
    return { batch, headers, answer, client: this.#client };
  }

  async #postSmaller(batch: SealedBatch, signal: AbortSignal): Promise<Exchange | undefined> {
    const [first, second] = batch.records;
    if (!first) return undefined;
    if (!second) return this.#postShortened(first, signal);
    // The engine halves this batch; the next ones are made smaller at once.
    const maxBatchBytes = Math.min(this.#maxBatchBytes, Math.ceil(batch.bytes / 2));
    this.#maxBatchBytes = maxBatchBytes;
    const { logger } = this.#deps;
    logger.info('the destination takes only smaller batches', {
      destination: this.#destination,
      maxBatchBytes,
    });
    return undefined;
  }

  /** One record that is too large for the receiver: ever smaller texts of it. */
  async #postShortened(record: EncodedRecord, signal: AbortSignal): Promise<Exchange | undefined> {
    const { id: key } = record;
    for (let bytes = record.bytes.length >> 1; bytes >= MIN_RECORD_BYTES; bytes >>= 1) {
      const smaller = this.seal([this.#dialect.encode(record.record, bytes)]);
      const exchange = await this.#postOnce(this.#instead(smaller) ?? smaller, signal);
      if (this.#verdict(exchange.answer) === 'too-large') continue;
      const { logger } = this.#deps;
      logger.warn('a record was shortened for the destination', {
        ...{ destination: this.#destination, key, bytes },
      });
      return exchange;
    }
    return undefined;
  }
}

function placeOf(url: URL): SinkPlace {
  const name = authorityOf(hostOf(url), portOf(url));
  return { name, transport: url.protocol === 'https:' ? 'https' : 'http' };
}

/**
 * No record was there that could be at fault, and a page is the word of something in between: nginx says by one that
 * it wants a client certificate.
 */
function isRefusedAtTheDoor({ batch, answer }: Exchange): boolean {
  return batch.records.length === 0 && answer.contentType.startsWith('text/html');
}

function isThrottling({ status }: Answer): boolean {
  return status === 429 || status === 503;
}

/** Some records of a batch that arrived could not be taken now. */
function isTakenInPart(outcome: readonly Outcome[] | Outcome): boolean {
  return !('kind' in outcome) && outcome.some(({ kind }) => kind === 'retry');
}
