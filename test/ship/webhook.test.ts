import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { Webhook } from 'standardwebhooks';
import t, { type Test } from 'tap';

import { systemClock } from '../../agent/model/clock.ts';
import { EXIT, GuardrelayError } from '../../agent/model/error.ts';
import type { RenderableRec } from '../../agent/model/record.ts';
import type { Sink } from '../../agent/model/sink.ts';
import type { SinkDeps } from '../../agent/ship/destination.ts';
import { createWebhookSink, webhookOptions } from '../../agent/ship/sinks/webhook.ts';
import { idIn, recordNamed, rendered, sinkDeps } from '../support/ship-records.ts';
import { createAuthority } from '../support/tls-certificates.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';
import { startWebhookReceiver } from '../support/webhook-receiver.ts';

const never = new AbortController().signal;

function open(t: Test, url: string, given: Record<string, unknown> = {}, deps: Partial<SinkDeps> = {}): Sink {
  const options = webhookOptions.parse({ id: 'd', type: 'webhook', url, insecureTransport: true, ...given });
  const sink = createWebhookSink(options, sinkDeps(deps));
  t.teardown(() => sink.close(0));
  return sink;
}

function batchOf(sink: Sink, ...ids: readonly string[]) {
  return sink.seal(ids.map((id) => sink.encode(recordNamed(id))));
}

function textual(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

t.test('a batch arrives as one compressed POST with a line per record and an idempotency key', async (t) => {
  const receiver = await startWebhookReceiver(t);
  const sink = open(t, receiver.url, {
    headers: { 'X-Tenant': 'acme', 'X-Api-Key': 'env:KEY' },
    auth: { bearer: 'file:/token' },
  });
  const batch = batchOf(sink, 'r1', 'r2');

  const outcomes = await sink.send(batch, never);

  const taken = { kind: 'ok', grade: 'accepted' };
  t.same(outcomes, [taken, taken]);
  t.same(receiver.requests[0]?.lines.map(idIn), ['r1', 'r2']);
  t.match(receiver.requests, [
    {
      method: 'POST',
      path: '/in',
      headers: {
        'content-type': 'application/x-ndjson',
        'content-encoding': 'gzip',
        authorization: 'Bearer secret of file:/token',
        'x-tenant': 'acme',
        'x-api-key': 'secret of env:KEY',
        'idempotency-key': batch.id,
        'webhook-id': batch.id,
      },
    },
  ]);
});

t.test(
  '37 a page that refuses the probe tells of something in between, other words only of an empty body',
  async (t) => {
    const receiver = await startWebhookReceiver(t);
    const sink = open(t, receiver.url);
    receiver.answer = () => ({
      status: 400,
      headers: { 'content-type': 'text/html' },
      body: '<h1>No certificate</h1>',
    });

    const page = await sink.probe(never);
    receiver.answer = () => ({ status: 400, body: 'empty' });
    const words = await sink.probe(never);

    t.match(page, {
      kind: 'blocked',
      why: 'config',
      detail: /^DST-007: .* answered 400: <h1>No certificate/,
    });
    t.match(words, { kind: 'ok' });
  },
);

t.test('a JSON array holds each record as it is, or as a message where it is no JSON object', async (t) => {
  const receiver = await startWebhookReceiver(t);
  const texts = new Map<string, string>([
    ['cef', 'CEF:0|a "quote"'],
    ['cut', '{"id":"cu'],
    ['list', '[1]'],
  ]);
  const render = (record: RenderableRec) => rendered(texts.get(record.key) ?? record.raw);
  const sink = open(t, receiver.url, { body: 'array' }, { render });

  await sink.send(batchOf(sink, 'r1', 'cef', 'cut', 'list'), never);

  const [request] = receiver.requests;
  t.equal(request?.headers['content-type'], 'application/json');
  t.same(JSON.parse(request?.text ?? ''), [
    { id: 'r1', text: '' },
    { message: 'CEF:0|a "quote"' },
    { message: '{"id":"cu' },
    { message: '[1]' },
  ]);
});

t.test('a batch goes out as zstd where that is wanted', async (t) => {
  const receiver = await startWebhookReceiver(t);
  const sink = open(t, receiver.url, { compression: 'zstd' });
  const batch = batchOf(sink, 'r1', 'r2');

  await sink.send(batch, never);

  const [request] = receiver.requests;
  t.equal(request?.headers['content-encoding'], 'zstd');
  t.same(request?.lines.map(idIn), ['r1', 'r2']);
});

t.test(
  'a request is signed as Standard Webhooks, by the old and the new secret, anew on each try',
  async (t) => {
    const receiver = await startWebhookReceiver(t);
    const secrets = ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'plain words'];
    const readSecret = async (reference: string) => secrets[Number(reference.at(-1))] ?? '';
    const signing = { secrets: ['env:S0', 'env:S1'] };
    const clock = createVirtualClock(Date.now());
    const sink = open(t, receiver.url, { signing }, { readSecret, clock });
    const batch = batchOf(sink, 'r1', 'r2');

    await sink.send(batch, never);
    await clock.advance(5_000);
    await sink.send(batch, never);

    const [first, second] = receiver.requests;
    const verifiers = [new Webhook(secrets[0] ?? ''), new Webhook(secrets[1] ?? '', { format: 'raw' })];
    for (const verifier of verifiers) {
      for (const { text, headers } of receiver.requests) {
        t.doesNotThrow(() => verifier.verify(text, textual(headers), { jsonParse: false }));
        t.throws(() => verifier.verify(`${text}x`, textual(headers), { jsonParse: false }));
      }
    }
    t.equal(first?.headers['webhook-id'], second?.headers['webhook-id']);
    t.not(first?.headers['webhook-signature'], second?.headers['webhook-signature']);
  },
);

