import fc from 'fast-check';
import t, { type Test } from 'tap';

import { systemClock } from '../../agent/model/clock.ts';
import { EXIT, GuardrelayError } from '../../agent/model/error.ts';
import type { Logger } from '../../agent/model/logger.ts';
import type { Outcome } from '../../agent/model/outcome.ts';
import type { RenderableRec } from '../../agent/model/record.ts';
import type { Sink } from '../../agent/model/sink.ts';
import { formatNamed } from '../../agent/normalize/formats/index.ts';
import type { SinkDeps } from '../../agent/ship/destination.ts';
import { createSink, destinationOptions } from '../../agent/ship/sinks/index.ts';
import { createBulkServer, type ItemFate } from '../support/bulk-server.ts';
import { findingFixtures, workedExample } from '../support/log-events.ts';
import { parsed, renderable } from '../support/rendering.ts';
import { idIn, recordBase, recordNamed, rendered, sinkDeps, TEST_IDENTITY } from '../support/ship-records.ts';
import { sha256, signaturesOf } from '../support/sigv4-verifier.ts';
import { deliver } from '../support/sink-contract.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';

const never = new AbortController().signal;
const STREAM = 'logs-guardrelay-default';
const INDEXED: Outcome = { kind: 'ok', grade: 'indexed' };

type Written = Readonly<Record<string, unknown>>;

function open(t: Test, { url }: WebhookReceiver, written: Written = {}, deps: Partial<SinkDeps> = {}): Sink {
  const options = destinationOptions.parse({
    ...{ id: 'd', type: 'elasticsearch', url: new URL('/', url).href, insecureTransport: true },
    ...(written.index === undefined && { dataStream: STREAM }),
    ...written,
  });
  const sink = createSink(options, sinkDeps(deps));
  t.teardown(() => sink.close(0));
  return sink;
}

/** A cluster on loopback. */
async function startCluster(t: Test, setup: Parameters<typeof createBulkServer>[0] = {}) {
  const receiver = await startWebhookReceiver(t);
  const server = createBulkServer({ dataStreams: [STREAM], ...setup });
  receiver.answer = server.answer;
  return { receiver, server };
}

function batchOf(sink: Sink, ...ids: readonly string[]) {
  return sink.seal(ids.map((id) => sink.encode(recordNamed(id))));
}

function kindsOf(outcomes: readonly Outcome[]): readonly string[] {
  return outcomes.map(({ kind }) => kind);
}

/** Keeps what is logged. */
function createNotes(): { readonly logger: Logger; readonly notes: string[] } {
  const notes: string[] = [];
  const note = (message: string): void => {
    notes.push(message);
  };
  return { notes, logger: { error: note, warn: note, info: note, debug: () => {} } };
}

function error(type: string, reason = 'because'): NonNullable<ItemFate['error']> {
  return { type, reason };
}

t.test('a batch is one request of an action and a document for each record', async (t) => {
  const { receiver, server } = await startCluster(t);
  const sink = open(t, receiver, { auth: { apiKey: 'env:KEY' } });

  const outcomes = await sink.send(batchOf(sink, 'r1', 'r2'), never);

  t.same(outcomes, [INDEXED, INDEXED]);
  t.match(receiver.requests, [
    {
      method: 'POST',
      path: `/${STREAM}/_bulk`,
      headers: {
        'content-type': 'application/x-ndjson',
        'content-encoding': 'gzip',
        authorization: 'ApiKey secret of env:KEY',
      },
      text: [
        '{"create":{"_id":"r1"}}',
        '{"@timestamp":"2026-07-22T18:47:17.000Z","id":"r1","text":""}',
        '{"create":{"_id":"r2"}}',
        '{"@timestamp":"2026-07-22T18:47:17.000Z","id":"r2","text":""}',
        '',
      ].join('\n'),
    },
  ]);
  t.same(
    server.documents.map(({ id }) => id),
    ['r1', 'r2'],
  );
});

