import type { JsonObject } from '../../../agent/model/json.ts';
import type { HttpsReceivers } from './https-receivers.ts';
import { eventIdOf } from './message.ts';
import type { Hit } from './opensearch.ts';
import type { OtelCollector } from './otel-collector.ts';
import { tenantHeader } from './victoria-logs.ts';

/** A kind of destination, and a server that takes it. */
export interface Way {
  readonly id: string;
  /** The destination in a configuration, but for its id. */
  destination(receivers: HttpsReceivers): JsonObject;
  /** What the server needs before. */
  prepare?(receivers: HttpsReceivers): Promise<unknown>;
  /** What stands there, one for each record. */
  received(receivers: HttpsReceivers): Promise<readonly unknown[]>;
  /** What that must be for an event; absent: its text. */
  expected?(text: string): unknown;
  /** Whether the server knows what is sent again. */
  readonly deduplicates?: true;
  /** How many records the server itself finds by the number of their account; absent: it has no search. */
  findAccount?(receivers: HttpsReceivers, account: string): Promise<number>;
}

/** What the agent finds in its environment. */
export const SECRETS = { DATADOG_KEY: 'datadog-key', HEC_TOKEN: '12345678-1234-1234-1234-123456789012' };

/** Several senders share VictoriaLogs, each as a tenant of its own. */
const LOKI = 1;
const DATADOG = 2;
const BULK = 3;

/** OpenSearch keeps the one as an index, and the other as a data stream because a template says so. */
const INDEX = 'guardduty';
const DATA_STREAM = 'logs-guardduty-default';

export const WAYS: readonly Way[] = [
  {
    id: 'loki-victoria-logs',
    destination: ({ victoriaLogs: { url } }) => ({
      type: 'loki',
      url: `${url}/insert/loki/api/v1/push`,
      headers: tenantHeader(LOKI),
    }),
    received: ({ victoriaLogs }) => victoriaLogs.search(LOKI),
    findAccount: async ({ victoriaLogs }, account) =>
      (await victoriaLogs.search(LOKI, `{account="${account}"} "${account}"`)).length,
  },
  {
    id: 'datadog-victoria-logs',
    destination: ({ victoriaLogs: { url } }) => ({
      type: 'datadog',
      url: `${url}/insert/datadog/api/v2/logs`,
      apiKey: 'env:DATADOG_KEY',
      headers: tenantHeader(DATADOG),
    }),
    received: ({ victoriaLogs }) => victoriaLogs.search(DATADOG),
    findAccount: async ({ victoriaLogs }, account) =>
      (await victoriaLogs.search(DATADOG, `account_id:="${account}" "${account}"`)).length,
  },
  {
    id: 'otlp-collector',
    destination: ({ collector }) => ({ type: 'otlp', url: collector.urls.otlp }),
    received: async ({ collector }) => (await collector.records('otlp')).map(({ body }) => body),
  },
  {
    id: 'hec-event-collector',
    destination: ({ collector }) => ({
      type: 'splunk-hec',
      url: collector.urls.splunk_hec,
      token: 'env:HEC_TOKEN',
      ack: 'off',
    }),
    received: async ({ collector }) =>
      (await hecBodies(collector)).filter((body) => typeof body !== 'string'),
    expected: JSON.parse,
  },
  {
    id: 'hec-raw-collector',
    destination: ({ collector }) => ({
      type: 'splunk-hec',
      url: collector.urls.splunk_hec,
      token: 'env:HEC_TOKEN',
      endpoint: 'raw',
      ack: 'off',
    }),
    received: async ({ collector }) =>
      (await hecBodies(collector)).filter((body) => typeof body === 'string'),
  },
  {
    id: 'bulk-victoria-logs',
    destination: ({ victoriaLogs: { url } }) => ({
      type: 'elasticsearch',
      // It keeps members, not texts; one of them is what its search calls the message.
      url: `${url}/insert/elasticsearch/_bulk?_time_field=@timestamp&_msg_field=detail.service.evidence`,
      headers: tenantHeader(BULK),
    }),
    received: ({ victoriaLogs }) => victoriaLogs.search(BULK, '*', 'id'),
    expected: (text) => eventIdOf(text),
    findAccount: async ({ victoriaLogs }, account) =>
      (await victoriaLogs.search(BULK, `detail.accountId:="${account}"`)).length,
  },
  {
    id: 'opensearch',
    deduplicates: true,
    prepare: ({ openSearch }) => openSearch.call('PUT', `/${INDEX}`),
    destination: ({ openSearch: { url } }) => ({ type: 'opensearch', url, index: INDEX }),
    received: async ({ openSearch }) => (await openSearch.search(INDEX)).map(withoutTime),
    expected: JSON.parse,
    findAccount: async ({ openSearch }, account) => (await openSearch.search(INDEX, phrase(account))).length,
  },
  {
    id: 'opensearch-data-stream',
    deduplicates: true,
    destination: ({ openSearch: { url } }) => ({ type: 'elasticsearch', url, dataStream: DATA_STREAM }),
    async prepare({ openSearch }) {
      const template = { index_patterns: [DATA_STREAM], data_stream: {} };
      await openSearch.call('PUT', '/_index_template/guardduty', template);
      await openSearch.call('PUT', `/_data_stream/${DATA_STREAM}`);
    },
    received: async ({ openSearch }) => (await openSearch.search(DATA_STREAM)).map(withoutTime),
    expected: JSON.parse,
    findAccount: async ({ openSearch }, account) =>
      (await openSearch.search(DATA_STREAM, phrase(account))).length,
  },
];

function phrase(text: string): JsonObject {
  return { query_string: { query: `"${text}"` } };
}

async function hecBodies(collector: OtelCollector): Promise<readonly unknown[]> {
  return (await collector.records('splunk_hec')).map(({ body }) => body);
}

/** A document as it was before it got the time that data streams demand. */
function withoutTime({ source: { '@timestamp': _time, ...event } }: Hit): JsonObject {
  return event;
}