t.test('a user name and a password become basic credentials, which no message repeats', async (t) => {
  const receiver = await startWebhookReceiver(t);
  receiver.answer = ({ headers }) => ({ status: 400, body: `what is ${headers.authorization}?` });
  const sink = open(t, receiver.url, { auth: { basic: { username: 'relay', password: 'env:P' } } });

  const [outcome] = await sink.send(batchOf(sink, 'r1'), never);

  const encoded = Buffer.from('relay:secret of env:P').toString('base64');
  t.match(outcome, { why: /answered 400: what is \*\*\*\?$/ });
  t.equal(receiver.requests[0]?.headers.authorization, `Basic ${encoded}`);
});

const RETRY = { kind: 'retry', why: /^DST-005: 127\.0\.0\.1:\d+ answered \d+: because$/ };
const REJECT = { kind: 'reject', why: /^DST-005: / };
const CONFIG = { kind: 'blocked', why: 'config', detail: /^DST-007: / };
const statuses: readonly (readonly [number, Record<string, unknown>])[] = [
  ...[200, 201, 202, 204].map((status) => [status, { kind: 'ok' }] as const),
  ...[408, 425, 429, 500, 502, 503, 504, 507, 520, 599].map((status) => [status, RETRY] as const),
  ...[400, 422].map((status) => [status, { ...REJECT, code: String(status) }] as const),
  ...[401, 403, 407].map((status) => [status, { kind: 'blocked', why: 'auth' }] as const),
  ...[206, 260, 301, 302, 307, 402, 404, 405, 410, 415, 501, 505].map((status) => [status, CONFIG] as const),
  ...[413, 431].map((status) => [status, { ...REJECT, code: String(status) }] as const),
];
for (const [status, outcome] of statuses) {
  t.test(`an answer of ${status} means ${outcome.kind}`, async (t) => {
    const receiver = await startWebhookReceiver(t);
    receiver.answer = () => ({ status, ...(status !== 204 && { body: 'because' }) });
    const sink = open(t, receiver.url);

    const outcomes = await sink.send(batchOf(sink, 'r1', 'r2'), never);

    t.match(outcomes, [outcome, outcome]);
  });
}

t.test('a page of HTML is no acknowledgement, and 202 is none where 204 is expected', async (t) => {
  const receiver = await startWebhookReceiver(t);
  const strict = open(t, receiver.url, { successStatuses: [204] });
  const sink = open(t, receiver.url);
  const headers = { 'content-type': 'text/html; charset=utf-8' };
  receiver.answer = () => ({ status: 200, headers, body: '\n<!DOCTYPE html><title>Sign in</title>' });

  const [page] = await sink.send(batchOf(sink, 'r1'), never);
  receiver.answer = () => ({ status: 202 });
  const [unexpected] = await strict.send(batchOf(strict, 'r1'), never);

  t.match([page, unexpected], [CONFIG, CONFIG]);
});

