import { chmodSync, copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';

import { type Clock, systemClock } from '../../agent/model/clock.ts';
import { silentLogger } from '../../agent/model/logger.ts';
import type { Outcome } from '../../agent/model/outcome.ts';
import type { Sink } from '../../agent/model/sink.ts';
import type { SinkDeps } from '../../agent/ship/destination.ts';
import { createShipper } from '../../agent/ship/shipper.ts';
import { createSink, destinationOptions } from '../../agent/ship/sinks/index.ts';
import { recordNamed, sinkDeps } from '../support/ship-records.ts';
import { type Certificate, createAuthority } from '../support/tls-certificates.ts';
import { startWebhookReceiver } from '../support/webhook-receiver.ts';
import { startMutualTlsReceiver } from './support/mutual-tls-receiver.ts';
import { startNginx } from './support/nginx.ts';
import { freePort } from './support/ports.ts';
import { openStage } from './support/stage.ts';
import { until } from './support/until.ts';
import { startVerifyingHaproxy } from './support/verifying-haproxy.ts';

const folder = t.testdir({});
const authority = await createAuthority();
const other = await createAuthority('CN=Other authority');
const here = { addresses: ['127.0.0.1'] };

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

function filesOf(name: string, { cert, key }: Certificate) {
  return { certFile: file(`${name}.pem`, cert), keyFile: file(`${name}.key`, key) };
}

const caFile = file('ca.pem', authority.cert);
const otherCaFile = file('other-ca.pem', other.cert);
const good = await authority.issue(here);
const server = filesOf('server', good);
const misnamed = filesOf('misnamed', await authority.issue({ names: ['other.example'] }));
const expired = filesOf('expired', await authority.issue({ ...here, expired: true }));
const client = filesOf('client', await authority.issue({ names: ['relay.example'] }));
const strange = filesOf('strange', await other.issue({ names: ['relay.example'] }));
const never = new AbortController().signal;

/** Thirty times as fast as the real one, for what waits a minute. */
const HASTE = 30;
const HASTY: Clock = {
  now: systemClock.now,
  monotonic: () => systemClock.monotonic() * HASTE,
  sleep: (ms, signal) => systemClock.sleep(ms / HASTE, signal),
};

function open(t: Test, given: object, deps: Partial<SinkDeps> = {}): Sink {
  const sink = createSink(destinationOptions.parse({ id: 'd', ...given }), sinkDeps(deps));
  t.teardown(() => sink.close(0));
  return sink;
}

async function sendBy(sink: Sink): Promise<Outcome | undefined> {
  const [outcome] = await sink.send(sink.seal([sink.encode(recordNamed('r1'))]), never);
  return outcome;
}

function send(t: Test, given: object, deps: Partial<SinkDeps> = {}): Promise<Outcome | undefined> {
  return sendBy(open(t, given, deps));
}

/** A client certificate that is replaced where it stands. */
function shownFiles(name: string) {
  const files = { certFile: join(folder, `${name}.pem`), keyFile: join(folder, `${name}.key`) };
  return {
    files,
    use({ certFile, keyFile }: typeof files): void {
      copyFileSync(certFile, files.certFile);
      copyFileSync(keyFile, files.keyFile);
      chmodSync(files.keyFile, 0o600);
    },
  };
}

const webhook = (port: number, tls: object) => ({
  ...{ type: 'webhook', url: `https://127.0.0.1:${port}/in`, tls },
});
const syslog = (port: number, tls: object) => ({ type: 'syslog', host: '127.0.0.1', port, tls });

const BLOCKED = { kind: 'blocked', why: 'tls', detail: /^DST-003: / };

t.test('nginx', async (t) => {
  const receiver = await startWebhookReceiver(t);
  const ports = {
    ...{ good: await freePort(), misnamed: await freePort(), expired: await freePort() },
    ...{ 'TLSv1.2': await freePort(), 'TLSv1.3': await freePort() },
  };
  const listener = (port: number, { certFile, keyFile }: typeof server, rest = '') =>
    `server { listen 127.0.0.1:${port} ssl; ssl_certificate ${certFile}; ssl_certificate_key ${keyFile}; ${rest}
      location / { proxy_pass ${new URL(receiver.url).origin}; } }`;
  const wanting = (version: string) =>
    `ssl_protocols ${version}; ssl_verify_client on; ssl_client_certificate ${caFile};`;
  const nginx = await startNginx({
    directory: join(folder, 'nginx'),
    http: [
      listener(ports.good, server),
      listener(ports.misnamed, misnamed),
      listener(ports.expired, expired),
      listener(ports['TLSv1.2'], server, wanting('TLSv1.2')),
      listener(ports['TLSv1.3'], server, wanting('TLSv1.3')),
    ].join('\n'),
    ports: Object.values(ports),
  });
  t.teardown(nginx.stop);

  const cases: readonly (readonly [string, number, object, object])[] = [
    ['22 a wrong authority blocks', ports.good, { caFile: otherCaFile }, BLOCKED],
    ['22 without an authority of its own it blocks', ports.good, {}, BLOCKED],
    ['23 a wrong name blocks', ports.misnamed, { caFile }, BLOCKED],
    [
      '23 serverName says the right one',
      ports.misnamed,
      { caFile, serverName: 'other.example' },
      { kind: 'ok' },
    ],
    ['24 an expired certificate blocks', ports.expired, { caFile }, { ...BLOCKED, detail: /expired/ }],
    ['25 an address in the certificate passes', ports.good, { caFile }, { kind: 'ok' }],
    ['29 a pin that matches passes', ports.good, { caFile, pinSha256: [good.pin] }, { kind: 'ok' }],
    [
      '29 a pin that does not blocks',
      ports.good,
      { caFile, pinSha256: ['A'.repeat(43).concat('=')] },
      { ...BLOCKED, detail: /is not in pinSha256/ },
    ],
  ];
  for (const [title, port, tls, outcome] of cases) {
    t.test(title, async (t) => {
      t.match(await send(t, webhook(port, tls)), outcome);
    });
  }

  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    t.test(`26 with the right client certificate ${version} delivers`, async (t) => {
      const before = receiver.requests.length;

      const outcome = await send(t, webhook(ports[version], { caFile, ...client }));

      t.match(outcome, { kind: 'ok' });
      t.equal(receiver.requests.length, before + 1);
    });

    for (const [what, shown] of [
      ['no', {}],
      ['a wrong', strange],
    ] as const) {
      t.test(`26 with ${what} client certificate ${version} delivers nothing`, async (t) => {
        const before = receiver.requests.length;

        const outcome = await send(t, webhook(ports[version], { caFile, ...shown }));

        t.match(outcome, { kind: 'reject', code: '400', why: /answered 400: .*SSL certificate/ });
        t.equal(receiver.requests.length, before);
      });
    }
  }

  t.test('37 its 400 for a missing certificate blocks, and nothing is quarantined', async (t) => {
    const shown = shownFiles('late');
    shown.use(strange);
    const quarantined: string[] = [];
    const taken: string[] = [];
    const sink = open(t, webhook(ports['TLSv1.3'], { caFile, ...shown.files }), { clock: HASTY });
    const shipper = createShipper({
      ...{ destination: 'd', sink, clock: HASTY, logger: silentLogger, random: () => 0.5 },
      quarantine: { write: async ({ key }) => void quarantined.push(key) },
    });
    t.teardown(() => shipper.close(0));
    const ids = Array.from({ length: 20 }, (_, at) => `late-${at}`);

    for (const id of ids) {
      const done = (): void => void taken.push(id);
      shipper.submit({ record: sink.encode(recordNamed(id)), owner: ids, done });
    }
    await until('the destination is blocked', () => shipper.status().circuit === 'blocked');
    const whileBlocked = { quarantined: [...quarantined], taken: [...taken] };
    shown.use(client);
    await until('everything is delivered', () => taken.length === ids.length);

    t.same(whileBlocked, { quarantined: [], taken: [] });
    t.same(quarantined, []);
    t.same(taken.toSorted(), ids.toSorted());
  });

  t.test('30 a client certificate that was renewed takes effect without a restart', async (t) => {
    const shown = shownFiles('renewed');
    shown.use(strange);
    const sink = open(t, webhook(ports['TLSv1.3'], { caFile, ...shown.files }));

    const before = await sendBy(sink);
    shown.use(client);
    // The connection that nginx answered with 400 is closed by it.
    const after = await sendBy(sink);

    t.match([before, after], [{ kind: 'reject' }, { kind: 'ok' }]);
  });
});

