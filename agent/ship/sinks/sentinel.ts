import { z } from 'zod';
import { isTransportAllowed, urlOption } from '../../model/http-url.ts';
import { isJsonObject } from '../../model/json.ts';
import type { RenderableRec } from '../../model/record.ts';
import { secretReference } from '../../model/secret.ts';
import type { Sink } from '../../model/sink.ts';
import type { SinkDeps } from '../destination.ts';
import { createTokenCredentials, type TokenRequest } from '../http/access-token.ts';
import { type Credentials, readFieldValue } from '../http/credentials.ts';
import { facetsOf } from '../http/facets.ts';
import { createHttpSink } from '../http/http-sink.ts';
import { encodeJsonWithin, joinJson, jsonObjectText } from '../http/json-body.ts';
import { CLEAR_TEXT, httpOptions } from '../http/options.ts';

const API_VERSION = '2023-01-01';
/** A longer value is cut by the service, and the answer still says that it was taken. */
const MAX_VALUE_BYTES = 64_000;

const id = z.string().regex(/^[\w.-]{1,100}$/, { error: 'must be an id' });

/** A call holds 1 MB, before and after compression. */
export const sentinelOptions = httpOptions({ maxRecords: 1_000, maxBytes: 1_000_000, maxWaitMs: 2_000 })
  .extend({
    type: z.literal('sentinel').describe('Logs Ingestion API of Azure Monitor, for Microsoft Sentinel'),
    url: urlOption.describe('Logs ingestion endpoint of the data collection rule or endpoint'),
    ruleId: id.describe('Immutable id of the data collection rule, dcr-…'),
    stream: id.describe('Stream of the rule, such as Custom-GuardDuty_CL'),
    columns: z
      .enum(['text', 'fields'])
      .default('text')
      .describe(
        'text: TimeGenerated, Customer, AccountId, Region, Kind, Type, RecordId and the text in RawData. fields: the JSON of the format, with TimeGenerated',
      ),
    tenantId: id.describe('Directory (tenant) id of the application'),
    clientId: id.describe('Application (client) id'),
    clientSecret: secretReference.describe('Reference to the secret of the application'),
    authority: urlOption
      .default('https://login.microsoftonline.com')
      .describe('Where tokens come from; another one in sovereign clouds'),
    scope: z
      .string()
      .regex(/^[!-~]{1,200}$/)
      .default('https://monitor.azure.com//.default')
      .describe('What the token is for; another one in sovereign clouds'),
  })
  .refine(isTransportAllowed, CLEAR_TEXT)
  .refine(({ authority, insecureTransport }) => isTransportAllowed({ url: authority, insecureTransport }), {
    ...CLEAR_TEXT,
  });

type SentinelOptions = z.infer<typeof sentinelOptions>;

/** Records as rows of a table, by a data collection rule. */
export function createSentinelSink(options: SentinelOptions, deps: SinkDeps): Sink {
  const { ruleId, stream, columns } = options;
  const path = `/dataCollectionRules/${ruleId}/streams/${stream}?api-version=${API_VERSION}`;
  const rowOf = columns === 'text' ? textRow : fieldsRow;
  return createHttpSink(
    options,
    {
      url: new URL(path, options.url),
      credentials: entraCredentials(options, deps),
      grade: 'accepted',
      successStatuses: [204],
      ...(columns === 'text' && { maxRecordBytes: MAX_VALUE_BYTES }),
      encode: (record, maxBytes) =>
        encodeJsonWithin(record, maxBytes, deps.render, (text) => rowOf(record, text)),
      join: (records) => joinJson(records, '[', ']'),
      headers: () => ({ 'content-type': 'application/json' }),
    },
    deps,
  );
}

function textRow(record: RenderableRec, text: string): string {
  const {
    id: RecordId,
    kind: Kind,
    customer: Customer,
    account: AccountId,
    region: Region,
    type: Type = '',
  } = facetsOf(record);
  const TimeGenerated = new Date(record.time).toISOString();
  return JSON.stringify({ TimeGenerated, Customer, AccountId, Region, Kind, Type, RecordId, RawData: text });
}

function fieldsRow(record: RenderableRec, text: string): string {
  const fields: unknown = JSON.parse(jsonObjectText(text));
  const TimeGenerated = new Date(record.time).toISOString();
  return JSON.stringify({ TimeGenerated, ...(isJsonObject(fields) && fields) });
}

/** Client credentials of Microsoft Entra: RFC 6749 4.4. */
function entraCredentials(options: SentinelOptions, deps: SinkDeps): Credentials {
  const { tenantId, clientId, clientSecret, scope } = options;
  const url = new URL(`/${tenantId}/oauth2/v2.0/token`, options.authority);
  async function request(): Promise<TokenRequest> {
    const secret = await readFieldValue(clientSecret, deps.readSecret);
    const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: secret, scope };
    return { form, secrets: [secret] };
  }
  return createTokenCredentials({ url, request }, options, deps);
}