t.test('a word that its framework calls HTML is an acknowledgement', async (t) => {
  const receiver = await startWebhookReceiver(t);
  const sink = open(t, receiver.url);

  for (const body of ['', 'OK']) {
    receiver.answer = () => ({ status: 200, headers: { 'content-type': 'text/html' }, body });
    t.match(await sink.send(batchOf(sink, 'r1'), never), [{ kind: 'ok' }], body);
  }
});

t.test('34 Retry-After is honoured in seconds and as a date, and capped', async (t) => {
  const receiver = await startWebhookReceiver(t);
  const clock = { ...systemClock, now: () => Date.UTC(2026, 6, 22, 18, 47, 17) };
  const sink = open(t, receiver.url, {}, { clock });
  const waits = ['7', 'Wed, 22 Jul 2026 18:48:17 GMT', '999999'];

  const found: unknown[] = [];
  for (const wait of waits) {
    receiver.answer = () => ({ status: 503, headers: { 'retry-after': wait } });
    found.push(...(await sink.send(batchOf(sink, 'r1'), never)));
  }

  t.match(found, [{ afterMs: 7_000 }, { afterMs: 60_000 }, { afterMs: 900_000 }]);
});

t.test('35 answers raise the concurrency, 429 lowers it, and recovery raises it again', async (t) => {
  const receiver = await startWebhookReceiver(t);
  const sink = open(t, receiver.url, { maxConcurrency: 3 });
  const seen = [sink.caps.concurrency];
  const send = async (times: number) => {
    for (let count = 0; count < times; count += 1) await sink.send(batchOf(sink, 'r1'), never);
    seen.push(sink.caps.concurrency);
  };

  await send(8);
  receiver.answer = () => ({ status: 429 });
  await send(1);
  receiver.answer = () => ({ status: 200 });
  await send(6);

  t.same(seen, [1, 3, 1, 3]);
});

t.test(
  '35 requests without an answer lower the concurrency, as on a line that is too slow for all',
  async (t) => {
    const receiver = await startWebhookReceiver(t);
    const sink = open(t, receiver.url);
    for (let count = 0; count < 16; count += 1) await sink.send(batchOf(sink, 'r1'), never);
    const before = sink.caps.concurrency;

    receiver.cuts = true;
    await Promise.all(Array.from({ length: before }, () => sink.send(batchOf(sink, 'r1'), never)));

    t.ok(before > 3);
    t.equal(sink.caps.concurrency, before >> 1, 'once for all that were open together');
  },
);

t.test('36 an answer of 413 makes later batches smaller, and a single record shorter', async (t) => {
  const receiver = await startWebhookReceiver(t);
  receiver.answer = ({ text }) => ({ status: text.length > 6_000 ? 413 : 200 });
  const sink = open(
    t,
    receiver.url,
    { batch: { maxBytes: 100_000 } },
    { render: ({ raw }, maxBytes) => rendered(raw.slice(0, maxBytes)) },
  );
  const large = sink.encode(recordNamed('large', 'x'.repeat(20_000)));
  const small = sink.encode(recordNamed('small', 'x'.repeat(5_000)));

  const [first] = await sink.send(sink.seal([small, small]), never);
  const limit = sink.caps.maxBatchBytes;
  const [alone] = await sink.send(sink.seal([large]), never);

  t.match(first, { kind: 'reject', code: '413' });
  t.equal(limit, small.bytes.length);
  t.match(alone, { kind: 'ok' });
  t.equal(receiver.requests.at(-1)?.text.length, (large.bytes.length >> 2) + 1, 'a quarter and a line end');
});

t.test('a probe that is too large for the receiver says nothing of the size of batches', async (t) => {
  const receiver = await startWebhookReceiver(t);
  receiver.answer = () => ({ status: 431 });
  const sink = open(t, receiver.url);

  await sink.probe(never);

  t.equal(sink.caps.maxBatchBytes, 1_048_576);
});