t.test(
  '39 each item of an answer stands for its record, in order, whatever its neighbours had',
  async (t) => {
    const { receiver, server } = await startCluster(t);
    const fates: Readonly<Record<string, ItemFate>> = {
      busy: { status: 429, error: error('es_rejected_execution_exception') },
      misfit: {
        status: 400,
        error: error('document_parsing_exception', 'failed to parse field [a]\n of type [long]'),
      },
      down: { status: 503, error: error('unavailable_shards_exception') },
    };
    const sink = open(t, receiver);
    await sink.send(batchOf(sink, 'there'), never);
    server.interfere = ({ line }) => fates[idIn(line)];

    const outcomes = await sink.send(batchOf(sink, 'new', 'there', 'busy', 'misfit', 'down', 'last'), never);

    t.same(kindsOf(outcomes), ['ok', 'ok', 'retry', 'reject', 'retry', 'ok']);
    t.match(outcomes[3], {
      why: /^DST-005: 127\.0\.0\.1:\d+ answered 400: document_parsing_exception: failed to parse field \[a\] of type \[long\]$/,
      code: '400',
    });
    t.same(
      server.documents.map(({ id }) => id),
      ['there', 'new', 'last'],
    );
  },
);

const AUTH = { kind: 'blocked', why: 'auth', detail: /^DST-004: / };
const CONFIG = { kind: 'blocked', why: 'config', detail: /^DST-007: / };
const RETRY = { kind: 'retry', why: /^DST-005: / };
const REJECT = { kind: 'reject', why: /^DST-005: / };
const items: readonly (readonly [ItemFate, object])[] = [
  [{ status: 200 }, INDEXED],
  [{ status: 201 }, INDEXED],
  [
    { status: 201, failure_store: 'used' },
    { kind: 'ok', grade: 'accepted' },
  ],
  [{ status: 409, error: error('version_conflict_engine_exception') }, INDEXED],
  [{ status: 409, error: error('status_exception') }, RETRY],
  [{ status: 409 }, RETRY],
  [{ status: 429, error: error('circuit_breaking_exception') }, RETRY],
  [{ status: 500 }, RETRY],
  [{ status: 503, error: error('unavailable_shards_exception') }, RETRY],
  [{ status: 400, error: error('mapper_parsing_exception') }, REJECT],
  [{ status: 413, error: error('too_large') }, REJECT],
  [{ status: 401, error: error('security_exception') }, AUTH],
  [{ status: 403, error: error('security_exception') }, AUTH],
  [
    { status: 403, error: error('cluster_block_exception') },
    { kind: 'blocked', why: 'quota' },
  ],
  [{ status: 404, error: error('index_not_found_exception') }, CONFIG],
  [{ status: 202 }, CONFIG],
  [{ status: 301 }, CONFIG],
  [{ status: 418 }, CONFIG],
];
for (const [fate, outcome] of items) {
  const name = `${fate.status} ${fate.error?.type ?? fate.failure_store ?? ''}`.trim();
  t.test(`39 an item of ${name} means ${JSON.stringify(outcome)}, its neighbours are indexed`, async (t) => {
    const { receiver, server } = await startCluster(t);
    server.interfere = ({ line }) => (idIn(line) === 'odd' ? fate : undefined);
    const sink = open(t, receiver);

    const outcomes = await sink.send(batchOf(sink, 'r1', 'odd', 'r3'), never);

    t.match(outcomes, [INDEXED, outcome, INDEXED]);
  });
}