t.test('HAProxy', async (t) => {
  const receiver = await startWebhookReceiver(t);
  const haproxy = await startVerifyingHaproxy({
    ...{ directory: join(folder, 'haproxy'), caFile, ...server },
    serverPort: Number(new URL(receiver.url).port),
  });
  t.teardown(haproxy.stop);

  for (const [version, port] of Object.entries(haproxy.ports)) {
    const cases: readonly (readonly [string, object, object])[] = [
      ['no client certificate', {}, BLOCKED],
      ['a client certificate of another authority', strange, BLOCKED],
      ['the right client certificate', client, { kind: 'ok' }],
    ];
    for (const [what, shown, outcome] of cases) {
      t.test(`26 ${what}, ${version}`, async (t) => {
        receiver.requests.length = 0;

        const said = await send(t, webhook(port, { caFile, ...shown }));

        t.match(said, outcome);
        t.equal(receiver.requests.length, said?.kind === 'ok' ? 1 : 0);
      });
    }
  }

  t.test('34 without a server it answers 503, which is a retry', async (t) => {
    const said = await send(t, webhook(haproxy.emptyPort, { caFile }));

    t.match(said, { kind: 'retry', why: /^DST-005: .* answered 503/ });
  });
});

t.test('syslog-ng that requires a client certificate', async (t) => {
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const receiver = await startMutualTlsReceiver({ caFile, ...server, version });
    t.teardown(receiver.stop);
    const cases: readonly (readonly [string, object, object])[] = [
      ['no client certificate', {}, { kind: 'blocked', why: 'tls', detail: /^DST-003: / }],
      ['a client certificate of another authority', strange, { kind: 'blocked', why: 'tls' }],
      ['the right client certificate', client, { kind: 'ok', grade: 'peer-read' }],
    ];

    for (const [what, shown, outcome] of cases) {
      t.test(`26 ${what}, ${version}`, async (t) => {
        const said = await send(t, syslog(receiver.port, { caFile, ...shown }));

        t.match(said, outcome);
        if (said?.kind === 'ok')
          await until('the message is written', async () => (await receiver.lines()).length === 1);
        else t.same(await receiver.lines(), []);
      });
    }
  }
});

t.test('rsyslogd', async (t) => {
  const stage = await openStage();
  t.teardown(stage.close);
  const { ports } = stage.rsyslogd;

  for (const driver of ['gtls', 'ossl'] as const) {
    t.test(`22 a certificate of ${driver} that we do not trust blocks`, async (t) => {
      t.match(await send(t, syslog(ports[driver], { caFile })), BLOCKED);
    });

    t.test(`28 plain text to the TLS port of ${driver} is never taken for delivered`, async (t) => {
      const plain = { ...syslog(ports[driver], {}), transport: 'tcp', insecureTransport: true };

      const outcome = await send(t, plain);

      t.not(outcome?.kind, 'ok');
      t.same(await stage.rsyslogd.lines(driver), []);
    });
  }

  t.test('27 TLS to a plain port blocks', async (t) => {
    t.match(await send(t, syslog(ports.tcp, { caFile }), { clock: HASTY }), BLOCKED);
  });
});