t.test('an answer of 415 switches compression off for good', async (t) => {
  const receiver = await startWebhookReceiver(t);
  receiver.answer = ({ headers }) => ({ status: headers['content-encoding'] ? 415 : 200 });
  const sink = open(t, receiver.url);
  const sealedBefore = batchOf(sink, 'r2');

  const first = await sink.send(batchOf(sink, 'r1'), never);
  const second = await sink.send(sealedBefore, never);

  t.match([...first, ...second], [{ kind: 'ok' }, { kind: 'ok' }]);
  const encodings = receiver.requests.map(({ headers, lines }) => [
    headers['content-encoding'],
    ...lines.map(idIn),
  ]);
  t.same(encodings, [
    ['gzip', 'r1'],
    [undefined, 'r1'],
    [undefined, 'r2'],
  ]);
});

t.test('a renewed token is read after 401; one that is the same blocks, and is not shown', async (t) => {
  const receiver = await startWebhookReceiver(t);
  receiver.answer = ({ headers }) =>
    headers.authorization === 'Bearer second'
      ? { status: 200 }
      : { status: 401, body: `no entry\nfor ${headers.authorization}` };
  const tokens = ['first', 'second', 'third'];
  const readSecret = async () => tokens.shift() ?? 'third';
  const sink = open(t, receiver.url, { auth: { bearer: 'file:/token' } }, { readSecret });

  const [renewed] = await sink.send(batchOf(sink, 'r1'), never);
  receiver.answer = ({ headers }) => ({ status: 401, body: `no entry\nfor ${headers.authorization}` });
  await sink.send(batchOf(sink, 'r1'), never);
  const [refused] = await sink.send(batchOf(sink, 'r1'), never);

  t.match(renewed, { kind: 'ok' });
  t.match(refused, {
    kind: 'blocked',
    why: 'auth',
    detail: /^DST-004: .* answered 401: no entry for Bearer \*\*\*$/,
  });
});

t.test('a secret that cannot be read, or does not fit a header, blocks with its own sentence', async (t) => {
  const receiver = await startWebhookReceiver(t);
  const missing = new GuardrelayError('CFG-005', 'Reading the secret env:T failed: the variable is not set', {
    exitCode: EXIT.usage,
    fix: 'Set it.',
  });
  const absent = open(
    t,
    receiver.url,
    { auth: { bearer: 'env:T' } },
    { readSecret: () => Promise.reject(missing) },
  );
  const unfit = open(t, receiver.url, { auth: { bearer: 'env:T' } }, { readSecret: async () => 'a\r\nx: y' });

  const outcomes = [
    ...(await absent.send(batchOf(absent, 'r1'), never)),
    ...(await unfit.send(batchOf(unfit, 'r1'), never)),
  ];

  t.match(outcomes, [
    { kind: 'blocked', why: 'auth', detail: /^CFG-005: Reading the secret env:T failed/ },
    { kind: 'blocked', why: 'auth', detail: /^CFG-005: the secret env:T holds characters/ },
  ]);
  t.equal(receiver.requests.length, 0);
});

t.test('42 every retry sends identical bytes', async (t) => {
  const receiver = await startWebhookReceiver(t);
  receiver.answer = () => ({ status: 503 });
  const sink = open(t, receiver.url);
  const batch = batchOf(sink, 'r1', 'r2');

  for (let tries = 0; tries < 3; tries += 1) await sink.send(batch, never);

  const sent = receiver.requests.map(({ wire, headers }) => `${digest(wire)} ${headers['webhook-id']}`);
  t.same(new Set(sent).size, 1);
  t.equal(sent.length, 3);
});

t.test('43 a redirect is refused, and no token is told', async (t) => {
  const receiver = await startWebhookReceiver(t);
  const thief = await startWebhookReceiver(t);
  const sink = open(t, `${receiver.url}?key=in-the-url`, { auth: { bearer: 'env:T' } });
  const answers = [302, 307, 308];

  const outcomes: unknown[] = [];
  for (const status of answers) {
    receiver.answer = () => ({ status, headers: { location: thief.url }, body: 'go: secret of env:T' });
    outcomes.push(...(await sink.send(batchOf(sink, 'r1'), never)));
  }

  t.match(outcomes, [CONFIG, CONFIG, CONFIG]);
  t.equal(thief.requests.length, 0);
  t.notMatch(JSON.stringify(outcomes), /secret of env:T|in-the-url/);
});

