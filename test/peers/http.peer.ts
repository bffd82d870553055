import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';

import type { Outcome } from '../../agent/model/outcome.ts';
import type { Sink } from '../../agent/model/sink.ts';
import { createSink, destinationOptions } from '../../agent/ship/sinks/index.ts';
import { idIn, recordNamed, sinkDeps } from '../support/ship-records.ts';
import { deliver } from '../support/sink-contract.ts';
import { createAuthority } from '../support/tls-certificates.ts';
import { startWebhookReceiver } from '../support/webhook-receiver.ts';
import { type RealProxy, startSquid, startTinyproxy } from './support/forward-proxies.ts';
import { startNginx } from './support/nginx.ts';
import { freePort } from './support/ports.ts';
import { until } from './support/until.ts';

const folder = t.testdir({});
const authority = await createAuthority();
const good = await authority.issue({ addresses: ['127.0.0.1'] });
const other = await authority.issue({ addresses: ['127.0.0.1'] });

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

const caFile = file('ca.pem', authority.cert);
const receiver = await startWebhookReceiver(t);
const port = await freePort();
const [notOpen, dead] = [await freePort(), await freePort()];
const nginx = await startNginx({
  directory: join(folder, 'nginx'),
  http: `
    limit_req_zone $binary_remote_addr zone=slow:1m rate=20r/s;
    server {
      listen 127.0.0.1:${port} ssl;
      listen 127.0.0.1:${notOpen} ssl;
      ssl_certificate ${file('server.pem', good.cert)};
      ssl_certificate_key ${file('server.key', good.key)};
      keepalive_requests 20;
      location /in { proxy_pass ${new URL(receiver.url).origin}; }
      location /small { client_max_body_size 8k; proxy_pass ${new URL(receiver.url).origin}; }
      location /limited { limit_req zone=slow burst=10 nodelay; limit_req_status 429; proxy_pass ${new URL(receiver.url).origin}; }
      location /dead { proxy_pass http://127.0.0.1:${dead}; }
      location /storm { add_header Retry-After 7 always; return 503; }
      location /moved { return 307 https://127.0.0.1:${port}/in; }
    }`,
  ports: [port, notOpen],
});
t.teardown(nginx.stop);

const never = new AbortController().signal;
const PASSWORD = 'a-password-of-the-proxy';

function open(t: Test, path: string, given: object = {}): Sink {
  const options = destinationOptions.parse({
    ...{ id: 'd', type: 'webhook', url: `https://127.0.0.1:${port}${path}`, tls: { caFile } },
    ...given,
  });
  const sink = createSink(options, sinkDeps({ readSecret: async () => PASSWORD }));
  t.teardown(() => sink.close(0));
  return sink;
}

async function send(sink: Sink): Promise<Outcome | undefined> {
  const [outcome] = await sink.send(sink.seal([sink.encode(recordNamed('r1'))]), never);
  return outcome;
}

function taken(): readonly string[] {
  return receiver.requests.splice(0).flatMap(({ lines }) => lines.map(idIn));
}

function ids(count: number): readonly string[] {
  return Array.from({ length: count }, (_, at) => `r${at}`);
}

t.test('34 nginx that answers 503 is waited for as long as it asks', async (t) => {
  t.match(await send(open(t, '/storm')), { kind: 'retry', afterMs: 7_000, why: /answered 503/ });
});

t.test('34 a dead receiver behind nginx is a retry', async (t) => {
  t.match(await send(open(t, '/dead')), { kind: 'retry', why: /^DST-005: .* answered 502/ });
});

t.test('35 nginx that limits requests lowers the concurrency, and recovery raises it', async (t) => {
  const sink = open(t, '/limited', { maxConcurrency: 8 });
  const seen: { readonly kind: string | undefined; readonly open: number }[] = [];
  const sendOnce = async (): Promise<void> => {
    const outcome = await send(sink);
    seen.push({ kind: outcome?.kind, open: sink.caps.concurrency });
  };

  while (seen.at(-1)?.kind !== 'retry') await sendOnce();
  const raised = seen.at(-2)?.open ?? 0;
  const lowered = seen.at(-1)?.open ?? 0;
  await until('the concurrency is raised again', async () => {
    await sendOnce();
    return sink.caps.concurrency > lowered;
  });

  t.ok(raised > lowered, `${raised} fell to ${lowered}`);
  taken();
});