const JSON_TYPE = { 'content-type': 'application/json' };
const taken = '{"took":1,"errors":false,"items":[{"create":{"status":201}},{"create":{"status":201}}]}';
const answers: readonly (readonly [
  name: string,
  body: string,
  headers: Readonly<Record<string, string>>,
  object,
])[] = [
  ['the answer of a proxy that cut it', taken.slice(0, -9), JSON_TYPE, RETRY],
  ['an item too few', taken.replace('{"create":{"status":201}},', ''), JSON_TYPE, CONFIG],
  ['an item too many', taken.replace('[', '[{"create":{"status":201}},'), JSON_TYPE, CONFIG],
  ['items of another action', taken.replaceAll('create', 'delete'), JSON_TYPE, CONFIG],
  ['a status in words', taken.replaceAll('201', '"201"'), JSON_TYPE, CONFIG],
  ['no items', '{"took":1,"errors":false}', JSON_TYPE, CONFIG],
  ['a greeting', '{"name":"node-1","tagline":"You Know, for Search"}', JSON_TYPE, CONFIG],
  ['plain text', 'OK', { 'content-type': 'text/plain' }, CONFIG],
  ['nothing', '', {}, CONFIG],
  ['a page of HTML', '<html>Sign in</html>', { 'content-type': 'text/html' }, CONFIG],
  ['HTML that calls itself JSON', '<html>Sign in</html>', JSON_TYPE, CONFIG],
];
for (const [name, body, headers, outcome] of answers) {
  t.test(`39 ${name} with status 200 acknowledges nothing`, async (t) => {
    const receiver = await startWebhookReceiver(t);
    receiver.answer = () => ({ status: 200, headers, body });
    const sink = open(t, receiver);

    const outcomes = await sink.send(batchOf(sink, 'r1', 'r2'), never);

    t.match(outcomes, [outcome, outcome]);
  });
}

t.test('39 an answer whose connection ends in its middle acknowledges nothing', async (t) => {
  const receiver = await startWebhookReceiver(t);
  receiver.answer = () => ({
    write(response) {
      response.writeHead(200, { ...JSON_TYPE, 'content-length': taken.length });
      response.write(taken.slice(0, 60), () => response.destroy());
    },
  });
  const sink = open(t, receiver);

  const outcomes = await sink.send(batchOf(sink, 'r1', 'r2'), never);

  t.match(outcomes, [RETRY, RETRY]);
});

t.test('39 `errors` alone proves nothing: the items count', async (t) => {
  const receiver = await startWebhookReceiver(t);
  const mixed = taken.replace('201', '429');
  receiver.answer = () => ({ status: 200, headers: JSON_TYPE, body: mixed });
  const sink = open(t, receiver);

  const outcomes = await sink.send(batchOf(sink, 'r1', 'r2'), never);

  t.same(kindsOf(outcomes), ['retry', 'ok']);
});

const requests: readonly (readonly [status: number, object])[] = [
  [400, REJECT],
  [401, AUTH],
  [403, AUTH],
  [404, CONFIG],
  [406, CONFIG],
  [429, RETRY],
  [500, RETRY],
  [503, RETRY],
  [504, RETRY],
];
for (const [status, outcome] of requests) {
  t.test(`a request that is answered with ${status} as a whole means the same for each record`, async (t) => {
    const receiver = await startWebhookReceiver(t);
    receiver.answer = () => ({ status, headers: JSON_TYPE, body: '{"error":{"type":"t","reason":"r"}}' });
    const sink = open(t, receiver);

    const outcomes = await sink.send(batchOf(sink, 'r1', 'r2'), never);

    t.match(outcomes, [outcome, outcome]);
    t.equal(outcomes[0], outcomes[1], 'judged together, so it can be halved');
  });
}

t.test('an answer of 413 makes batches smaller until they fit', async (t) => {
  const { receiver, server } = await startCluster(t, { maxBytes: 2_000 });
  const sink = open(t, receiver);
  const ids = Array.from({ length: 40 }, (_, index) => `r${index}`);

  const { final, quarantined } = await deliver(sink, ids);

  t.same(quarantined, []);
  t.same([...final].sort(), [...ids].sort());
  t.equal(server.documents.length, 40);
});

t.test('35 items that are busy lower the concurrency as an answer of 429 does', async (t) => {
  const { receiver, server } = await startCluster(t);
  const sink = open(t, receiver, { maxConcurrency: 4 });
  for (let count = 0; count < 12; count += 1) await sink.send(batchOf(sink, `r${count}`), never);
  const before = sink.caps.concurrency;
  server.interfere = ({ line }) => (idIn(line) === 'busy' ? { status: 429 } : undefined);

  await sink.send(batchOf(sink, 'some', 'busy', 'more'), never);

  t.same([before, sink.caps.concurrency], [4, 2]);
});