t.test('44 an endless answer blocks', async (t) => {
  const receiver = await startWebhookReceiver(t);
  receiver.answer = () => ({
    write(response) {
      const pour = (): void => {
        while (response.write(Buffer.alloc(65_536))) if (response.destroyed) return;
        response.once('drain', pour);
      };
      pour();
    },
  });
  const sink = open(t, receiver.url);

  const [outcome] = await sink.send(batchOf(sink, 'r1'), never);

  t.match(outcome, { ...CONFIG, detail: /more than 1 MB/ });
});

t.test('44 an answer that drips is given up after a minute', async (t) => {
  const receiver = await startWebhookReceiver(t);
  receiver.answer = () => ({
    write: (response) => response.writeHead(200, { 'content-length': '100' }).write('slow'),
  });
  const clock = createVirtualClock();
  const sink = open(t, receiver.url, {}, { clock });

  const sending = sink.send(batchOf(sink, 'r1'), never);
  await receiver.received(1);
  await clock.advance(60_000);
  const [outcome] = await sending;

  t.match(outcome, { kind: 'retry', why: /did not finish its answer within 60 s/ });
});

t.test('44 a server that speaks no HTTP is a retry 19 times, then blocks', async (t) => {
  const server = createServer((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'));
  const port = await listen(t, server);
  const sink = open(t, `http://127.0.0.1:${port}/`);

  const kinds: string[] = [];
  for (let tries = 0; tries < 20; tries += 1) {
    const [outcome] = await sink.send(batchOf(sink, 'r1'), never);
    kinds.push(outcome?.kind ?? 'nothing');
  }

  t.same(new Set(kinds.slice(0, 19)), new Set(['retry']));
  t.equal(kinds[19], 'blocked');
});

async function listen(t: Test, server: ReturnType<typeof createServer>): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const address = server.address();
  return address !== null && typeof address === 'object' ? address.port : 0;
}

t.test(
  '45 a connection closed after the request was read means retry, and a duplicate, not a loss',
  async (t) => {
    const receiver = await startWebhookReceiver(t);
    receiver.answer = () => ({ write: (response) => response.destroy() });
    const sink = open(t, receiver.url);
    const batch = batchOf(sink, 'r1');

    const [lost] = await sink.send(batch, never);
    receiver.answer = () => ({ status: 200 });
    const [taken] = await sink.send(batch, never);

    t.match([lost, taken], [{ kind: 'retry' }, { kind: 'ok' }]);
    t.equal(receiver.requests.length, 2);
  },
);

t.test('45 a server that closes idle connections loses nothing', async (t) => {
  const receiver = await startWebhookReceiver(t);
  let current: Socket | undefined;
  receiver.server.on('connection', (socket: Socket) => {
    current = socket;
  });
  const sink = open(t, receiver.url);

  const kinds: string[] = [];
  for (let count = 0; count < 5; count += 1) {
    const [outcome] = await sink.send(batchOf(sink, `r${count}`), never);
    kinds.push(outcome?.kind ?? 'nothing');
    current?.end();
    if (outcome?.kind === 'retry') count -= 1;
  }

  t.same(
    new Set(receiver.requests.flatMap(({ lines }) => lines.map(idIn))),
    new Set(['r0', 'r1', 'r2', 'r3', 'r4']),
  );
  t.equal(kinds.filter((kind) => kind === 'ok').length, 5);
});

t.test('the probe is an empty POST that tells of credentials and of the URL', async (t) => {
  const receiver = await startWebhookReceiver(t);
  const sink = open(t, receiver.url, { auth: { bearer: 'env:T' } });

  const kinds: string[] = [];
  for (const status of [200, 400, 401, 404, 503]) {
    receiver.answer = () => ({ status });
    kinds.push((await sink.probe(never)).kind);
  }

  t.same(kinds, ['ok', 'ok', 'blocked', 'blocked', 'retry']);
  t.ok(receiver.requests.every(({ wire, headers }) => wire.length === 0 && headers.authorization));
});

t.test('TLS', async (t) => {
  const authority = await createAuthority();
  const good = await authority.issue({ addresses: ['127.0.0.1'] });
  const other = await authority.issue({ addresses: ['127.0.0.1'] });
  const caFile = join(t.testdir({}), 'ca.pem');
  writeFileSync(caFile, authority.cert);

  t.test('22 a certificate of an unknown authority blocks, and nothing is sent', async (t) => {
    const receiver = await startWebhookReceiver(t, good);
    const sink = open(t, receiver.url);

    const [outcome] = await sink.send(batchOf(sink, 'r1'), never);

    t.match(outcome, { kind: 'blocked', why: 'tls', detail: /^DST-003: / });
    t.equal(receiver.requests.length, 0);
  });

  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    t.test(`26 no client certificate where ${version} wants one delivers nothing`, async (t) => {
      const receiver = await startWebhookReceiver(t, {
        ...{ ...good, ca: authority.cert, requestCert: true, rejectUnauthorized: true },
        ...{ minVersion: version, maxVersion: version },
      });
      const sink = open(t, receiver.url, { tls: { caFile } });

      const [outcome] = await sink.send(batchOf(sink, 'r1'), never);

      t.match(outcome, { kind: 'blocked', why: 'tls', detail: /^DST-003: / });
      t.equal(receiver.requests.length, 0);
    });
  }

  t.test('29 a pin that does not match blocks, and nothing is sent', async (t) => {
    const receiver = await startWebhookReceiver(t, good);
    const sink = open(t, receiver.url, { tls: { caFile, pinSha256: [other.pin] } });

    const [outcome] = await sink.send(batchOf(sink, 'r1'), never);

    t.match(outcome, { kind: 'blocked', why: 'tls', detail: /is not in pinSha256/ });
    t.equal(receiver.requests.length, 0);
  });

  t.test('29 a pin holds for every connection, because no session is resumed', async (t) => {
    const receiver = await startWebhookReceiver(t, good);
    const reused: boolean[] = [];
    receiver.server.on('secureConnection', (socket: TLSSocket) => reused.push(socket.isSessionReused()));
    receiver.answer = () => ({ status: 200, headers: { connection: 'close' } });
    const sink = open(t, receiver.url, { tls: { caFile, pinSha256: [good.pin] } });

    const kinds: string[] = [];
    for (const id of ['r1', 'r2', 'r3']) {
      const [outcome] = await sink.send(batchOf(sink, id), never);
      kinds.push(outcome?.kind ?? 'nothing');
    }

    t.same(kinds, ['ok', 'ok', 'ok']);
    t.same(reused, [false, false, false]);
  });
});

