import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import t, { type Test } from 'tap';

import { systemClock } from '../../agent/model/clock.ts';
import type { Outcome } from '../../agent/model/outcome.ts';
import { basicAuthorization, type ProxyServer } from '../../agent/model/proxy.ts';
import type { Sink } from '../../agent/model/sink.ts';
import type { SinkDeps } from '../../agent/ship/destination.ts';
import { createSyslogSink, syslogOptions } from '../../agent/ship/sinks/syslog.ts';
import { createWebhookSink, webhookOptions } from '../../agent/ship/sinks/webhook.ts';
import { outcomeOf } from '../../agent/ship/wire/fault.ts';
import { openThroughProxy } from '../../agent/ship/wire/proxy-tunnel.ts';
import { type ForwardProxyServer, startForwardProxy } from '../support/forward-proxy.ts';
import { idIn, recordNamed, sinkDeps } from '../support/ship-records.ts';
import { startSyslogReceiver } from '../support/syslog-receiver.ts';
import { createAuthority } from '../support/tls-certificates.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';
import { startWebhookReceiver } from '../support/webhook-receiver.ts';

const never = new AbortController().signal;
const authority = await createAuthority();
const good = await authority.issue({ addresses: ['127.0.0.1'] });
const other = await authority.issue({ addresses: ['127.0.0.1'] });
const caFile = join(t.testdir({}), 'ca.pem');
writeFileSync(caFile, authority.cert);

const CREDENTIALS = { username: 'relay', password: 'env:PROXY_PASSWORD' };
const PASSWORD = 'secret of env:PROXY_PASSWORD';
const AUTHORIZATION = basicAuthorization('relay', PASSWORD);

function open(t: Test, given: Record<string, unknown>, deps: Partial<SinkDeps> = {}): Sink {
  const options = webhookOptions.parse({
    ...{ id: 'd', type: 'webhook', tls: { caFile }, insecureTransport: true },
    ...given,
  });
  const sink = createWebhookSink(options, sinkDeps(deps));
  t.teardown(() => sink.close(0));
  return sink;
}

async function send(sink: Sink, id = 'r1'): Promise<Outcome | undefined> {
  const [outcome] = await sink.send(sink.seal([sink.encode(recordNamed(id))]), never);
  return outcome;
}

function at({ port }: Pick<ForwardProxyServer, 'port'>, more: object = {}): { readonly proxy: object } {
  return { proxy: { url: `http://127.0.0.1:${port}`, ...more } };
}

t.test('46 HTTPS goes through a tunnel, to which alone the credentials of the proxy are shown', async (t) => {
  const receiver = await startWebhookReceiver(t, good);
  const proxy = await startForwardProxy(t);
  proxy.wants = AUTHORIZATION;
  const sink = open(t, { url: receiver.url, ...at(proxy, CREDENTIALS) });

  const outcome = await send(sink);

  const { host } = new URL(receiver.url);
  t.match(outcome, { kind: 'ok', grade: 'accepted' });
  t.same(proxy.asked, [`CONNECT ${host}`]);
  t.equal(receiver.requests[0]?.headers.host, host);
  t.notOk(receiver.requests[0]?.headers['proxy-authorization']);
});

t.test('46 plain HTTP is forwarded: the proxy gets the whole URL', async (t) => {
  const receiver = await startWebhookReceiver(t);
  const proxy = await startForwardProxy(t);
  proxy.wants = AUTHORIZATION;
  const sink = open(t, { url: `${receiver.url}?a=b`, ...at(proxy, CREDENTIALS) });

  const outcome = await send(sink);

  t.match(outcome, { kind: 'ok' });
  t.same(proxy.asked, [`POST ${receiver.url}?a=b`]);
  t.same(receiver.requests[0]?.lines.map(idIn), ['r1']);
  t.equal(receiver.requests[0]?.path, '/in?a=b');
});