t.test('a secret that an item repeats is masked, and what it says is bounded', async (t) => {
  const { receiver, server } = await startCluster(t);
  const reason = `who is secret of env:KEY? ${'x'.repeat(5_000)}`;
  server.interfere = () => ({ status: 400, error: error('t', reason) });
  const sink = open(t, receiver, { auth: { apiKey: 'env:KEY' } });

  const [outcome] = await sink.send(batchOf(sink, 'r1'), never);

  t.match(outcome, { why: /t: who is \*\*\*\? x+$/ });
  t.ok(JSON.stringify(outcome).length < 500);
});

t.test('the probe needs no document, and finds wrong credentials', async (t) => {
  const { receiver, server } = await startCluster(t, {
    refuses: ({ headers }) =>
      headers.authorization ? undefined : { status: 401, error: error('security_exception') },
  });

  const right = await open(t, receiver, { auth: { bearer: 'env:T' } }).probe(never);
  const wrong = await open(t, receiver).probe(never);

  t.match([right, wrong], [INDEXED, AUTH]);
  t.same(server.sent, []);
});

t.test('what is sent again after a lost answer is there once', async (t) => {
  const { receiver, server } = await startCluster(t);
  const sink = open(t, receiver);
  const ids = Array.from({ length: 30 }, (_, index) => `r${index}`);
  let lost = 2;
  receiver.answer = (request) => {
    const answer = server.answer(request);
    lost -= 1;
    return lost < 0 ? answer : { write: (response) => response.destroy() };
  };

  const { final } = await deliver(sink, ids);

  t.same([...final].sort(), [...ids].sort());
  t.equal(server.documents.length, 30);
  t.ok(server.sent.length > 30, 'some were sent twice');
});

t.test(
  '39 whatever the items say, no record is lost, and none is acknowledged that is not there',
  async (t) => {
    const fate = fc.oneof(
      { weight: 5, arbitrary: fc.constant(undefined) },
      fc.constantFrom<ItemFate>(
        { status: 429, error: error('es_rejected_execution_exception') },
        { status: 503, error: error('unavailable_shards_exception') },
        { status: 409, error: error('status_exception') },
        { status: 500 },
      ),
    );
    const lives = fc.record({
      fates: fc.array(fate, { maxLength: 60 }),
      poison: fc.uniqueArray(fc.nat(24), { maxLength: 3 }),
    });

    await fc.assert(
      fc.asyncProperty(lives, async ({ fates, poison }) => {
        const { receiver, server } = await startCluster(t);
        const bad = new Set(poison.map((index) => `r${index}`));
        server.interfere = ({ line }) =>
          bad.has(idIn(line)) ? { status: 400, error: error('document_parsing_exception') } : fates.shift();
        const sink = open(t, receiver);
        const ids = Array.from({ length: 25 }, (_, index) => `r${index}`);

        const { final, quarantined } = await deliver(sink, ids);

        const there = server.documents.map(({ id }) => id);
        receiver.stop();
        t.same([...quarantined].sort(), [...bad].sort());
        t.same([...final].sort(), ids.filter((id) => !bad.has(id)).sort());
        t.same([...there].sort(), [...final].sort());
      }),
      { numRuns: 25 },
    );
  },
);

