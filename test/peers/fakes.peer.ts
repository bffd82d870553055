import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import t, { type Test } from 'tap';
import { z } from 'zod';

import { createBulkServer } from '../support/bulk-server.ts';
import { startHecServer } from '../support/hec-server.ts';
import { makeFindings } from './support/findings.ts';
import { type OpenSearch, startOpenSearch } from './support/opensearch.ts';
import { startOtelCollector } from './support/otel-collector.ts';
import { until } from './support/until.ts';

// Servers that the tests make for themselves, held against software that others wrote.

const NDJSON = 'application/x-ndjson';
const DATA_STREAM = 'logs-fake-default';
const LONGEST_ID = 'x'.repeat(512);

interface BulkRequest {
  readonly name: string;
  readonly lines: readonly string[];
  readonly index?: string;
  readonly contentType?: string;
  /** What stands behind the last line. */
  readonly end?: string;
}

const document = (members: object): string =>
  JSON.stringify({ '@timestamp': '2026-07-22T18:47:17.000Z', ...members });
const create = (id?: string): string => JSON.stringify({ create: { _id: id } });

/** In this order: the later ones meet what the earlier ones left. */
const BULK_REQUESTS: readonly BulkRequest[] = [
  { name: 'new documents', lines: [create('1'), document({ a: 'x' }), create('2'), document({ a: 'y' })] },
  {
    name: 'a document that is there',
    lines: [create('1'), document({ a: 'x' }), create('3'), document({ a: 'x' })],
  },
  { name: 'documents without ids', lines: [create(), document({ a: 'x' }), create(), document({ a: 'x' })] },
  { name: 'an index action on an id that is there', lines: ['{"index":{"_id":"1"}}', document({ a: 'z' })] },
  {
    name: 'a text where a date is known',
    lines: [create('4'), document({ when: 'never' }), create('5'), document({})],
  },
  { name: 'an object where a text is known', lines: [create('6'), document({ a: { b: 1 } })] },
  {
    name: 'a text where an object is known',
    lines: [create('7'), document({ o: { b: 1 } }), create('8'), document({ o: 'x' })],
  },
  { name: 'a text where a number is known', lines: [create('9'), document({ n: 'many' })] },
  { name: 'a number as text', lines: [create('10'), document({ n: '12' })] },
  {
    name: 'an address',
    lines: [create('11'), document({ ip: '::1' }), create('12'), document({ ip: 'nowhere' })],
  },
  {
    name: 'lists and null',
    lines: [create('13'), document({ a: ['x', null, 'y'], n: null, ip: ['::1', 'x'] })],
  },
  { name: 'a document that is no object', lines: [create('14'), '"text"', create('15'), document({})] },
  { name: 'a document that is no JSON', lines: [create('16'), '{"a":', create('17'), document({})] },
  { name: 'the longest id', lines: [create(LONGEST_ID), document({})] },
  {
    name: 'an id that is too long',
    lines: [create(`${LONGEST_ID}x`), document({}), create('18'), document({})],
  },
  { name: 'an empty id', lines: [create(''), document({})] },
  { name: 'a body without its last line end', lines: [create('19'), document({})], end: '' },
  { name: 'an empty body', lines: [], end: '' },
  { name: 'an action that is none', lines: ['{"make":{"_id":"20"}}', document({})] },
  { name: 'an action line that is no JSON', lines: ['create', document({})] },
  { name: 'an action without its document', lines: [create('21')] },
  { name: 'another content type', lines: [create('22'), document({})], contentType: 'text/plain' },
  { name: 'JSON as content type', lines: [create('23'), document({})], contentType: 'application/json' },
  {
    name: 'a data stream',
    index: DATA_STREAM,
    lines: [create('1'), document({}), create('1'), document({})],
  },
  {
    name: 'an index action on a data stream',
    index: DATA_STREAM,
    lines: ['{"index":{"_id":"2"}}', document({})],
  },
  {
    name: 'no time for a data stream',
    index: DATA_STREAM,
    lines: [create('3'), '{"a":"x"}', create('4'), document({})],
  },
];

const answerSchema = z.object({
  items: z.array(z.record(z.string(), z.object({ status: z.int() }))),
});

/** The status of a request and of each of its items. */
function fateOf(status: number, text: string): string {
  const { data } = answerSchema.safeParse(status === 200 ? JSON.parse(text) : undefined);
  const items = data?.items.flatMap((item) => Object.values(item).map((fate) => fate.status)) ?? [];
  return [status, ...items].join(' ');
}

const INDEX = 'fake';
const MAPPING = { when: 'date', ip: 'ip', n: 'long', a: 'text' } as const;

async function scratch(t: Test): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'guardrelay-peers-'));
  t.teardown(() => rm(directory, { recursive: true }));
  return directory;
}

async function startOpenSearchFor(t: Test): Promise<OpenSearch> {
  const openSearch = await startOpenSearch(await scratch(t));
  t.teardown(openSearch.stop);
  const properties = Object.fromEntries(Object.entries(MAPPING).map(([name, type]) => [name, { type }]));
  await openSearch.call('PUT', `/${INDEX}`, { mappings: { properties } });
  const template = { index_patterns: [DATA_STREAM], data_stream: {} };
  await openSearch.call('PUT', '/_index_template/fake', template);
  return openSearch;
}

t.test('the bulk API of the tests answers as OpenSearch does', async (t) => {
  const openSearch = await startOpenSearchFor(t);
  const fakes = new Map([
    [INDEX, createBulkServer({ mapping: MAPPING })],
    [DATA_STREAM, createBulkServer({ dataStreams: [DATA_STREAM] })],
  ]);

  for (const { name, lines, index = INDEX, contentType = NDJSON, end = '\n' } of BULK_REQUESTS) {
    const text = lines.join('\n') + end;
    const headers = { 'content-type': contentType };
    const real = await fetch(`${openSearch.url}/${index}/_bulk`, { method: 'POST', headers, body: text });
    const realText = await real.text();
    const request = {
      method: 'POST',
      path: `/${index}/_bulk`,
      headers,
      wire: Buffer.from(text),
      text,
      lines,
    };
    const fake = fakes.get(index)?.answer(request);

    t.equal(fateOf(fake?.status ?? 0, fake?.body ?? ''), fateOf(real.status, realText), name, { realText });
  }
});

/** A request of OTLP/HTTP with a log record for each text. */
function otlpRequest(texts: readonly string[]): string {
  const logRecords = texts.map((stringValue) => ({ body: { stringValue } }));
  return JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] });
}

t.test(
  "Splunk's HEC of the tests takes what the exporter of the OpenTelemetry Collector sends",
  async (t) => {
    const hec = await startHecServer(t);
    hec.token.ack = false;
    const collector = await startOtelCollector(await scratch(t), { url: hec.url, token: hec.token.value });
    t.teardown(collector.stop);
    const texts = makeFindings(200).map(({ message }) => message);

    const headers = { 'content-type': 'application/json' };
    const body = otlpRequest(texts);
    const answer = await fetch(`${collector.urls.otlp}/v1/logs`, { method: 'POST', headers, body });
    await until('the fake has all events', () => hec.events().length >= texts.length);

    t.equal(answer.status, 200);
    t.same(
      hec.events().map(({ event }) => event),
      texts,
    );
  },
);