t.test('36 nginx that answers 413 gets ever smaller batches, and it ends', async (t) => {
  const sink = open(t, '/small', { compression: 'none' });
  const records = ids(64).map((id) => recordNamed(id, 'x'.repeat(1_000)));
  const whole = sink.seal(records.map((record) => sink.encode(record)));

  const outcomes = [await sink.send(whole, never)].flat();
  const limits: number[] = [sink.caps.maxBatchBytes];
  for (let size = 32; size > 1; size >>= 1) {
    const part = sink.seal(records.slice(0, size).map((record) => sink.encode(record)));
    outcomes.push(...(await sink.send(part, never)).slice(0, 1));
    limits.push(sink.caps.maxBatchBytes);
  }

  t.match(outcomes[0], { kind: 'reject', code: '413' });
  t.match(outcomes.at(-1), { kind: 'ok' });
  t.ok((limits.at(-1) ?? 0) < 16_384 && (limits.at(-1) ?? 0) > 2_048);
  taken();
});

t.test('36 the engine delivers every record past a limit of nginx', async (t) => {
  const sink = open(t, '/small', { compression: 'none' });
  const large = 'x'.repeat(2_000);
  const watched: Sink = {
    place: sink.place,
    caps: sink.caps,
    encode: (record) => sink.encode({ ...record, raw: JSON.stringify({ id: record.key, large }) }),
    seal: (records) => sink.seal(records),
    send: (batch, signal) => sink.send(batch, signal),
    probe: (signal) => sink.probe(signal),
    close: (deadlineMs) => sink.close(deadlineMs),
  };

  const { final, quarantined } = await deliver(watched, ids(40));

  t.same([...final].sort(), [...ids(40)].sort());
  t.same(quarantined, []);
  t.same(taken().toSorted(), ids(40).toSorted(), 'each of them once');
});

t.test('43 a redirect of nginx is refused', async (t) => {
  t.match(await send(open(t, '/moved')), { kind: 'blocked', why: 'config', detail: /answered 307/ });
  t.same(taken(), []);
});

t.test('45 nginx that ends connections after 20 requests loses nothing', async (t) => {
  const sink = open(t, '/in', { maxConcurrency: 4 });

  const { final, quarantined } = await deliver(sink, ids(800));

  t.equal(final.length, 800);
  t.same(quarantined, []);
  t.same(new Set(taken()), new Set(ids(800)));
});

const PROXIES = { squid: startSquid, tinyproxy: startTinyproxy } as const;
for (const [name, start] of Object.entries(PROXIES)) {
  t.test(`46 ${name}`, async (t) => {
    const proxy: RealProxy = await start({
      directory: join(folder, name),
      ...{
        username: 'relay',
        password: PASSWORD,
        openPorts: [port, dead, Number(new URL(receiver.url).port)],
      },
    });
    t.teardown(proxy.stop);
    const url = `http://127.0.0.1:${proxy.port}`;
    const credentials = { username: 'relay', password: 'env:PROXY' };
    const through = (given: object = {}, path = '/in') =>
      open(t, path, { proxy: { url, ...credentials }, ...given });
    const elsewhere = (there: number) => through({ url: `https://127.0.0.1:${there}/in` });

    t.test('opens a tunnel for who has the password', async (t) => {
      t.match(await send(through()), { kind: 'ok' });
      t.same(taken(), ['r1']);
    });

    t.test('wants a password, and blocks without it', async (t) => {
      const outcome = await send(through({ proxy: { url } }));

      t.match(outcome, { kind: 'blocked', why: 'auth', detail: /^DST-004: the proxy .* answered 407/ });
    });

    t.test('is not asked with proxy: none', async (t) => {
      t.match(await send(through({ proxy: 'none' })), { kind: 'ok' });
      taken();
    });

    t.test('does not reach a dead receiver, which is a retry', async (t) => {
      const outcome = await send(elsewhere(dead));

      t.match(outcome, { kind: 'retry', why: /^DST-002: the proxy .* answered 5\d\d when asked for/ });
    });

    t.test('forbids other ports, which blocks', async (t) => {
      const outcome = await send(elsewhere(notOpen));

      t.match(outcome, { kind: 'blocked', why: 'config', detail: /^DST-007: the proxy .* answered 403/ });
    });

    t.test('29 lets a pin through that matches, and no other', async (t) => {
      const outcomes = [
        await send(through({ tls: { caFile, pinSha256: [good.pin] } })),
        await send(through({ tls: { caFile, pinSha256: [other.pin] } })),
      ];

      t.match(outcomes, [{ kind: 'ok' }, { kind: 'blocked', why: 'tls', detail: /is not in pinSha256/ }]);
      t.same(taken(), ['r1']);
    });

    t.test('forwards plain HTTP', async (t) => {
      const outcome = await send(through({ url: receiver.url, insecureTransport: true }));

      t.match(outcome, { kind: 'ok' });
      t.notOk(receiver.requests.at(-1)?.headers['proxy-authorization']);
      t.same(taken(), ['r1']);
    });
  });
}