t.test('documents', async (t) => {
  const time = '2026-07-22T18:47:17.000Z';
  const texts: readonly (readonly [name: string, text: string, document: string])[] = [
    [
      'an object gets a time',
      '{"n":1.0e2,"m":12345678901234567890}',
      `{"@timestamp":"${time}","n":1.0e2,"m":12345678901234567890}`,
    ],
    [
      'a time that is there stays',
      '{"a":1,"@timestamp":"2020-01-01T00:00:00Z"}',
      '{"a":1,"@timestamp":"2020-01-01T00:00:00Z"}',
    ],
    ['an empty object', '{}', `{"@timestamp":"${time}"}`],
    [
      'a time further in is none',
      '{"a":{"@timestamp":"x"}}',
      `{"@timestamp":"${time}","a":{"@timestamp":"x"}}`,
    ],
    [
      'text becomes a message',
      'CEF:0|a "quoted" word',
      `{"@timestamp":"${time}","message":"CEF:0|a \\"quoted\\" word"}`,
    ],
    ['a list becomes a message', '[1]', `{"@timestamp":"${time}","message":"[1]"}`],
    ['broken JSON becomes a message', '{"a":', `{"@timestamp":"${time}","message":"{\\"a\\":"}`],
    ['no line ends a document early', '{"a":\n1,\r\n"b":2}', `{"@timestamp":"${time}","a": 1,  "b":2}`],
    [
      'nor begins an action',
      'x\n{"index":{}}\n{}',
      `{"@timestamp":"${time}","message":"x\\n{\\"index\\":{}}\\n{}"}`,
    ],
  ];
  for (const [name, text, document] of texts) {
    t.test(name, async (t) => {
      const { receiver, server } = await startCluster(t);
      const sink = open(t, receiver, {}, { render: () => rendered(text) });

      const outcomes = await sink.send(batchOf(sink, 'r1'), never);

      t.same(outcomes, [INDEXED]);
      t.same(
        server.sent.map(({ line }) => line),
        [document],
      );
    });
  }

  t.test('the texts of one record are documents of their own, and one outcome', async (t) => {
    const { receiver, server } = await startCluster(t);
    const sink = open(
      t,
      receiver,
      {},
      { render: ({ key }) => rendered('{"id":"one"}', `{"id":"${key} two"}`) },
    );
    const batch = batchOf(sink, 'r1', 'r2', 'r3');
    const troubles: Record<string, ItemFate> = { 'r2 two': { status: 429 }, 'r3 two': { status: 400 } };
    server.interfere = ({ id, line }) => (id === 'r2' ? { status: 400 } : troubles[idIn(line)]);

    const first = await sink.send(batch, never);
    server.interfere = () => undefined;
    const second = await sink.send(batch, never);

    t.same(kindsOf(first), ['ok', 'retry', 'reject'], 'who must be asked again is not judged yet');
    t.same(kindsOf(second), ['ok', 'ok', 'ok']);
    t.same(server.documents.map(({ id }) => id).sort(), ['r1', 'r1-2', 'r2', 'r2-2', 'r3', 'r3-2']);
  });

  const { origin } = recordBase;
  const elsewhere = { ...origin, source: { ...origin.source, region: 'eu-west-1' } };
  const keyed = (key: string, from = origin): RenderableRec => ({
    ...recordBase,
    kind: 'unparsed',
    key,
    origin: from,
    raw: '{}',
  });

  t.test('an id is the key of the record, whatever that is, and always fits', async (t) => {
    const { receiver, server } = await startCluster(t);
    const sink = open(t, receiver);
    const keys = ['plain', 'with "quotes"\n and a line', '日本', 'x'.repeat(2_000)];

    const outcomes = await sink.send(sink.seal(keys.map((key) => sink.encode(keyed(key)))), never);

    t.same(kindsOf(outcomes), ['ok', 'ok', 'ok', 'ok']);
    t.same(
      server.documents.map(({ id }) => id),
      [...keys.slice(0, 3), sha256('x'.repeat(2_000))],
    );
  });

  t.test('log events of two log groups are two documents, even with the same id', async (t) => {
    const { receiver, server } = await startCluster(t);
    const sink = open(t, receiver);
    const records = [keyed(origin.eventId), keyed(origin.eventId, elsewhere), keyed(origin.eventId)];

    const outcomes = await sink.send(sink.seal(records.map((record) => sink.encode(record))), never);

    t.same(outcomes, [INDEXED, INDEXED, INDEXED]);
    t.equal(server.documents.length, 2);
  });

  t.test('every finding fits a data stream in ecs, and can be found by its account', async (t) => {
    const mapping = {
      '@timestamp': 'date',
      'source.ip': 'ip',
      'destination.ip': 'ip',
      'source.port': 'long',
    } as const;
    const { receiver, server } = await startCluster(t, { mapping });
    const format = formatNamed('ecs');
    const sink = open(t, receiver, {}, { render: (record, maxBytes) => format.render(record, maxBytes) });
    const records = [workedExample().text, ...findingFixtures().map(({ text }) => text)].map((text) =>
      renderable(text),
    );

    const outcomes = await sink.send(sink.seal(records.map((record) => sink.encode(record))), never);

    t.same(new Set(kindsOf(outcomes)), new Set(['ok']));
    const [first] = server.documents;
    t.match(parsed(first?.line ?? ''), { cloud: { account: { id: '123456789012' } } });
    t.equal(first?.id, records[0]?.key);
  });
});

