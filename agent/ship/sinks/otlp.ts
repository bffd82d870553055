import { z } from 'zod';
import { authOptions, headerValues } from '../../model/header-options.ts';
import { isTransportAllowed, urlOption } from '../../model/http-url.ts';
import { isJsonObject, jsonOf } from '../../model/json.ts';
import type { RenderableRec } from '../../model/record.ts';
import type { Sink } from '../../model/sink.ts';
import type { SinkDeps } from '../destination.ts';
import type { Verdict } from '../http/answer.ts';
import { createCredentials } from '../http/credentials.ts';
import { arrivalOf, facetsOf } from '../http/facets.ts';
import { createHttpSink } from '../http/http-sink.ts';
import { encodeJsonWithin, joinJson } from '../http/json-body.ts';
import { CLEAR_TEXT, httpOptions, withPath } from '../http/options.ts';
import type { Answer } from '../wire/http-client.ts';
import { syslogSeverity } from '../wire/severity.ts';

const LOGS_PATH = '/v1/logs';

/** OpenTelemetry's numbers and words for what syslog calls critical, error, warning, notice and informational. */
const SEVERITY = {
  2: [21, 'FATAL'],
  3: [17, 'ERROR'],
  4: [13, 'WARN'],
  5: [10, 'INFO2'],
  6: [9, 'INFO'],
} as const;

export const otlpOptions = httpOptions({ maxRecords: 1_000, maxBytes: 4_194_304, maxWaitMs: 2_000 })
  .extend({
    type: z.literal('otlp').describe('Logs over OTLP/HTTP, in JSON'),
    url: urlOption.describe(`Address of the receiver; ${LOGS_PATH} is added where it has no path`),
    auth: authOptions.exactOptional(),
    resource: z
      .record(z.string().min(1).max(255), z.string().max(1_024))
      .default({ 'service.name': 'guardrelay' })
      .describe('Attributes of the resource'),
  })
  .refine(isTransportAllowed, CLEAR_TEXT);

type OtlpOptions = z.infer<typeof otlpOptions>;

/** Log records by the OpenTelemetry protocol; the text is the body, what may be indexed its attributes. */
export function createOtlpSink(options: OtlpOptions, deps: SinkDeps): Sink {
  const url = withPath(options.url, LOGS_PATH);
  const resource = JSON.stringify({ attributes: attributesOf(options.resource) });
  const before = `{"resourceLogs":[{"resource":${resource},"scopeLogs":[{"scope":{"name":"guardrelay"},"logRecords":[`;
  return createHttpSink(
    options,
    {
      url,
      credentials: createCredentials({ values: headerValues(options), readSecret: deps.readSecret }),
      grade: 'accepted',
      successStatuses: [200],
      encode: (record, maxBytes) =>
        encodeJsonWithin(record, maxBytes, deps.render, (text) => logRecord(record, text)),
      join: (records) => joinJson(records, before, ']}]}]}'),
      headers: () => ({ 'content-type': 'application/json' }),
      verdict,
    },
    deps,
  );
}

/**
 * A receiver may take a request and throw some of its records away; it tells how many, not which. So the batch is
 * halved as if all were refused, until those stand alone: the others then arrive more than once, but none is lost.
 */
function verdict({ status, text }: Answer): Verdict | undefined {
  return status === 200 && rejectedRecords(text) > 0 ? 'reject' : undefined;
}

function rejectedRecords(text: string): number {
  const answer = jsonOf(text);
  const partial = isJsonObject(answer) ? answer.partialSuccess : undefined;
  // 64-bit integers are strings in the JSON of Protocol Buffers.
  return isJsonObject(partial) ? Number(partial.rejectedLogRecords ?? 0) : 0;
}

function logRecord(record: RenderableRec, text: string): string {
  const [severityNumber, severityText] = SEVERITY[syslogSeverity(record)];
  const { id, kind, customer, account, region, type } = facetsOf(record);
  return JSON.stringify({
    timeUnixNano: nanoseconds(record.time),
    observedTimeUnixNano: nanoseconds(arrivalOf(record)),
    severityNumber,
    severityText,
    body: { stringValue: text },
    attributes: attributesOf({
      'log.record.uid': id,
      'cloud.provider': 'aws',
      'cloud.account.id': account,
      'cloud.region': region,
      'guardrelay.customer': customer,
      'guardrelay.kind': kind,
      ...(type !== undefined && { 'guardrelay.type': type }),
    }),
  });
}

function attributesOf(values: Readonly<Record<string, string>>) {
  return Object.entries(values)
    .filter(([, value]) => value !== '')
    .map(([key, stringValue]) => ({ key, value: { stringValue } }));
}

/** 64-bit integers are strings in the JSON of Protocol Buffers. */
function nanoseconds(timeMs: number): string {
  return `${Math.trunc(timeMs)}000000`;
}
