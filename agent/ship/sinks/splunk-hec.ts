import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { HeaderValue } from '../../model/header-options.ts';
import { headerValues } from '../../model/header-options.ts';
import { isTransportAllowed, urlOption } from '../../model/http-url.ts';
import { secretReference } from '../../model/secret.ts';
import type { Sink } from '../../model/sink.ts';
import type { SinkDeps } from '../destination.ts';
import type { Finder, FinderDeps } from '../finder.ts';
import { type Credentials, createCredentials } from '../http/credentials.ts';
import { createHttpSink, type HttpDialect } from '../http/http-sink.ts';
import { CLEAR_TEXT, httpOptions } from '../http/options.ts';
import { createAcknowledgement } from './splunk-hec/acknowledgement.ts';
import { eventBody, rawBody } from './splunk-hec/body.ts';
import { createChannels } from './splunk-hec/channels.ts';
import { createSplunkFinder, splunkSearch } from './splunk-hec/finder.ts';
import { metadataOf } from './splunk-hec/metadata.ts';
import { hecVerdict, namedRejection } from './splunk-hec/reply.ts';

const COLLECTOR = '/services/collector';
/** Headers that say which channel a request belongs to, and who sends it. */
const OWN_HEADERS = new Set(['authorization', 'cookie', 'x-splunk-request-channel']);

const metadata = z
  .string()
  .regex(/^\P{Cc}{1,1024}$/u, { error: 'must be 1 to 1,024 characters on one line' });

/** Splunk Enterprise before 8 takes a million bytes in one request, if nobody told it otherwise. */
export const splunkHecOptions = httpOptions({ maxRecords: 1_000, maxBytes: 1_000_000, maxWaitMs: 2_000 })
  .extend({
    type: z.literal('splunk-hec').describe('HTTP Event Collector of Splunk'),
    url: urlOption.describe(
      `Address of the collector, such as https://splunk.example.com:8088; ${COLLECTOR} is added where it is missing`,
    ),
    token: secretReference,
    endpoint: z
      .enum(['event', 'raw'])
      .default('event')
      .describe(
        'event: with time, metadata and indexed fields; raw: the text alone, which Splunk takes apart',
      ),
    ack: z
      .enum(['required', 'prefer', 'off'])
      .default('prefer')
      .describe(
        'Whether a batch counts only when it is indexed. prefer: where the token acknowledges indexing, else when ' +
          'it is accepted',
      ),
    index: z
      .string()
      .regex(/^[a-z0-9_][a-z0-9_-]{0,79}$/, {
        error: 'must be lower-case letters, digits, underscores and hyphens',
      })
      .exactOptional()
      .describe('Index; absent: that of the token'),
    source: metadata.exactOptional().describe('Source of every record; absent: by format and kind'),
    sourcetype: metadata.exactOptional().describe('Sourcetype of every record; absent: by format and kind'),
    host: metadata.exactOptional().describe('Host of every record; absent: the id of the agent'),
    search: splunkSearch
      .exactOptional()
      .describe('Where guardrelay test looks whether its record is found; absent: nowhere'),
    compression: z
      .enum(['gzip', 'none'])
      .default('gzip')
      .describe('Switched off by itself when the receiver answers 415'),
  })
  .refine(isTransportAllowed, CLEAR_TEXT)
  .refine(
    ({ search, insecureTransport }) => !search || isTransportAllowed({ ...search, insecureTransport }),
    {
      ...CLEAR_TEXT,
      path: ['search', 'url'],
    },
  )
  .refine(({ headers }) => !Object.keys(headers).some((name) => OWN_HEADERS.has(name.toLowerCase())), {
    path: ['headers'],
    error: `must not hold ${[...OWN_HEADERS].join(', ')}: guardrelay sets them itself`,
  });

type SplunkHecOptions = z.infer<typeof splunkHecOptions>;

/** Events or raw lines to Splunk's HTTP Event Collector, confirmed by indexer acknowledgment where there is one. */
export function createSplunkHecSink(options: SplunkHecOptions, deps: SinkDeps): Sink {
  const authorization: HeaderValue = async (read) => `Splunk ${await read(options.token)}`;
  const credentials = createCredentials({
    values: { ...headerValues(options), authorization },
    readSecret: deps.readSecret,
  });
  const isRaw = options.endpoint === 'raw';
  const { contentType, ...body } = isRaw ? rawBody(deps) : eventBody(options, deps);
  const confirmation = confirmationOf(options, { ...deps, credentials, contentType });
  const dialect: HttpDialect = {
    ...{ ...body, ...confirmation, credentials },
    url: isRaw ? rawUrl(options, deps) : urlOf(options, '/event'),
    successStatuses: [200],
    verdict: hecVerdict,
  };
  return createHttpSink(options, dialect, deps);
}

/** Undefined: nobody has said where to search. */
export function createSplunkHecFinder(
  { search, ...options }: SplunkHecOptions,
  deps: FinderDeps,
): Finder | undefined {
  return search && createSplunkFinder({ ...options, search }, deps);
}

type Confirmation = Pick<HttpDialect, 'grade' | 'headers' | 'taken' | 'rejected'>;

interface ConfirmationDeps extends Pick<SinkDeps, 'clock' | 'logger'> {
  readonly credentials: Credentials;
  readonly contentType: string;
}

function confirmationOf(options: SplunkHecOptions, deps: ConfirmationDeps): Confirmation {
  const { ack: mode, id: destination } = options;
  const fixed = { 'content-type': deps.contentType };
  const named: HttpDialect['rejected'] = ({ batch, answer }, rejection) =>
    namedRejection(batch.records, answer, rejection);
  if (mode === 'off') return { grade: 'accepted', headers: () => fixed, rejected: named };
  const channels = createChannels(randomUUID, fixed);
  const url = urlOf(options, '/ack');
  const acknowledgement = createAcknowledgement({ ...deps, ...{ mode, destination, url, channels } });
  return {
    grade: 'indexed',
    headers: () => channels.take(),
    taken: acknowledgement.taken,
    rejected: (exchange, rejection, signal) =>
      exchange.batch.records.length === 0
        ? acknowledgement.probed(exchange, signal)
        : named(exchange, rejection, signal),
  };
}

/** A URL that names the collector, or one of its endpoints, may stand in the configuration as well as a bare one. */
function urlOf({ url: written }: SplunkHecOptions, endpoint: string): URL {
  const url = new URL(written);
  const [before = ''] = url.pathname.split(COLLECTOR);
  url.pathname = before.replace(/\/$/, '') + COLLECTOR + endpoint;
  return url;
}

/** Where the text stands alone its metadata stands in the query, for the whole batch. */
function rawUrl(options: SplunkHecOptions, { agentId }: SinkDeps): URL {
  const url = urlOf(options, '/raw');
  for (const [name, value] of Object.entries(metadataOf('finding', options, agentId))) {
    url.searchParams.set(name, value);
  }
  return url;
}