t.test('a name that no template makes a data stream of is told, and nothing is acknowledged', async (t) => {
  const { receiver } = await startCluster(t);
  const sink = open(t, receiver, { dataStream: 'log-guardrelay-typo' });

  const first = await sink.send(batchOf(sink, 'r1'), never);
  const again = await sink.send(batchOf(sink, 'r1'), never);

  const detail = /^DST-007: 127\.0\.0\.1:\d+ keeps log-guardrelay-typo as an index: no index template makes/;
  t.match(
    [...first, ...again],
    [
      { ...CONFIG, detail },
      { ...CONFIG, detail },
    ],
  );
});

t.test('a document in the failure store is told in the log, once for a batch', async (t) => {
  const { receiver, server } = await startCluster(t);
  server.interfere = ({ line }) => (idIn(line) === 'r2' ? undefined : { status: 201, failure_store: 'used' });
  const { logger, notes } = createNotes();
  const sink = open(t, receiver, {}, { logger });

  const outcomes = await sink.send(batchOf(sink, 'r1', 'r2', 'r3'), never);

  t.match(outcomes, [{ grade: 'accepted' }, { grade: 'indexed' }, { grade: 'accepted' }]);
  t.same(notes, ['documents went to the failure store of the data stream']);
});

t.test(
  'a collection that chooses ids itself gets the documents without, and the log says so once',
  async (t) => {
    const { receiver, server } = await startCluster(t, { dataStreams: [] });
    const reason = 'Document ID is not supported in create/index operation request';
    server.interfere = ({ id }) =>
      id === undefined ? undefined : { status: 400, error: error('illegal_argument_exception', reason) };
    const { logger, notes } = createNotes();
    const sink = open(t, receiver, { type: 'opensearch', index: 'findings' }, { logger });
    const batch = batchOf(sink, 'r1', 'r2');

    const refused = await sink.send(batch, never);
    const sealedBefore = await sink.send(batch, never);
    const sealedAfter = await sink.send(batchOf(sink, 'r3'), never);

    t.same(kindsOf(refused), ['retry', 'retry']);
    t.same([...sealedBefore, ...sealedAfter], [INDEXED, INDEXED, INDEXED]);
    t.same(
      server.sent.slice(2).map(({ op, id, line }) => [op, id, idIn(line)]),
      ['r1', 'r2', 'r3'].map((id) => ['index', undefined, id]),
    );
    t.same(notes, ['the destination takes no ids of documents, so what is sent twice will be there twice']);
  },
);

t.test('a record cannot pretend that ids are refused', async (t) => {
  const { receiver, server } = await startCluster(t);
  const reason = "failed to parse: preview 'Document ID is not supported in create/index operation request'";
  server.interfere = () => ({ status: 400, error: error('document_parsing_exception', reason) });
  const sink = open(t, receiver);

  const outcomes = await sink.send(batchOf(sink, 'r1'), never);

  t.same(kindsOf(outcomes), ['reject']);
});

t.test('documents go through a pipeline where one is named', async (t) => {
  const { receiver } = await startCluster(t);
  const sink = open(t, receiver, { pipeline: 'geo' });

  await sink.send(batchOf(sink, 'r1'), never);

  t.match(receiver.requests[0]?.lines[0], '{"create":{"_id":"r1","pipeline":"geo"}}');
});

