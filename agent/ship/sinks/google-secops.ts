import { z } from 'zod';
import { isTransportAllowed, urlOption } from '../../model/http-url.ts';
import type { RenderableRec } from '../../model/record.ts';
import { secretReference } from '../../model/secret.ts';
import type { Sink } from '../../model/sink.ts';
import type { SinkDeps } from '../destination.ts';
import { createTokenCredentials, type TokenRequest } from '../http/access-token.ts';
import { type Credentials, readSecretText } from '../http/credentials.ts';
import { arrivalOf, facetsOf } from '../http/facets.ts';
import { createHttpSink } from '../http/http-sink.ts';
import { encodeJsonWithin, joinJson } from '../http/json-body.ts';
import { CLEAR_TEXT, httpOptions } from '../http/options.ts';
import { serviceAccountRequest } from '../http/service-account.ts';

const API_VERSION = 'v1alpha';
const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';

const name = z.string().regex(/^[\w.-]{1,100}$/, { error: 'must be a name or an id' });

export const googleSecopsOptions = httpOptions({ maxRecords: 1_000, maxBytes: 1_000_000, maxWaitMs: 2_000 })
  .extend({
    type: z.literal('google-secops').describe('Import of raw logs by the Chronicle API of Google SecOps'),
    project: name.describe('Google Cloud project that is linked with the instance'),
    location: name.describe('Region of the instance, such as us or europe'),
    instance: name.describe('Customer id of the instance'),
    forwarder: name.describe('Id of the forwarder that the logs are booked on'),
    logType: z
      .string()
      .regex(/^[A-Z0-9_]{1,100}$/, { error: 'must be a log type such as GUARDDUTY' })
      .default('GUARDDUTY')
      .describe('Selects the parser'),
    namespace: z.string().min(1).max(100).exactOptional().describe('Environment namespace of the logs'),
    serviceAccount: secretReference.describe('Reference to the key file (JSON) of a service account'),
    url: urlOption.exactOptional().describe('Address of the API; absent: that of the location'),
    tokenUrl: urlOption.default('https://oauth2.googleapis.com/token').describe('Where tokens come from'),
  })
  .refine(({ url, ...options }) => url === undefined || isTransportAllowed({ url, ...options }), CLEAR_TEXT)
  .refine(({ tokenUrl: url, insecureTransport }) => isTransportAllowed({ url, insecureTransport }), {
    ...CLEAR_TEXT,
  });

type GoogleSecopsOptions = z.infer<typeof googleSecopsOptions>;

/** Raw logs for the parser of Google SecOps. */
export function createGoogleSecopsSink(options: GoogleSecopsOptions, deps: SinkDeps): Sink {
  const { project, location, instance, forwarder, logType } = options;
  const parent = `projects/${project}/locations/${location}/instances/${instance}`;
  const origin = options.url ?? `https://${location}-chronicle.googleapis.com`;
  const before = `{"inlineSource":{"forwarder":"${parent}/forwarders/${forwarder}","logs":[`;
  return createHttpSink(
    options,
    {
      url: new URL(`/${API_VERSION}/${parent}/logTypes/${logType}/logs:import`, origin),
      credentials: serviceAccount(options, deps),
      grade: 'accepted',
      successStatuses: [200],
      encode: (record, maxBytes) =>
        encodeJsonWithin(record, maxBytes, deps.render, (text) => logOf(record, text, options.namespace)),
      join: (records) => joinJson(records, before, ']}}'),
      headers: () => ({ 'content-type': 'application/json' }),
    },
    deps,
  );
}

function logOf(record: RenderableRec, text: string, environmentNamespace: string | undefined): string {
  const { customer, account, region, kind } = facetsOf(record);
  const labels = Object.entries({ customer, account, region, kind }).filter(([, value]) => value !== '');
  return JSON.stringify({
    data: Buffer.from(text).toString('base64'),
    logEntryTime: new Date(record.time).toISOString(),
    // The API wants it after the time of the entry.
    collectionTime: new Date(Math.max(arrivalOf(record), record.time + 1)).toISOString(),
    labels: Object.fromEntries(labels.map(([key, value]) => [key, { value }])),
    ...(environmentNamespace !== undefined && { environmentNamespace }),
  });
}

function serviceAccount(options: GoogleSecopsOptions, deps: SinkDeps): Credentials {
  const url = new URL(options.tokenUrl);
  async function request(): Promise<TokenRequest> {
    const key = await readSecretText(options.serviceAccount, deps.readSecret);
    return serviceAccountRequest({ key, audience: url.href, scope: SCOPE, nowMs: deps.clock.now() });
  }
  return createTokenCredentials({ url, request }, options, deps);
}
