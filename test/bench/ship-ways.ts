import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { JsonObject } from '../../agent/model/json.ts';
import { makeCertificates, type Pair } from '../peers/support/certificates.ts';
import { startOpenSearch } from '../peers/support/opensearch.ts';
import { startOtelCollector } from '../peers/support/otel-collector.ts';
import { startRsyslogd } from '../peers/support/rsyslogd.ts';
import { postBodies, type StreamTarget, sendByRelp, writeFrames } from './bare-clients.ts';
import type { CloudReady } from './cloud.ts';
import { startFarSide } from './scene.ts';

/** Requests at once of a bare client. */
const CONCURRENCY = 8;

/** A receiver that is ready. */
export interface Receiver {
  /** The destination in a configuration, but for its id and its batches. */
  readonly destination: JsonObject;
  /** What a client that does nothing else sends of the same: the encoded records, or the bodies of batches. */
  readonly bare: {
    readonly of: 'records' | 'bodies';
    send(parts: readonly Buffer[]): Promise<void>;
  };
  close(): unknown;
}

type Input = 'tcp' | 'ossl' | 'relp' | 'relps';

interface Way {
  /** What must be installed for it; test/peers/install brings it. */
  readonly program?: string;
  open(directory: string): Promise<Receiver>;
}

/** By what the table calls them. Settle windows are off unless the name says otherwise. */
export const WAYS: Readonly<Record<string, Way>> = {
  'syslog TCP': rsyslogd('tcp', { settleMs: 0 }),
  'syslog TLS': rsyslogd('ossl', { settleMs: 0 }),
  'syslog TLS, settle 1 s': rsyslogd('ossl', {}),
  RELP: rsyslogd('relp', { settleMs: 0 }),
  'RELP TLS': rsyslogd('relps', { settleMs: 0 }),
  'RELP TLS, settle 5 s': rsyslogd('relps', {}),
  webhook: { open: openWebhook },
  'HEC of a Collector': { program: 'otel-collector', open: openHec },
  'bulk of OpenSearch': { program: 'opensearch-node', open: openBulk },
};

function rsyslogd(input: Input, options: JsonObject): Way {
  return { program: 'rsyslogd', open: (directory) => openRsyslogd(directory, input, options) };
}

async function openRsyslogd(directory: string, input: Input, options: JsonObject): Promise<Receiver> {
  const certificates = await makeCertificates(directory);
  const rsyslogd = await startRsyslogd(join(directory, 'rsyslogd'), certificates, { relpTls: 'openssl' });
  const { caFile, client } = certificates;
  const port = rsyslogd.ports[input];
  const isPlain = input === 'tcp' || input === 'relp';
  const isRelp = input === 'relp' || input === 'relps';
  const security: JsonObject = isPlain
    ? { transport: 'tcp', insecureTransport: true }
    : { transport: 'tls', tls: { caFile, certFile: client.certFile, keyFile: client.keyFile } };
  const target: StreamTarget = { port, ...(!isPlain && { tls: await keysOf(caFile, client) }) };
  const send = isRelp ? sendByRelp : writeFrames;
  return {
    destination: { type: isRelp ? 'relp' : 'syslog', host: '127.0.0.1', port, ...security, ...options },
    bare: { of: 'records', send: (records) => send(target, records) },
    close: rsyslogd.stop,
  };
}

async function keysOf(caFile: string, { certFile, keyFile }: Pair) {
  return {
    ca: await readFile(caFile, 'utf8'),
    cert: await readFile(certFile, 'utf8'),
    key: await readFile(keyFile, 'utf8'),
  };
}

const GZIP = { 'content-encoding': 'gzip' };

/** Answers once it has unpacked a batch and counted its lines. */
async function openWebhook(): Promise<Receiver> {
  const { farSide, ready } = await startFarSide<CloudReady>(new URL('./cloud.ts', import.meta.url), [0]);
  const target = {
    url: ready.webhookUrl,
    headers: { ...GZIP, 'content-type': 'application/x-ndjson' },
    concurrency: CONCURRENCY,
  };
  return {
    destination: { type: 'webhook', url: ready.webhookUrl, insecureTransport: true },
    bare: { of: 'bodies', send: (bodies) => postBodies(target, bodies) },
    close: () => farSide.kill(),
  };
}

/** The receiver of the OpenTelemetry Collector, which takes each event apart and writes it into a file. */
async function openHec(directory: string): Promise<Receiver> {
  const collector = await startOtelCollector(directory);
  const url = collector.urls.splunk_hec;
  const headers = { ...GZIP, 'content-type': 'application/json', authorization: 'Splunk secret' };
  const target = { url: `${url}/services/collector/event`, headers, concurrency: CONCURRENCY };
  return {
    destination: { type: 'splunk-hec', url, token: 'env:TOKEN', ack: 'off', insecureTransport: true },
    bare: { of: 'bodies', send: (bodies) => postBodies(target, bodies) },
    close: collector.stop,
  };
}

/** OpenSearch, with no index of the findings' members: so does nobody run it, but it is what a bulk API can take. */
async function openBulk(directory: string): Promise<Receiver> {
  const openSearch = await startOpenSearch(directory);
  for (const index of ['guardrelay', 'bare']) {
    await openSearch.call('PUT', `/${index}`, { mappings: { dynamic: false } });
  }
  const { url } = openSearch;
  const headers = { ...GZIP, 'content-type': 'application/x-ndjson' };
  const target = { url: `${url}/bare/_bulk`, headers, concurrency: CONCURRENCY };
  return {
    destination: { type: 'opensearch', url, index: 'guardrelay', insecureTransport: true },
    bare: { of: 'bodies', send: (bodies) => postBodies(target, bodies) },
    close: openSearch.stop,
  };
}