t.test('the address of another product is used as it is', async (t) => {
  const receiver = await startWebhookReceiver(t);
  receiver.answer = () => ({ status: 200, headers: JSON_TYPE, body: taken });
  const url = new URL('/insert/elasticsearch/_bulk?_msg_field=message', receiver.url).href;
  const options = destinationOptions.parse({ id: 'd', type: 'elasticsearch', url, insecureTransport: true });
  const sink = createSink(options, sinkDeps());
  t.teardown(() => sink.close(0));

  const outcomes = await sink.send(batchOf(sink, 'r1', 'r2'), never);

  t.same(outcomes, [INDEXED, INDEXED]);
  t.equal(receiver.requests[0]?.path, '/insert/elasticsearch/_bulk?_msg_field=message');
});

t.test('a configuration that leaves it open where documents go is refused', async (t) => {
  const written = { id: 'd', type: 'elasticsearch', url: 'https://es.example.com:9200' };
  const rows: readonly Written[] = [
    {},
    { dataStream: 'a', index: 'b' },
    { dataStream: 'a', url: 'https://es.example.com/_bulk' },
    { index: 'Upper' },
    { index: '../_cluster' },
    { index: 'a,b' },
    { index: 'a/_doc' },
    { dataStream: '_all' },
    { index: 'a', auth: { sigv4: { region: 'eu-west-1' } } },
    { index: 'a', auth: { apiKey: 'the key itself' } },
    { index: 'a', compression: 'zstd' },
  ];

  for (const row of rows)
    t.equal(destinationOptions.safeParse({ ...written, ...row }).success, false, JSON.stringify(row));
});