const REFUSED = { kind: 'blocked', why: 'config', detail: /^DST-007: the proxy 127\.0\.0\.1:\d+ answered 4/ };
const answers: readonly (readonly [ForwardProxyServer['refusal'], Record<string, unknown>])[] = [
  [407, { kind: 'blocked', why: 'auth', detail: /^DST-004: the proxy .* answered 407 when asked for siem/ }],
  [403, REFUSED],
  [405, REFUSED],
  ...[429, 500, 502, 503, 504].map(
    (status) => [status, { kind: 'retry', why: /^DST-002: the proxy .* answered/ }] as const,
  ),
  ['garbage', { kind: 'blocked', why: 'config', detail: /^DST-007: the proxy .* does not answer in HTTP/ }],
];
for (const [refusal, outcome] of answers) {
  t.test(`46 a proxy that answers CONNECT with ${refusal} means ${outcome.kind}`, async (t) => {
    const proxy = await startForwardProxy(t);
    proxy.refusal = refusal;
    const sink = open(t, { url: 'https://siem.example.com/in', ...at(proxy) });

    const said = await send(sink);

    t.match(said, outcome);
    t.same(proxy.asked, ['CONNECT siem.example.com:443']);
  });
}

t.test('46 a proxy that never opens the tunnel is given up after 30 seconds', async (t) => {
  const proxy = await startForwardProxy(t);
  proxy.refusal = 'silence';
  const clock = createVirtualClock();
  const sink = open(t, { url: 'https://siem.example.com/', ...at(proxy) }, { clock });

  const sending = send(sink);
  await proxy.untilAsked();
  await clock.advance(30_000);
  const said = await sending;

  t.match(said, {
    kind: 'retry',
    why: /^DST-002: the proxy .* did not connect to siem\.example\.com:443 within/,
  });
});

t.test('46 a proxy that is not there, or has no name, is a retry that speaks of the proxy', async (t) => {
  const url = 'https://siem.example.com/';
  const gone = open(t, { url, proxy: { url: 'http://127.0.0.1:1' } });
  const nameless = open(t, { url, proxy: { url: 'http://proxy.invalid:3128' } });

  const outcomes = [await send(gone), await send(nameless)];

  t.match(outcomes, [
    { kind: 'retry', why: /^DST-002: the proxy 127\.0\.0\.1:1 cannot be reached \(ECONNREFUSED\)/ },
    { kind: 'retry', why: /^DST-001: the name in the proxy proxy\.invalid:3128 cannot be resolved/ },
  ]);
});

t.test('46 a password of the proxy is read anew for each connection, and never told', async (t) => {
  const receiver = await startWebhookReceiver(t, good);
  const clear = await startWebhookReceiver(t);
  const proxy = await startForwardProxy(t);
  proxy.wants = basicAuthorization('relay', 'renewed-password');
  const passwords = ['old-password', 'old-password', 'renewed-password'];
  const readSecret = async () => passwords.shift() ?? 'renewed-password';
  const forwarding = open(t, { url: clear.url, ...at(proxy, CREDENTIALS) }, { readSecret });
  const tunnelling = open(t, { url: receiver.url, ...at(proxy, CREDENTIALS) }, { readSecret });

  const refused = [await send(forwarding), await send(tunnelling)];
  const outcome = await send(tunnelling);

  t.match(refused, [
    { kind: 'blocked', why: 'auth', detail: /^DST-004: .* answered 407: not with Basic \*\*\*$/ },
    { kind: 'blocked', why: 'auth', detail: /^DST-004: the proxy/ },
  ]);
  t.match(outcome, { kind: 'ok' });
});

t.test(
  '46 without a proxy of its own a destination uses that of the environment; none uses none',
  async (t) => {
    const receiver = await startWebhookReceiver(t, good);
    const proxy = await startForwardProxy(t);
    proxy.wants = AUTHORIZATION;
    const server: ProxyServer = {
      ...{ host: '127.0.0.1', port: proxy.port, secure: false },
      authorization: AUTHORIZATION,
    };
    const proxyFor = ({ pathname }: URL) => (pathname === '/in' ? server : undefined);
    const rows = [
      { given: { url: receiver.url }, tunnels: 1 },
      { given: { url: receiver.url, proxy: 'none' }, tunnels: 0 },
      { given: { url: new URL('/exempt', receiver.url).href }, tunnels: 0 },
    ];

    for (const { given, tunnels } of rows) {
      const outcome = await send(open(t, given, { proxyFor }));

      t.match(outcome, { kind: 'ok' });
      t.equal(proxy.asked.splice(0).length, tunnels);
    }
  },
);

