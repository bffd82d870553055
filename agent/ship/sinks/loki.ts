import { z } from 'zod';

import type { EncodedRecord } from '../../model/batch.ts';
import { authOptions, headerValues } from '../../model/header-options.ts';
import { isTransportAllowed, urlOption } from '../../model/http-url.ts';
import { customerOf, type RenderableRec } from '../../model/record.ts';
import type { Sink } from '../../model/sink.ts';
import type { SinkDeps } from '../destination.ts';
import { createCredentials } from '../http/credentials.ts';
import { arrivalOf, facetsOf } from '../http/facets.ts';
import { createHttpSink } from '../http/http-sink.ts';
import { encodeJson, joinJson } from '../http/json-body.ts';
import { CLEAR_TEXT, httpOptions, withPath } from '../http/options.ts';
import type { Answer } from '../wire/http-client.ts';

/** Loki refuses longer lines by default (`max_line_size`). */
const MAX_LINE_BYTES = 262_144;
/** Loki accepts what is an hour behind the newest line of a stream (half of `max_chunk_age`). */
const SURELY_TAKEN_MS = 30 * 60_000;
const PUSH_PATH = '/loki/api/v1/push';
/** How Loki says that a time is too old for the stream or for the tenant. */
const TOO_OLD = /too far behind|out of order|timestamp too old|greater than max sample age/i;

const labelName = z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]{0,63}$/, { error: 'must be the name of a label' });

export const lokiOptions = httpOptions({ maxRecords: 1_000, maxBytes: 1_048_576, maxWaitMs: 2_000 })
  .extend({
    type: z.literal('loki').describe('Push API of Grafana Loki'),
    url: urlOption.describe(`Address of Loki; ${PUSH_PATH} is added where it has no path`),
    auth: authOptions.exactOptional(),
    tenant: z
      .string()
      .regex(/^[\w!.*'()-]{1,150}$/, { error: 'must be the id of a tenant' })
      .exactOptional()
      .describe('X-Scope-OrgID, where Loki serves several tenants'),
    labels: z
      .record(labelName, z.string().min(1).max(1_024))
      .default({ service_name: 'guardduty' })
      .describe('Labels of every stream, beside customer, account and region'),
    structuredMetadata: z
      .boolean()
      .default(true)
      .describe('Whether a line carries its id, kind and type; Loki before 3.0 refuses that'),
    time: z
      .enum(['arrival', 'event'])
      .default('arrival')
      .describe(
        'Time of a line. arrival: when CloudWatch Logs got it. event: when it happened; Loki refuses times that are an hour behind the newest of a stream',
      ),
  })
  .refine(isTransportAllowed, CLEAR_TEXT);

type LokiOptions = z.infer<typeof lokiOptions>;

/** One line per record, a stream for each customer, account and region. */
export function createLokiSink(options: LokiOptions, deps: SinkDeps): Sink {
  const { id: destination } = options;
  const url = withPath(options.url, PUSH_PATH);
  const headers = {
    'content-type': 'application/json',
    ...(options.tenant !== undefined && { 'x-scope-orgid': options.tenant }),
  };
  const timeOf = options.time === 'event' ? (record: RenderableRec) => record.time : arrivalOf;

  function encodeAt(record: RenderableRec, maxBytes: number, timeMs: number): EncodedRecord {
    const metadata = options.structuredMetadata ? `,${metadataOf(record)}` : '';
    const nanoseconds = `${Math.trunc(timeMs)}000000`;
    const rendered = deps.render(record, Math.min(maxBytes, MAX_LINE_BYTES));
    return encodeJson(record, rendered, (text) => `["${nanoseconds}",${JSON.stringify(text)}${metadata}]`);
  }

  /**
   * What Loki refuses because of its time comes again with the time of now: late is better than lost. It has taken
   * the rest of the batch, and what comes again with its old time does not stand there twice.
   */
  function instead(records: readonly EncodedRecord[], rejection?: Answer) {
    if (!rejection || !TOO_OLD.test(rejection.text)) return undefined;
    const nowMs = deps.clock.now();
    deps.logger.warn('Loki takes no lines so old; they are sent with the time of now', { destination });
    return records.map((known) => {
      const isOld = timeOf(known.record) < nowMs - SURELY_TAKEN_MS;
      return isOld ? encodeAt(known.record, options.batch.maxBytes, nowMs) : known;
    });
  }

  return createHttpSink(
    options,
    {
      url,
      credentials: createCredentials({ values: headerValues(options), readSecret: deps.readSecret }),
      grade: 'accepted',
      // Loki can be told to answer 260 for what it has thrown away, so not every 2xx is a success.
      successStatuses: [200, 204],
      encode: (record, maxBytes) => encodeAt(record, maxBytes, timeOf(record)),
      join: (records) => pushOf(records, options.labels),
      headers: () => headers,
      instead,
    },
    deps,
  );
}

function metadataOf(record: RenderableRec): string {
  const { id, kind, type } = facetsOf(record);
  return JSON.stringify({ id, kind, ...(type !== undefined && { type }) });
}

/** The body: the lines by stream. */
function pushOf(records: readonly EncodedRecord[], labels: Readonly<Record<string, string>>): Buffer {
  const streams = Map.groupBy(records, ({ record }) => labelsOf(record, labels));
  const bodies = [...streams].map(([stream, lines]) =>
    joinJson(lines, `{"stream":${stream},"values":[`, ']}'),
  );
  const parts = bodies.flatMap((body, index) => (index === 0 ? [body] : [Buffer.from(','), body]));
  return Buffer.concat([Buffer.from('{"streams":['), ...parts, Buffer.from(']}')]);
}

/** An empty label is none to Loki. */
function labelsOf(record: RenderableRec, labels: Readonly<Record<string, string>>): string {
  const { account, region } = record;
  const own = { customer: customerOf(record), account, region };
  return JSON.stringify({
    ...labels,
    ...Object.fromEntries(Object.entries(own).filter(([, value]) => value)),
  });
}