t.test('signatures of AWS', async (t) => {
  t.test("the verifier agrees with AWS's published examples", async (t) => {
    const credential = 'AKIDEXAMPLE/20150830/us-east-1';
    const head = `AWS4-HMAC-SHA256 Credential=${credential}`;
    const date = { 'x-amz-date': '20150830T123600Z' };
    const examples = [
      {
        signature: '5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
        path: '/?Action=ListUsers&Version=2010-05-08',
        signed: `${head}/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date`,
        headers: {
          ...date,
          host: 'iam.amazonaws.com',
          'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
        },
      },
      {
        signature: '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
        path: '/',
        signed: `${head}/service/aws4_request, SignedHeaders=host;x-amz-date`,
        headers: { ...date, host: 'example.amazonaws.com' },
      },
    ];

    for (const { signature, signed, path, headers } of examples) {
      const authorization = `${signed}, Signature=${signature}`;
      const request = { method: 'GET', path, headers: { ...headers, authorization }, wire: Buffer.alloc(0) };

      const { right, found } = signaturesOf(request, TEST_IDENTITY.secretAccessKey);

      t.equal(right, signature);
      t.equal(found, signature);
    }
  });

  const isSigned = (name: string): boolean =>
    !['authorization', 'connection', 'content-length'].includes(name);
  const clock = { ...systemClock, now: () => Date.UTC(2026, 6, 22, 18, 47, 17) };
  const written = (service: 'es' | 'aoss', more: Written = {}): Written => ({
    ...{ type: 'opensearch', index: 'findings', auth: { sigv4: { region: 'eu-west-1', service } } },
    ...more,
  });
  const ways: readonly (readonly [name: string, options: Written])[] = [
    ['a domain', written('es')],
    ['a collection', written('aoss')],
    ['a body that is not compressed', written('es', { compression: 'none' })],
    ['headers of the operator', written('es', { headers: { 'X-Team': 'a  b', 'X-Api-Key': 'env:K' } })],
  ];
  for (const [name, options] of ways) {
    t.test(`the signature covers every byte: ${name}`, async (t) => {
      const { receiver } = await startCluster(t, { dataStreams: [] });
      const sessionToken = 'the session token';
      const identity = { ...TEST_IDENTITY, sessionToken };
      const awsIdentities = () => ({ get: async () => identity, renew: () => {} });
      const sink = open(t, receiver, options, { clock, awsIdentities });

      const outcomes = await sink.send(batchOf(sink, 'r1'), never);
      const probe = await sink.probe(never);

      t.same(outcomes, [INDEXED]);
      t.equal(probe.kind, 'ok');
      t.equal(receiver.requests.length, 2);
      for (const request of receiver.requests) {
        const { right, found, names, scope } = signaturesOf(request, identity.secretAccessKey);
        t.equal(found, right);
        t.match(scope, /^20260722\/eu-west-1\/(es|aoss)\/aws4_request$/);
        t.equal(request.headers['x-amz-date'], '20260722T184717Z');
        t.equal(request.headers['x-amz-content-sha256'], sha256(request.wire));
        t.equal(request.headers['x-amz-security-token'], sessionToken);
        t.equal(request.headers['x-api-key'], options.headers && 'secret of env:K');
        t.same(names, Object.keys(request.headers).filter(isSigned).sort());
      }
    });
  }

  t.test(
    'credentials that AWS refuses are fetched anew once, and what it repeats of them is masked',
    async (t) => {
      const tokens = ['the first token', 'the second token'];
      let renewed = 0;
      const awsIdentities = () => ({
        get: async () => {
          const sessionToken = tokens[renewed] ?? 'the last token';
          return { ...TEST_IDENTITY, secretAccessKey: `secret ${renewed}`, sessionToken };
        },
        renew: () => {
          renewed += 1;
        },
      });
      const { receiver } = await startCluster(t, {
        dataStreams: [],
        refuses: ({ headers }) => {
          const token = String(headers['x-amz-security-token']);
          return token === tokens[1]
            ? undefined
            : { status: 403, error: error('expired', `signed with ${token}`) };
        },
      });
      const sink = open(t, receiver, written('es'), { awsIdentities });

      const outcomes = await sink.send(batchOf(sink, 'r1'), never);
      receiver.answer = ({ headers }) => ({
        status: 403,
        body: `signed with ${headers['x-amz-security-token']}`,
      });
      const refused = await sink.send(batchOf(sink, 'r2'), never);

      t.same(outcomes, [INDEXED]);
      t.match(refused, [{ ...AUTH, detail: /answered 403: signed with \*\*\*$/ }]);
    },
  );

  t.test('session tokens are remembered no longer than an answer may repeat them', async (t) => {
    let hour = 0;
    const awsIdentities = () => ({
      get: async () => ({ ...TEST_IDENTITY, sessionToken: `token of hour ${hour}` }),
      renew: () => {},
    });
    const { receiver } = await startCluster(t, { dataStreams: [] });
    const sink = open(t, receiver, written('es'), { awsIdentities });

    for (; hour < 9; hour += 1) await sink.send(batchOf(sink, `r${hour}`), never);
    receiver.answer = () => ({ status: 403, body: 'token of hour 0, token of hour 8, token of hour 9' });
    const refused = await sink.send(batchOf(sink, 'r9'), never);

    t.match(refused, [{ detail: /answered 403: token of hour 0, \*\*\*, \*\*\*$/ }]);
  });

  t.test('credentials that cannot be had hold everything, or are tried again', async (t) => {
    const { receiver } = await startCluster(t);
    const missing = new GuardrelayError('AUTH-001', 'no credentials', {
      exitCode: EXIT.failure,
      fix: 'give some',
    });
    const failures: readonly (readonly [Error, object])[] = [
      [missing, { kind: 'blocked', why: 'auth', detail: 'AUTH-001: no credentials' }],
      [
        new TypeError('terminated'),
        { kind: 'retry', why: /^AUTH-001: the AWS credentials of this destination cannot be had now/ },
      ],
    ];

    for (const [failure, outcome] of failures) {
      const awsIdentities = () => ({ get: () => Promise.reject(failure), renew: () => {} });
      const sink = open(t, receiver, written('es'), { awsIdentities });

      t.match(await sink.send(batchOf(sink, 'r1'), never), [outcome]);
    }
    t.same(receiver.requests, []);
  });
});