const mistakes: readonly (readonly [string, Record<string, unknown>, RegExp])[] = [
  ['http without saying that it is insecure', { url: 'http://siem.example.com/' }, /insecureTransport: true/],
  ['a URL that is none', { url: 'siem.example.com' }, /must be an https:\/\/ URL/],
  ['a password in the URL', { url: 'https://me:secret@siem.example.com/' }, /must not hold credentials/],
  ['a password without a user', { url: 'https://:secret@siem.example.com/' }, /must not hold credentials/],
  ['a metadata address', { url: 'https://169.254.169.254/' }, /link-local and metadata/],
  ['a metadata address in disguise', { url: 'https://0xa9fea9fe/' }, /link-local and metadata/],
  ['a secret in a header', { headers: { 'x-api-key': 'abc' } }, /must be a secret reference/],
  ['a header of our own', { headers: { 'Content-Length': '1' } }, /guardrelay sets itself/],
  ['a header that forges another', { headers: { 'x-a': 'b\r\nx-c: d' } }, /printable ASCII/],
];
for (const [what, wrong, sentence] of mistakes) {
  t.test(`the configuration refuses ${what}`, async (t) => {
    const given = { id: 'd', type: 'webhook', url: 'https://siem.example.com/', ...wrong };

    const parsed = webhookOptions.safeParse(given);

    t.equal(parsed.success, false);
    t.match(parsed.error?.message, sentence);
  });
}
