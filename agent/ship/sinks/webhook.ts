import { z } from 'zod';

import type { EncodedRecord } from '../../model/batch.ts';
import type { HeaderValue } from '../../model/header-options.ts';
import { authOptions, headerValues } from '../../model/header-options.ts';
import { isTransportAllowed, urlOption } from '../../model/http-url.ts';
import type { RenderableRec } from '../../model/record.ts';
import type { Sink } from '../../model/sink.ts';
import { signingOption, webhookSignature } from '../../model/webhook-signature.ts';
import type { SinkDeps } from '../destination.ts';
import { createCredentials } from '../http/credentials.ts';
import { createHttpSink, type HttpDialect } from '../http/http-sink.ts';
import { encodeJsonWithin, joinJson, jsonObjectText } from '../http/json-body.ts';
import { CLEAR_TEXT, httpOptions } from '../http/options.ts';
import { joinBytes } from '../seal.ts';
import { encodeMessages } from '../wire/message.ts';

export const webhookOptions = httpOptions({ maxRecords: 1_000, maxBytes: 1_048_576, maxWaitMs: 2_000 })
  .extend({
    type: z.literal('webhook').describe('HTTPS POST of records to any receiver that answers with a status'),
    url: urlOption.describe('Where batches are posted to'),
    auth: authOptions.exactOptional(),
    body: z
      .enum(['ndjson', 'array'])
      .default('ndjson')
      .describe('ndjson: one record per line; array: a JSON array of records'),
    signing: signingOption.exactOptional(),
    successStatuses: z
      .array(z.int().min(200).max(299))
      .min(1)
      .default([200, 201, 202, 203, 204])
      .describe('Only these answers say that the batch was taken'),
  })
  .refine(isTransportAllowed, CLEAR_TEXT);

type WebhookOptions = z.infer<typeof webhookOptions>;

/** HTTPS POST of records, by line or as an array, to any receiver that answers with a status. */
export function createWebhookSink(options: WebhookOptions, deps: SinkDeps): Sink {
  const dialect: HttpDialect = {
    url: new URL(options.url),
    credentials: webhookCredentials(options, deps),
    grade: 'accepted',
    successStatuses: options.successStatuses,
    ...(options.body === 'array' ? arrayBody(deps) : lineBody(deps)),
  };
  return createHttpSink(options, dialect, deps);
}

type Body = Pick<HttpDialect, 'encode' | 'join' | 'headers'>;

function lineBody({ render }: SinkDeps): Body {
  return {
    encode: (record, maxBytes) =>
      encodeMessages(record, render(record, maxBytes), { head: '', framing: 'lf', maxBytes }),
    join: joinBytes,
    headers: ({ id }) => headersOf(id, 'application/x-ndjson'),
  };
}

function arrayBody({ render }: SinkDeps): Body {
  return {
    encode: (record: RenderableRec, maxBytes: number): EncodedRecord =>
      encodeJsonWithin(record, maxBytes, render, jsonObjectText),
    join: (records) => joinJson(records, '[', ']'),
    headers: ({ id }) => headersOf(id, 'application/json'),
  };
}

function headersOf(batchId: string, contentType: string) {
  return { 'content-type': contentType, 'idempotency-key': batchId, 'webhook-id': batchId };
}

function webhookCredentials(options: WebhookOptions, { readSecret, clock }: SinkDeps) {
  const { secrets = [] } = options.signing ?? {};
  const keys = secrets.map((reference, index): [string, HeaderValue] => [
    `${KEY}${index}`,
    (read) => read(reference),
  ]);
  return createCredentials({
    values: { ...headerValues(options), ...Object.fromEntries(keys) },
    readSecret,
    sign(values, request) {
      const entries = Object.entries(values);
      const headers = Object.fromEntries(entries.filter(([name]) => !name.startsWith(KEY)));
      const used = entries.filter(([name]) => name.startsWith(KEY)).map(([, secret]) => secret);
      const signed = () => ({ id: request.batchId, body: request.body() });
      return { headers: { ...headers, ...webhookSignature(used, signed, clock.now()) } };
    },
  });
}

/** No header name has a blank in it. */
const KEY = 'signing key ';
