import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import t from 'tap';

import type { JsonObject } from '../../agent/model/json.ts';
import type { Sink } from '../../agent/model/sink.ts';
import { createRelpSink, relpOptions } from '../../agent/ship/sinks/relp.ts';
import { startRelpServer } from '../support/relp-server.ts';
import { idIn, recordNamed, sinkDeps } from '../support/ship-records.ts';
import { deliver } from '../support/sink-contract.ts';
import { startAccount } from './support/account.ts';
import { setUpRelay } from './support/agent.ts';
import { makeCertificates, type Pair } from './support/certificates.ts';
import { startDelayLine } from './support/delay-line.ts';
import { makeFindings } from './support/findings.ts';
import { textOf } from './support/message.ts';
import { startOmrelp } from './support/omrelp.ts';
import { type Rsyslogd, type RsyslogdOptions, startRsyslogd } from './support/rsyslogd.ts';
import { until } from './support/until.ts';

const never = new AbortController().signal;
const LIBRARIES = ['gnutls', 'openssl'] as const;
const TURNED_AWAY = /^DST-005: .* hung up instead of opening a RELP session; does it permit our address/;
/** GnuTLS ends the connection, OpenSSL says why first. */
const NAMELESS = {
  gnutls: { kind: 'retry', why: TURNED_AWAY },
  openssl: { kind: 'blocked', why: 'tls', detail: /^DST-003: .* certificate required/ },
};

const directory = await mkdtemp(join(tmpdir(), 'guardrelay-peers-'));
const folder = (name: string): string => join(directory, name);
await mkdir(folder('certificates'));
const certificates = await makeCertificates(folder('certificates'));
const running: Rsyslogd[] = [];
t.teardown(async () => {
  for (const rsyslogd of running) await rsyslogd.stop();
  await rm(directory, { recursive: true });
});

async function start(name: string, options: RsyslogdOptions): Promise<Rsyslogd> {
  const rsyslogd = await startRsyslogd(folder(name), certificates, options);
  running.push(rsyslogd);
  return rsyslogd;
}

const byLibrary = {
  gnutls: await start('gnutls', { relpTls: 'gnutls' }),
  openssl: await start('openssl', { relpTls: 'openssl' }),
};

function plainTo(port: number, options: JsonObject = {}): JsonObject {
  const place = { host: '127.0.0.1', port, transport: 'tcp', insecureTransport: true };
  return { id: 'relp', type: 'relp', ...place, settleMs: 1_000, ...options };
}

function securedTo({ ports }: Rsyslogd, id: string, client: Pair | undefined): JsonObject {
  const shown = client && { certFile: client.certFile, keyFile: client.keyFile };
  const tls = { caFile: certificates.caFile, ...shown };
  return { id, type: 'relp', host: '127.0.0.1', port: ports.relps, settleMs: 1_000, tls };
}

function open(destination: JsonObject): Sink {
  const sink = createRelpSink(relpOptions.parse(destination), sinkDeps());
  t.teardown(() => sink.close(0));
  return sink;
}

/** The lines, once there are as many different ones: rsyslogd acknowledges before it writes. */
async function writtenBy(rsyslogd: Rsyslogd, count: number): Promise<readonly string[]> {
  const lines = (): Promise<readonly string[]> => rsyslogd.lines('relp');
  await until(`${count} lines are written`, async () => new Set(await lines()).size >= count);
  return lines();
}

function batchOf(sink: Sink, count: number) {
  return sink.seal(Array.from({ length: count }, (_, index) => sink.encode(recordNamed(`r${index}`))));
}

t.test(
  '33 findings reach rsyslogd byte for byte, once, by RELP and by RELP over both TLS libraries',
  async (t) => {
    const account = await startAccount();
    t.teardown(account.close);
    const findings = makeFindings(1_000);
    await account.write(findings);
    const { gnutls, openssl } = byLibrary;
    const agent = await setUpRelay(folder('agent'), account.scene, [
      { ...plainTo(gnutls.ports.relp), format: 'raw' },
      { ...securedTo(gnutls, 'gnutls', certificates.client), format: 'raw' },
      { ...securedTo(openssl, 'openssl', certificates.client), format: 'raw' },
    ]);

    const ran = await agent.run('run', '--once');

    t.equal(ran.code, 0, 'run --once succeeds', { stderr: ran.stderr });
    const sent = findings.map(({ message }) => message).sort();
    const lines = [await gnutls.lines('relp'), await gnutls.lines('relps'), await openssl.lines('relps')];
    for (const received of lines) t.same(received.map(textOf).sort(), sent);
  },
);