t.test('46 TLS is spoken with the proxy itself where its URL is https', async (t) => {
  const receiver = await startWebhookReceiver(t, good);
  const proxy = await startForwardProxy(t, other);
  const url = `https://127.0.0.1:${proxy.port}`;
  const trusting = open(t, { url: receiver.url, proxy: { url, tls: { caFile } } });
  const wary = open(t, { url: receiver.url, proxy: { url } });

  const outcomes = [await send(trusting), await send(wary)];

  t.match(outcomes, [
    { kind: 'ok' },
    { kind: 'blocked', why: 'tls', detail: /^DST-003: TLS with 127\.0\.0\.1:\d+ failed/ },
  ]);
  t.equal(receiver.requests.length, 1);
});

t.test('29 a pin holds through a proxy, on every connection', async (t) => {
  const receiver = await startWebhookReceiver(t, good);
  const reused: boolean[] = [];
  receiver.server.on('secureConnection', (socket: TLSSocket) => reused.push(socket.isSessionReused()));
  receiver.answer = () => ({ status: 200, headers: { connection: 'close' } });
  const proxy = await startForwardProxy(t);
  const pinned = (pin: string) =>
    open(t, { url: receiver.url, ...at(proxy), tls: { caFile, pinSha256: [pin] } });
  const right = pinned(good.pin);

  const taken = [await send(right, 'r1'), await send(right, 'r2')];
  const refused = await send(pinned(other.pin), 'r3');

  t.match(taken, [{ kind: 'ok' }, { kind: 'ok' }]);
  t.match(refused, { kind: 'blocked', why: 'tls', detail: /is not in pinSha256/ });
  t.same(reused.slice(0, 2), [false, false]);
  t.same(
    receiver.requests.flatMap(({ lines }) => lines.map(idIn)),
    ['r1', 'r2'],
  );
});

t.test('22 an unknown authority blocks through a proxy, too', async (t) => {
  const receiver = await startWebhookReceiver(t, good);
  const proxy = await startForwardProxy(t);

  const outcome = await send(open(t, { url: receiver.url, ...at(proxy), tls: {} }));

  t.match(outcome, { kind: 'blocked', why: 'tls', detail: /^DST-003: / });
  t.equal(receiver.requests.length, 0);
});

t.test('no proxy is asked for a metadata address', async (t) => {
  const proxy = await startForwardProxy(t);
  const way = { endpoint: { host: '127.0.0.1', port: proxy.port }, headers: async () => ({}) };
  const targets = [
    { host: '169.254.169.254', port: 80 },
    { host: '169.254.169.254', port: 443, tls: webhookOptions.parse(secured()).tls },
  ];

  for (const endpoint of targets) {
    const error = await openThroughProxy({ proxy: way, endpoint }, { clock: systemClock }, never).catch(
      (refusal: unknown) => refusal,
    );

    t.match(outcomeOf(error, ''), { kind: 'blocked', detail: /metadata address/ });
  }
  t.same(proxy.asked, []);
});

function secured(): Record<string, unknown> {
  return { id: 'd', type: 'webhook', url: 'https://siem.example.com/' };
}

t.test('syslog asks no proxy', async (t) => {
  const receiver = await startSyslogReceiver(t);
  const options = syslogOptions.parse({
    ...{ id: 'd', type: 'syslog', host: '127.0.0.1', port: receiver.port },
    ...{ transport: 'tcp', insecureTransport: true },
  });
  const proxyFor = () => ({ host: '127.0.0.1', port: 1, secure: false });
  const sink = createSyslogSink(options, sinkDeps({ proxyFor }));
  t.teardown(() => sink.close(0));

  const outcome = await send(sink);

  t.match(outcome, { kind: 'ok' });
});

const mistakes: readonly (readonly [string, unknown, RegExp])[] = [
  ['credentials in the URL', { url: 'http://me:secret@proxy:3128' }, /must not hold credentials/],
  ['SOCKS', { url: 'socks5://proxy:1080' }, /must be an http:\/\/ or https:\/\/ URL/],
  ['a user without a password', { url: 'http://proxy:3128', username: 'me' }, /belong together/],
  ['a password that is no reference', { url: 'http://proxy', username: 'me', password: 'x' }, /reference/],
];
for (const [what, wrong, sentence] of mistakes) {
  t.test(`the configuration of a proxy refuses ${what}`, async (t) => {
    const parsed = webhookOptions.safeParse({ ...secured(), proxy: wrong });

    t.equal(parsed.success, false);
    t.match(parsed.error?.message, sentence);
    t.notMatch(parsed.error?.message, /me:secret/);
  });
}
