import { z } from 'zod';
import type { HeaderValue } from '../../model/header-options.ts';
import { headerValues } from '../../model/header-options.ts';
import { isTransportAllowed, urlOption } from '../../model/http-url.ts';
import { secretReference } from '../../model/secret.ts';
import type { Sink } from '../../model/sink.ts';
import type { SinkDeps } from '../destination.ts';
import { type Credentials, createCredentials } from '../http/credentials.ts';
import { createHttpSink } from '../http/http-sink.ts';
import { CLEAR_TEXT, httpOptions } from '../http/options.ts';
import { joinBytes } from '../seal.ts';
import { encodeMessages } from '../wire/message.ts';

const metadata = z.string().regex(/^[ -~]{1,1024}$/, { error: 'must be printable ASCII' });

/** They all stand in one header. */
const fieldValue = z
  .string()
  .regex(/^[ -+\--<>-~]{1,200}$/, { error: 'must be printable ASCII without commas and equal signs' });

/** Sumo Logic asks for 100 KB to 1 MB before compression. */
export const sumoLogicOptions = httpOptions({ maxRecords: 1_000, maxBytes: 1_000_000, maxWaitMs: 2_000 })
  .extend({
    type: z.literal('sumo-logic').describe('HTTP source of Sumo Logic'),
    url: urlOption.describe(
      'Address of the HTTP source up to /receiver/v1/http, without what follows the last slash: that is the token',
    ),
    token: secretReference
      .exactOptional()
      .describe(
        'Reference to what follows the last slash of the address; absent where a header carries the token',
      ),
    category: metadata.exactOptional().describe('_sourceCategory; absent: that of the source'),
    host: metadata.exactOptional().describe('_sourceHost; absent: that of the source'),
    name: metadata.exactOptional().describe('_sourceName; absent: that of the source'),
    fields: z
      .record(z.string().regex(/^\w{1,255}$/), fieldValue)
      .default({})
      .describe('Fields of every record; Sumo Logic keeps those that its schema knows'),
  })
  .refine(isTransportAllowed, CLEAR_TEXT);

type SumoLogicOptions = z.infer<typeof sumoLogicOptions>;

/** One record per line to an HTTP source of Sumo Logic, whose address is the secret. */
export function createSumoLogicSink(options: SumoLogicOptions, deps: SinkDeps): Sink {
  const headers = { 'content-type': 'text/plain; charset=utf-8', ...metadataHeaders(options) };
  return createHttpSink(
    options,
    {
      url: new URL(options.url),
      credentials: sumoCredentials(options, deps),
      grade: 'accepted',
      successStatuses: [200],
      encode: (record, maxBytes) =>
        encodeMessages(record, deps.render(record, maxBytes), { head: '', framing: 'lf', maxBytes }),
      join: joinBytes,
      headers: () => headers,
    },
    deps,
  );
}

function metadataHeaders({
  category,
  host,
  name,
  fields,
}: SumoLogicOptions): Readonly<Record<string, string>> {
  const pairs = Object.entries(fields).map(([field, value]) => `${field}=${value}`);
  return {
    ...(category !== undefined && { 'x-sumo-category': category }),
    ...(host !== undefined && { 'x-sumo-host': host }),
    ...(name !== undefined && { 'x-sumo-name': name }),
    ...(pairs.length > 0 && { 'x-sumo-fields': pairs.join(',') }),
  };
}

/** No header name has a blank in it. */
const TOKEN = 'the token';

function sumoCredentials(options: SumoLogicOptions, { readSecret }: SinkDeps): Credentials {
  const { token } = options;
  const path = new URL(options.url).pathname.replace(/\/$/, '');
  const ofToken: Record<string, HeaderValue> = token === undefined ? {} : { [TOKEN]: (read) => read(token) };
  return createCredentials({
    values: { ...headerValues(options), ...ofToken },
    readSecret,
    sign({ [TOKEN]: secret, ...headers }) {
      return { headers, path: secret === undefined ? path : `${path}/${encodeURIComponent(secret)}` };
    },
  });
}
