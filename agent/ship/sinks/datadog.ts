import { z } from 'zod';

import type { EncodedRecord } from '../../model/batch.ts';
import { headerValues } from '../../model/header-options.ts';
import { isTransportAllowed, urlOption } from '../../model/http-url.ts';
import type { RenderableRec } from '../../model/record.ts';
import { secretReference } from '../../model/secret.ts';
import type { Sink } from '../../model/sink.ts';
import type { SinkDeps } from '../destination.ts';
import { createCredentials } from '../http/credentials.ts';
import { facetsOf } from '../http/facets.ts';
import { createHttpSink } from '../http/http-sink.ts';
import { encodeJsonWithin, joinJson } from '../http/json-body.ts';
import { CLEAR_TEXT, httpOptions, withPath } from '../http/options.ts';

const LOGS_PATH = '/api/v2/logs';
/** A longer log is cut, and the answer still says that it was taken. */
const MAX_LOG_BYTES = 1_000_000;
/** Datadog drops a log whose date is older than 18 hours, and says that it was taken; an hour for the way there. */
const OLDEST_MS = 17 * 3_600_000;
const LATE = 'late: ';
/** Datadog makes an underscore of whatever a tag cannot hold; but a comma would begin another tag. */
const NOT_IN_TAG = /[^\w.:/-]/g;

export const datadogOptions = httpOptions({ maxRecords: 1_000, maxBytes: 5_000_000, maxWaitMs: 2_000 })
  .extend({
    type: z.literal('datadog').describe('Logs intake of Datadog'),
    site: z
      .string()
      .regex(/^[a-z0-9.-]{3,100}$/, { error: 'must be a site such as datadoghq.com or datadoghq.eu' })
      .default('datadoghq.com')
      .describe('Site of the organization'),
    url: urlOption.exactOptional().describe('Address of a proxy of yours instead of the intake of the site'),
    apiKey: secretReference.describe('Reference to the API key'),
    source: z.string().min(1).max(100).default('guardduty').describe('ddsource; selects the pipeline'),
    service: z.string().min(1).max(100).default('guardduty').describe('service'),
    tags: z
      .record(z.string().regex(/^[a-z][\w./-]{0,99}$/i), z.string().regex(/^[\w./-]{0,100}$/))
      .default({})
      .describe('Tags beside customer, account_id, region and kind'),
  })
  .refine(({ url, ...options }) => url === undefined || isTransportAllowed({ url, ...options }), CLEAR_TEXT);

type DatadogOptions = z.infer<typeof datadogOptions>;

/** Records as messages of Datadog's logs intake. */
export function createDatadogSink(options: DatadogOptions, deps: SinkDeps): Sink {
  const url = withPath(options.url ?? `https://http-intake.logs.${options.site}`, LOGS_PATH);
  const values = {
    ...headerValues(options),
    'dd-api-key': (read: SinkDeps['readSecret']) => read(options.apiKey),
  };

  function encode(record: RenderableRec, maxBytes: number, prefix = ''): EncodedRecord {
    const { source: ddsource, service } = options;
    const ddtags = tagsOf(record, options.tags);
    return encodeJsonWithin(record, maxBytes, deps.render, (text) =>
      JSON.stringify({ message: `${prefix}${text}`, ddsource, service, ddtags }),
    );
  }

  /** A text that is no JSON has no date that Datadog could read, so that a late record gets the date of now. */
  function instead(records: readonly EncodedRecord[]): readonly EncodedRecord[] | undefined {
    const oldestAt = deps.clock.now() - OLDEST_MS;
    const isLate = ({ record }: EncodedRecord): boolean => record.time < oldestAt;
    if (!records.some(isLate)) return undefined;
    return records.map((known) => (isLate(known) ? encode(known.record, roomFor(known), LATE) : known));
  }

  return createHttpSink(
    options,
    {
      url,
      credentials: createCredentials({ values, readSecret: deps.readSecret }),
      grade: 'accepted',
      successStatuses: [202],
      maxRecordBytes: MAX_LOG_BYTES,
      encode: (record, maxBytes) => encode(record, maxBytes),
      join: (records) => joinJson(records, '[', ']'),
      headers: () => ({ 'content-type': 'application/json' }),
      instead,
    },
    deps,
  );
}

/** What was shortened stays short. */
function roomFor({ bytes }: EncodedRecord): number {
  return Math.min(bytes.length + LATE.length, MAX_LOG_BYTES);
}

function tagsOf(record: RenderableRec, tags: Readonly<Record<string, string>>): string {
  const { customer, account, region, kind } = facetsOf(record);
  const all = { ...tags, customer, account_id: account, region, kind };
  return Object.entries(all)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}:${value.replaceAll(NOT_IN_TAG, '_')}`)
    .join(',');
}