for (const library of LIBRARIES) {
  t.test(`26 a client whose name ${library} does not permit delivers nothing and is told why`, async (t) => {
    const rsyslogd = byLibrary[library];
    const before = await rsyslogd.lines('relps');
    const strange = open(securedTo(rsyslogd, 'strange', certificates.stranger));
    const nameless = open(securedTo(rsyslogd, 'nameless', undefined));
    const known = open(securedTo(rsyslogd, 'known', certificates.client));

    const [turnedAway] = await strange.send(batchOf(strange, 1), never);
    const [unnamed] = await nameless.send(batchOf(nameless, 1), never);
    const permitted = await known.probe(never);

    t.match(turnedAway, { kind: 'retry', why: TURNED_AWAY });
    t.match(unnamed, NAMELESS[library]);
    t.match(permitted, { kind: 'ok' });
    t.same(await rsyslogd.lines('relps'), before);
  });
}

t.test('28 plain RELP to a TLS port is turned away', async (t) => {
  for (const library of LIBRARIES) {
    const outcome = await open(plainTo(byLibrary[library].ports.relps)).probe(never);

    t.match(outcome, { kind: 'retry', why: TURNED_AWAY });
  }
});

t.test(
  '31 rsyslogd, too, gets no more than the window, and 32 a larger one makes fewer round trips',
  async (t) => {
    const perTrip = new Map<number, number>();
    for (const [window, count] of [
      [1, 20],
      [128, 1_280],
    ] as const) {
      const line = await startDelayLine(byLibrary.openssl.ports.relp);
      t.teardown(line.close);
      const sink = open(plainTo(line.port, { window }));

      const outcomes = await sink.send(batchOf(sink, count), never);

      t.ok(outcomes.every(({ kind }) => kind === 'ok'));
      t.equal(line.mostUnanswered, window);
      t.comment(`window ${window}: ${count} messages in ${line.trips} round trips`);
      perTrip.set(window, count / line.trips);
    }
    t.equal(perTrip.get(1), 1);
    t.ok((perTrip.get(128) ?? 0) >= 32);
  },
);

t.test('11 a server that hangs up on large messages gets none with the default limit', async (t) => {
  const rsyslogd = await start('abort', { maxMessageSize: '10k' });
  const sink = open(plainTo(rsyslogd.ports.relp));
  const large = sink.encode(recordNamed('large', 'x'.repeat(20_000)));

  const outcomes = await sink.send(sink.seal([large, sink.encode(recordNamed('small'))]), never);
  const lines = await writtenBy(rsyslogd, 2);

  t.match(outcomes, [{ kind: 'ok' }, { kind: 'ok' }]);
  t.same(lines.map(idIn), ['large', 'small']);
  t.equal(lines[0], String(large.bytes));
  t.equal(large.bytes.length, 8_000);
});

t.test('11 with a limit that is too high the large record alone is quarantined', async (t) => {
  const rsyslogd = await start('abort-2', { maxMessageSize: '10k' });
  const sink = open(plainTo(rsyslogd.ports.relp, { maxMessageBytes: 65_536, settleMs: 0 }));
  const ids = Array.from({ length: 60 }, (_, index) => (index === 23 ? 'large' : `r${index}`));
  const enlarging: Sink = {
    ...sink,
    encode: (record) =>
      sink.encode(record.key === 'large' ? recordNamed('large', 'x'.repeat(20_000)) : record),
  };

  const { final, quarantined } = await deliver(enlarging, ids);

  t.same(quarantined, ['large']);
  const written = new Set((await writtenBy(rsyslogd, final.length)).map(idIn));
  t.same([...final].sort(), ids.filter((id) => id !== 'large').sort());
  t.same([...written].sort(), [...final].sort());
});

t.test('the RELP server of the other tests is one for omrelp of rsyslog, too', async (t) => {
  const server = await startRelpServer(t);
  const omrelp = await startOmrelp(folder('omrelp'), server.port);
  const lines = Array.from({ length: 200 }, (_, index) => `<13>1 - host app - - - message ${index} Ünïcode`);

  await omrelp.forward(lines);
  await server.until(() => server.taken.length === lines.length);
  await omrelp.stop();
  await server.until(() => server.open === 0);

  t.same(server.taken, lines);
  t.same(server.violations, []);
  t.ok(server.mostUnanswered <= 17, `${server.mostUnanswered} unanswered`);
  t.same(
    server.sessions.map((session) => session.at(-1)?.command),
    ['close'],
  );
});
