import { z } from 'zod';

import type { EncodedRecord, SealedBatch } from '../../model/batch.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { RenderableRec } from '../../model/record.ts';
import type { Sink } from '../../model/sink.ts';
import { batchOptions, destinationBase, type SinkDeps } from '../destination.ts';
import { authOptions, headerOptions, headerValues } from '../http-headers.ts';
import { forEachRecord, sealBatch } from '../seal.ts';
import { tlsOptions } from '../tls.ts';
import { isForbiddenAddress } from '../wire/address.ts';
import { createConcurrencyLimit } from '../wire/concurrency-limit.ts';
import { createCredentials } from '../wire/credentials.ts';
import { outcomeOf } from '../wire/fault.ts';
import { type Answer, createHttpClient, hostOf } from '../wire/http-client.ts';
import { encodeMessages } from '../wire/message.ts';
import { createPoster } from '../wire/poster.ts';

/** A record is not shrunk below this: less does not hold what a search needs of a finding. */
const MIN_RECORD_BYTES = 2_048;
const CONTENT_TYPE = { 'content-type': 'application/x-ndjson' };

export const webhookOptions = destinationBase
  .extend({
    type: z.literal('webhook').describe('HTTPS POST of newline-delimited records'),
    url: z
      .url({ protocol: /^https?$/, error: 'must be an https:// URL' })
      .refine((url) => !URL.parse(url)?.username, { error: 'must not hold credentials; use auth' })
      .refine((url) => !isForbiddenAddress(hostOf(URL.parse(url))), {
        error: 'link-local and metadata addresses are refused',
      })
      .describe('Where batches are posted to'),
    headers: headerOptions,
    auth: authOptions.exactOptional(),
    compression: z
      .enum(['gzip', 'none'])
      .default('gzip')
      .describe('gzip is switched off by itself when the receiver answers 415'),
    successStatuses: z
      .array(z.int().min(200).max(299))
      .min(1)
      .default([200, 201, 202, 203, 204])
      .describe('Only these answers say that the batch was taken'),
    maxConcurrency: z
      .int()
      .min(1)
      .max(64)
      .default(16)
      .describe('Most requests at once; the number in use grows from 1 and falls on 429 and 503'),
    batch: batchOptions({ maxRecords: 1_000, maxBytes: 1_048_576, maxWaitMs: 2_000 }),
    tls: tlsOptions.prefault({}).describe('Certificates and names; for https'),
    insecureTransport: z
      .boolean()
      .default(false)
      .describe('Must be true for http: findings and credentials then cross the network in clear text'),
  })
  .refine((options) => URL.parse(options.url)?.protocol === 'https:' || options.insecureTransport, {
    path: ['insecureTransport'],
    error: 'http sends findings and credentials in clear text; use https, or set insecureTransport: true',
  });

type WebhookOptions = z.infer<typeof webhookOptions>;

/** HTTPS POST of records, one per line, to any receiver that answers with a status. */
export function createWebhookSink(options: WebhookOptions, deps: SinkDeps): Sink {
  const target = { url: new URL(options.url), tls: options.tls, connections: options.maxConcurrency };
  const client = createHttpClient(target, deps.clock);
  const credentials = createCredentials(headerValues(options), deps.readSecret);
  const { successStatuses, id: destination } = options;
  const { logger } = deps;
  const poster = createPoster({ client, credentials, gzip: options.compression === 'gzip', successStatuses });
  const limit = createConcurrencyLimit(options.maxConcurrency);
  let maxBatchBytes = options.batch.maxBytes;

  function seal(records: readonly EncodedRecord[]): SealedBatch {
    return sealBatch(records, poster.compress);
  }

  function post(batch: SealedBatch, signal: AbortSignal): Promise<Answer> {
    return poster.post(
      batch,
      { ...CONTENT_TYPE, 'idempotency-key': batch.id, 'webhook-id': batch.id },
      signal,
    );
  }

  async function exchange(batch: SealedBatch, signal: AbortSignal): Promise<Answer> {
    const answer = await post(batch, signal);
    if (poster.verdict(answer) !== 'too-large') return answer;
    const [first, second] = batch.records;
    if (first && !second) return (await postSmaller(first, signal)) ?? answer;
    // The engine halves this batch; the next ones are made smaller at once.
    maxBatchBytes = Math.min(maxBatchBytes, Math.ceil(batch.bytes / 2));
    logger.info('the destination takes only smaller batches', { destination, maxBatchBytes });
    return answer;
  }

  /** One record that is too large for the receiver: ever smaller texts of it. */
  async function postSmaller(record: EncodedRecord, signal: AbortSignal): Promise<Answer | undefined> {
    for (let bytes = record.bytes.length >> 1; bytes >= MIN_RECORD_BYTES; bytes >>= 1) {
      const answer = await post(seal([encodeLines(record.record, bytes, deps.render)]), signal);
      if (poster.verdict(answer) === 'too-large') continue;
      logger.warn('a record was shortened for the destination', { destination, key: record.id, bytes });
      return answer;
    }
    return undefined;
  }

  async function attempt(batch: SealedBatch, signal: AbortSignal): Promise<Outcome> {
    const ticket = limit.start();
    try {
      const answer = await exchange(batch, signal);
      if (answer.status === 429 || answer.status === 503) limit.throttled(ticket);
      else limit.succeeded();
      return poster.outcome(answer, deps.clock.now());
    } catch (error) {
      return outcomeOf(error, client.name);
    }
  }

  return {
    caps: {
      maxRecordBytes: options.batch.maxBytes,
      get maxBatchBytes() {
        return maxBatchBytes;
      },
      maxBatchRecords: options.batch.maxRecords,
      maxBatchWaitMs: options.batch.maxWaitMs,
      get concurrency() {
        return limit.current;
      },
      perRecord: false,
      grade: 'accepted',
    },
    encode: (record) => encodeLines(record, options.batch.maxBytes, deps.render),
    seal,
    send: async (batch, signal) => forEachRecord(batch, await attempt(batch, signal)),
    /** An empty POST: the same way and the same credentials, but no record. */
    async probe(signal) {
      const outcome = await attempt(sealBatch([]), signal);
      return outcome.kind === 'reject' ? { kind: 'ok', grade: 'accepted' } : outcome;
    },
    close: (deadlineMs) => client.close(deadlineMs),
  };
}

function encodeLines(record: RenderableRec, maxBytes: number, render: SinkDeps['render']): EncodedRecord {
  return encodeMessages(record, render(record, maxBytes), { head: '', framing: 'lf', maxBytes });
}
