import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TLSSocket, TlsOptions } from 'node:tls';
import t, { type Test } from 'tap';

import type { Outcome } from '../../agent/model/outcome.ts';
import type { RenderableRec } from '../../agent/model/record.ts';
import type { Sink } from '../../agent/model/sink.ts';
import { createSyslogSink, syslogOptions } from '../../agent/ship/sinks/syslog.ts';
import { idIn, recordNamed, rendered, sinkDeps } from '../support/ship-records.ts';
import { deliver } from '../support/sink-contract.ts';
import { startStreamRelay } from '../support/stream-relay.ts';
import { startSyslogReceiver } from '../support/syslog-receiver.ts';
import { type Authority, type Certificate, createAuthority } from '../support/tls-certificates.ts';
import { createVirtualClock, type VirtualClock } from '../support/virtual-clock.ts';
import { startWebhookReceiver } from '../support/webhook-receiver.ts';

const plain = { id: 'd', type: 'syslog', host: '127.0.0.1', transport: 'tcp', insecureTransport: true };
const secured = { id: 'd', type: 'syslog', host: '127.0.0.1' };
const never = new AbortController().signal;

function open(t: Test, given: Record<string, unknown>, clock?: VirtualClock): Sink {
  const sink = createSyslogSink(syslogOptions.parse(given), sinkDeps(clock && { clock }));
  t.teardown(() => sink.close(0));
  return sink;
}

function batchOf(sink: Sink, ...ids: readonly string[]) {
  return sink.seal(ids.map((id) => sink.encode(recordNamed(id))));
}

/** More than the kernel takes for a receiver that does not read. */
function largeBatch(sink: Sink) {
  const records = Array.from({ length: 40 }, (_, index) => recordNamed(`r${index}`, 'x'.repeat(1_000_000)));
  return sink.seal(records.map(sink.encode));
}

/** Moves time on until the promise has settled. */
async function passTime<T>(clock: VirtualClock, waiting: Promise<T>): Promise<T> {
  let settled = false;
  void waiting.finally(() => {
    settled = true;
  });
  while (!settled) await clock.advance(1_000);
  return waiting;
}

t.test('each batch has a connection of its own and settles after the peer has read it', async (t) => {
  const receiver = await startSyslogReceiver(t);
  const sink = open(t, { ...plain, port: receiver.port });

  const first = await sink.send(batchOf(sink, 'r1', 'r2'), never);
  const second = await sink.send(batchOf(sink, 'r3'), never);

  const taken = { kind: 'ok', grade: 'peer-read', finalAfterMs: 1_000 };
  t.same([...first, ...second], [taken, taken, taken]);
  t.same(receiver.messages.map(idIn), ['r1', 'r2', 'r3']);
  t.equal(receiver.connections, 2);
});

t.test('a megabyte of records arrives whole', async (t) => {
  const receiver = await startSyslogReceiver(t);
  const sink = open(t, { ...plain, port: receiver.port });
  const ids = Array.from({ length: 500 }, (_, index) => `r${index}`);
  const batch = sink.seal(ids.map((id) => sink.encode(recordNamed(id, 'x'.repeat(2_000)))));

  const outcomes = await sink.send(batch, never);

  t.ok(outcomes.every((outcome) => outcome.kind === 'ok'));
  t.same(receiver.messages.map(idIn), ids);
});

t.test('the line-feed framing arrives as lines', async (t) => {
  const receiver = await startSyslogReceiver(t, { framing: 'lf' });
  const sink = open(t, { ...plain, port: receiver.port, framing: 'lf', header: 'none' });

  await sink.send(batchOf(sink, 'r1', 'r2'), never);

  t.same(receiver.messages, ['{"id":"r1","text":""}', '{"id":"r2","text":""}']);
});

t.test('each text of a record is a message of its own, and the record has one outcome', async (t) => {
  for (const framing of ['octet-counting', 'lf'] as const) {
    const receiver = await startSyslogReceiver(t, { framing });
    const options = syslogOptions.parse({ ...plain, port: receiver.port, framing });
    const texts: Readonly<Record<string, readonly string[]>> = { r1: ['one', 'two', 'three'], r2: ['four'] };
    const render = ({ key }: RenderableRec) => rendered(...(texts[key] ?? []));
    const sink = createSyslogSink(options, sinkDeps({ render }));
    t.teardown(() => sink.close(0));

    const outcomes = await sink.send(batchOf(sink, 'r1', 'r2'), never);

    const head = '<110>1 2026-07-22T18:47:17.000Z relay-1 guardrelay - Raw - ';
    t.same(receiver.messages, [`${head}one`, `${head}two`, `${head}three`, `${head}four`], framing);
    t.match(outcomes, [{ kind: 'ok' }, { kind: 'ok' }]);
    t.equal(outcomes.length, 2);
  }
});

t.test('19 a peer that never answers our FIN is given up after 10 seconds', async (t) => {
  const receiver = await startSyslogReceiver(t);
  receiver.manner = 'mute';
  const clock = createVirtualClock();
  const sink = open(t, { ...plain, port: receiver.port }, clock);

  const [outcome] = await passTime(clock, sink.send(batchOf(sink, 'r1'), never));

  t.match(outcome, { kind: 'retry', why: /^DST-005: .*confirm: stream/ });
  t.same(receiver.messages.map(idIn), ['r1']);
  t.ok(clock.monotonic() >= 10_000);
});

t.test('16 a peer that needs longer to read a batch gets longer for it the next time', async (t) => {
  const receiver = await startSyslogReceiver(t);
  receiver.manner = 'hold';
  const clock = createVirtualClock();
  const sink = open(t, { ...plain, port: receiver.port }, clock);
  const batch = batchOf(sink, 'r1');
  await passTime(clock, sink.send(batch, never));

  const again = sink.send(batch, never);
  await receiver.received(2);
  await receiver.halfClosed();
  await clock.advance(15_000);
  receiver.release();
  const [outcome] = await again;

  t.match(outcome, { kind: 'ok' });
});

t.test('20 a peer that ends first in the middle of a batch has acknowledged nothing', async (t) => {
  const receiver = await startSyslogReceiver(t);
  receiver.manner = 'turn-away';
  const sink = open(t, { ...plain, port: receiver.port, maxMessageBytes: 1_048_576 });

  const outcomes = await sink.send(largeBatch(sink), never);

  t.ok(outcomes.every((outcome) => outcome.kind === 'retry'));
});

t.test('a batch that is cut off three times is a rejection, another one in between is not', async (t) => {
  const receiver = await startSyslogReceiver(t);
  receiver.manner = 'choke';
  const sink = open(t, { ...plain, port: receiver.port });
  const bad = batchOf(sink, 'r1', 'poison');
  const good = batchOf(sink, 'r2');

  const kinds: string[] = [];
  for (const batch of [bad, good, bad, good, bad, good, bad]) {
    const [outcome] = await sink.send(batch, never);
    kinds.push(outcome?.kind ?? 'nothing');
  }

  t.same(kinds, ['retry', 'ok', 'retry', 'ok', 'reject', 'ok', 'reject']);
});

t.test('a probe that is aborted closes its connection', async (t) => {
  const receiver = await startSyslogReceiver(t);
  receiver.manner = 'mute';
  const clock = createVirtualClock();
  const sink = open(t, { ...plain, port: receiver.port }, clock);
  const abort = new AbortController();

  const probing = sink.probe(abort.signal);
  await clock.advance(50);
  const { connections } = receiver;
  abort.abort();
  const outcome = await probing;
  await receiver.halfClosed();

  t.match(outcome, { kind: 'retry' });
  t.equal(connections, 1);
});

t.test('18 a receiver that reads nothing is given up after 30 seconds', async (t) => {
  const receiver = await startSyslogReceiver(t);
  receiver.manner = 'sleep';
  const clock = createVirtualClock();
  const sink = open(t, { ...plain, port: receiver.port, maxMessageBytes: 1_048_576 }, clock);

  const [outcome] = await passTime(clock, sink.send(largeBatch(sink), never));

  t.match(outcome, { kind: 'retry', why: /took no bytes for 30 s/ });
});

t.test('a receiver that is gone, or a name that does not exist, is a retry with the reason', async (t) => {
  const receiver = await startSyslogReceiver(t);
  const gone = open(t, { ...plain, port: receiver.port });
  const nameless = open(t, { ...plain, host: 'siem.invalid', port: 514 });
  receiver.stop();

  const [refused] = await gone.send(batchOf(gone, 'r1'), never);
  const [unresolved] = await nameless.send(batchOf(nameless, 'r1'), never);

  t.match(refused, { kind: 'retry', why: /^DST-002: 127\.0\.0\.1:\d+ .*ECONNREFUSED/ });
  t.match(unresolved, { kind: 'retry', why: /^DST-001: the name in siem\.invalid:514 / });
});

t.test(
  'a larger message than any before is sent warily: a receiver that hangs up on it ends too',
  async (t) => {
    const receiver = await startSyslogReceiver(t);
    const clock = createVirtualClock();
    const sink = open(t, { ...plain, port: receiver.port }, clock);
    const small = batchOf(sink, 'r1');
    const large = sink.seal([sink.encode(recordNamed('r2', 'x'.repeat(4_000)))]);
    await passTime(clock, sink.send(small, never));

    receiver.manner = 'hang-up';
    const [refused] = await sink.send(large, never);
    receiver.manner = 'read';
    const [taken] = await passTime(clock, sink.send(large, never));
    const [again] = await sink.send(small, never);

    t.match([refused, taken, again], [{ kind: 'retry' }, { kind: 'ok' }, { kind: 'ok' }]);
  },
);

t.test('the probe finds out whether the peer answers the end of a connection', async (t) => {
  const receiver = await startSyslogReceiver(t);
  const clock = createVirtualClock();
  const sink = open(t, { ...plain, port: receiver.port }, clock);

  const answering = await passTime(clock, sink.probe(never));
  receiver.manner = 'mute';
  const silent = await passTime(clock, sink.probe(never));

  t.match(answering, { kind: 'ok', grade: 'peer-read' });
  t.match(silent, { kind: 'retry' });
});

t.test(
  'with confirm: stream the connection is kept, and a batch is final when it has lived on',
  async (t) => {
    const receiver = await startSyslogReceiver(t);
    receiver.manner = 'mute';
    const clock = createVirtualClock();
    const sink = open(t, { ...plain, port: receiver.port, confirm: 'stream' }, clock);
    let settled = false;

    const first = sink.send(batchOf(sink, 'r1'), never).finally(() => {
      settled = true;
    });
    await receiver.received(1);
    await clock.advance(999);
    const early = settled;
    const outcomes = await passTime(clock, first);
    await passTime(clock, sink.send(batchOf(sink, 'r2'), never));

    t.equal(early, false);
    t.same(outcomes, [{ kind: 'ok', grade: 'kernel' }]);
    t.equal(receiver.connections, 1);
  },
);

t.test('with confirm: stream and no settle time a batch is final when the kernel has it', async (t) => {
  const receiver = await startSyslogReceiver(t);
  const sink = open(t, { ...plain, port: receiver.port, confirm: 'stream', settleMs: 0 });

  const outcomes = await sink.send(batchOf(sink, 'r1'), never);

  t.same(outcomes, [{ kind: 'ok', grade: 'kernel' }]);
});

t.test('with confirm: stream an aborted send answers at once', async (t) => {
  const receiver = await startSyslogReceiver(t);
  const sink = open(t, { ...plain, port: receiver.port, confirm: 'stream' }, createVirtualClock());
  const abort = new AbortController();

  const settling = sink.send(batchOf(sink, 'r1'), abort.signal);
  await receiver.received(1);
  abort.abort();
  const outcomes = [...(await settling), ...(await sink.send(batchOf(sink, 'r2'), abort.signal))];

  t.match(outcomes, [{ kind: 'retry' }, { kind: 'retry' }]);
});

t.test('with confirm: stream a break fails every batch that has not settled', async (t) => {
  const receiver = await startSyslogReceiver(t);
  const clock = createVirtualClock();
  const sink = open(t, { ...plain, port: receiver.port, confirm: 'stream' }, clock);

  const first = sink.send(batchOf(sink, 'r1'), never);
  const second = sink.send(batchOf(sink, 'r2'), never);
  await receiver.received(2);
  receiver.cutAll();
  const outcomes = await Promise.all([first, second]);
  const again = await passTime(clock, sink.send(batchOf(sink, 'r1'), never));

  t.match(outcomes, [[{ kind: 'retry' }], [{ kind: 'retry' }]]);
  t.match(again, [{ kind: 'ok' }]);
  t.equal(receiver.connections, 2);
});

t.test('with confirm: stream the one record that the receiver hangs up on is found', async (t) => {
  const receiver = await startSyslogReceiver(t);
  receiver.manner = 'choke';
  const sink = open(t, { ...plain, port: receiver.port, confirm: 'stream', settleMs: 50 });
  const good = ['r1', 'r2', 'r3', 'r4', 'r5', 'r6', 'r7'];

  const { final, quarantined } = await deliver(sink, ['r1', 'poison', ...good.slice(1)]);

  t.same(quarantined, ['poison']);
  t.same([...final].sort(), good);
  t.ok(good.every((id) => receiver.messages.map(idIn).includes(id)));
});

interface TlsCase {
  readonly title: string;
  readonly server?: (made: Made) => TlsOptions;
  readonly client?: (made: Made) => Record<string, unknown>;
  readonly outcome: Record<string, unknown>;
}

/** In TLS 1.2 tickets come with the handshake: on a busy machine those of 1.3 may come with the end. */
function ticketless(certificate: Certificate) {
  return { ...certificate, maxVersion: 'TLSv1.2' as const };
}

interface Made {
  readonly authority: Authority;
  readonly other: Authority;
  readonly good: Certificate;
  readonly client: Certificate;
  readonly strange: Certificate;
  readonly misnamed: Certificate;
  readonly expired: Certificate;
  file(name: string, text: string, mode?: number): string;
}

const OK = { kind: 'ok', grade: 'peer-read' };
const BLOCKED = { kind: 'blocked', why: 'tls', detail: /^DST-003: / };
const trusting = ({ authority, file }: Made) => ({ caFile: file('ca.pem', authority.cert) });
const showing = (made: Made, certificate: Certificate) => ({
  ...trusting(made),
  certFile: made.file('client.pem', certificate.cert),
  keyFile: made.file('client.key', certificate.key),
});
const asking = ({ good, authority }: Made, rest: TlsOptions): TlsOptions => ({
  ...good,
  ca: authority.cert,
  requestCert: true,
  rejectUnauthorized: true,
  ...rest,
});

const tlsCases: readonly TlsCase[] = [
  { title: '22 a certificate of an unknown authority blocks', client: () => ({}), outcome: BLOCKED },
  { title: '23 a wrong name blocks', server: ({ misnamed }) => misnamed, outcome: BLOCKED },
  {
    title: '23 a wrong name passes when serverName says it',
    server: ({ misnamed }) => misnamed,
    client: (made) => ({ ...trusting(made), serverName: 'other.example' }),
    outcome: OK,
  },
  { title: '24 an expired certificate blocks', server: ({ expired }) => expired, outcome: BLOCKED },
  { title: '25 an address is checked against the addresses of the certificate', outcome: OK },
  ...(['TLSv1.2', 'TLSv1.3'] as const).flatMap((version): readonly TlsCase[] => [
    {
      title: `26 no client certificate where ${version} wants one blocks`,
      server: (made) => asking(made, { minVersion: version, maxVersion: version }),
      outcome: BLOCKED,
    },
    {
      title: `26 a client certificate of another authority never delivers on ${version}`,
      server: (made) => asking(made, { minVersion: version, maxVersion: version }),
      client: (made) => showing(made, made.strange),
      // A Node server hangs up without an alert; what counts is that nothing passes for delivered.
      outcome: { kind: 'retry', why: /^DST-005: .* closed the connection early/ },
    },
    {
      title: `26 the right client certificate passes on ${version}`,
      server: (made) => asking(made, { minVersion: version, maxVersion: version }),
      client: (made) => showing(made, made.client),
      outcome: OK,
    },
  ]),
  {
    title: '26 a private key that others can read is not used',
    server: (made) => asking(made, {}),
    client: (made) => ({
      ...showing(made, made.client),
      keyFile: made.file('open.key', made.client.key, 0o644),
    }),
    outcome: { ...BLOCKED, detail: /can be read by others; run: chmod 600/ },
  },
  {
    title: 'an authority file that is missing blocks',
    client: () => ({ caFile: '/does/not/exist' }),
    outcome: { ...BLOCKED, detail: /caFile \/does\/not\/exist cannot be read \(ENOENT\)/ },
  },
  {
    title: '29 a pinned key passes',
    client: (made) => ({ ...trusting(made), pinSha256: [made.client.pin, made.good.pin] }),
    outcome: OK,
  },
  {
    title: '29 a key that is not pinned blocks, although its certificate is valid',
    client: (made) => ({ ...trusting(made), pinSha256: [made.client.pin] }),
    outcome: { ...BLOCKED, detail: /is not in pinSha256/ },
  },
];

t.test('TLS', async (t) => {
  const folder = t.testdir({});
  const authority = await createAuthority();
  const other = await createAuthority('CN=Other authority');
  const here = { addresses: ['127.0.0.1'] };
  const made: Made = {
    authority,
    other,
    good: await authority.issue(here),
    client: await authority.issue({ names: ['relay.example'] }),
    strange: await other.issue({ names: ['relay.example'] }),
    misnamed: await authority.issue({ names: ['other.example'] }),
    expired: await authority.issue({ ...here, expired: true }),
    file(name, text, mode = 0o600) {
      const path = join(folder, name);
      writeFileSync(path, text);
      chmodSync(path, mode);
      return path;
    },
  };

  for (const { title, server = () => made.good, client = trusting, outcome } of tlsCases) {
    t.test(title, async (t) => {
      const receiver = await startSyslogReceiver(t, { tls: server(made) });
      const sink = open(t, { ...secured, port: receiver.port, tls: client(made) });

      const [said] = await sink.send(batchOf(sink, 'r1'), never);

      t.match(said, outcome);
      t.same(receiver.messages.map(idIn), outcome === OK ? ['r1'] : []);
    });
  }

  t.test('27 TLS to a port that is silent blocks after 10 seconds', async (t) => {
    const receiver = await startSyslogReceiver(t);
    receiver.manner = 'sleep';
    const clock = createVirtualClock();
    const sink = open(t, { ...secured, port: receiver.port, tls: trusting(made) }, clock);

    const [said] = await passTime(clock, sink.send(batchOf(sink, 'r1'), never));

    t.match(said, { ...BLOCKED, detail: /did not answer the TLS handshake/ });
  });

  t.test(
    '15 the end of a load balancer is not taken for that of a receiver that ends TLS as it should',
    async (t) => {
      const receiver = await startSyslogReceiver(t, { tls: ticketless(made.good) });
      const relay = await startStreamRelay(t, receiver.port);
      const sink = open(t, { ...secured, port: relay.port, tls: trusting(made) });

      const [first] = await sink.send(batchOf(sink, 'r1'), never);
      relay.speaksForReceiver = true;
      const [second] = await sink.send(batchOf(sink, 'r2'), never);
      const probed = await sink.probe(never);
      relay.speaksForReceiver = false;
      const [third] = await sink.send(batchOf(sink, 'r2'), never);

      t.match(
        [first, second, probed, third],
        [{ kind: 'ok' }, { kind: 'retry' }, { kind: 'retry' }, { kind: 'ok' }],
      );
    },
  );

  t.test('15 a receiver that ends TLS in another way now is believed at the third time', async (t) => {
    const receiver = await startSyslogReceiver(t, { tls: ticketless(made.good) });
    const relay = await startStreamRelay(t, receiver.port);
    const sink = open(t, { ...secured, port: relay.port, tls: trusting(made) });
    const batch = batchOf(sink, 'r2');
    await sink.send(batchOf(sink, 'r1'), never);
    relay.speaksForReceiver = true;

    const said: Outcome[] = [];
    for (let tries = 0; tries < 4; tries += 1) said.push(...(await sink.send(batch, never)));

    t.match(said, [{ kind: 'retry' }, { kind: 'retry' }, { kind: 'ok' }, { kind: 'ok' }]);
  });

  t.test('15 a balancer that holds a connection until a dead receiver is back hides no death', async (t) => {
    const receiver = await startSyslogReceiver(t, { tls: made.good });
    const relay = await startStreamRelay(t, receiver.port);
    const clock = createVirtualClock();
    const sink = open(t, { ...secured, port: relay.port, tls: trusting(made) }, clock);
    const doubted = { kind: 'retry', why: /^DST-005: .* took [15]\.0 s to take a connection, / };
    async function heldFor<T>(ms: number, ask: () => Promise<T>): Promise<T> {
      const held = relay.hold();
      const asked = ask();
      await held.arrived;
      await clock.advance(ms);
      held.release();
      return asked;
    }
    /** Time goes on when the receiver has read it: opening took the time for which it was held. */
    async function taken(id: string, heldMs: number): Promise<readonly Outcome[]> {
      const count = receiver.messages.length + 1;
      return heldFor(heldMs, async () => {
        const asked = sink.send(batchOf(sink, id), never);
        await receiver.received(count);
        return passTime(clock, asked);
      });
    }

    t.match(await taken('r1', 0), [{ kind: 'ok' }]);
    t.match(await taken('r2', 999), [{ kind: 'ok' }]);
    t.match(await heldFor(1_000, () => sink.send(batchOf(sink, 'r3'), never)), [doubted]);
    t.match(await taken('r3', 0), [{ kind: 'ok' }], 'and what had not settled was sent again');
    t.match(await heldFor(5_000, () => sink.probe(never)), doubted);
    t.match(await heldFor(1_000, () => sink.send(batchOf(sink, 'r4'), never)), [doubted]);
    t.match(await taken('r4', 1_000), [{ kind: 'ok' }], 'the third in a row is believed: it is only slow');
  });

  t.test('a receiver that never ends TLS as it should is acknowledged by its end', async (t) => {
    const receiver = await startSyslogReceiver(t, { tls: made.good });
    const relay = await startStreamRelay(t, receiver.port);
    relay.speaksForReceiver = true;
    const sink = open(t, { ...secured, port: relay.port, tls: trusting(made) });

    const outcomes = [
      ...(await sink.send(batchOf(sink, 'r1'), never)),
      ...(await sink.send(batchOf(sink, 'r2'), never)),
    ];

    t.match(outcomes, [{ kind: 'ok' }, { kind: 'ok' }]);
  });

  t.test('what a receiver says late of its TLS session is not taken for the end of it', async (t) => {
    const receiver = await startSyslogReceiver(t, { tls: made.good });
    const relay = await startStreamRelay(t, receiver.port);
    const sink = open(t, { ...secured, port: relay.port, tls: trusting(made) });

    relay.speaksForReceiver = true;
    relay.keepsBack = true;
    const first = await sink.send(batchOf(sink, 'r1'), never);
    relay.keepsBack = false;
    const second = await sink.send(batchOf(sink, 'r2'), never);

    t.match([...first, ...second], [{ kind: 'ok' }, { kind: 'ok' }]);
  });

  t.test('28 plain text to a TLS port is never taken for delivered', async (t) => {
    const receiver = await startSyslogReceiver(t, { tls: made.good });
    const sink = open(t, { ...plain, port: receiver.port });

    const [said] = await sink.send(batchOf(sink, 'r1'), never);

    t.match(said, { kind: 'retry', why: /closed the connection early/ });
  });

  t.test('28 a receiver that answers in words is no syslog receiver', async (t) => {
    const { url } = await startWebhookReceiver(t);
    const sink = open(t, { ...plain, port: Number(new URL(url).port) });

    const [said] = await sink.send(batchOf(sink, 'r1'), never);

    t.match(said, { kind: 'blocked', why: 'config', detail: /answered "HTTP\/1\.1 400/ });
  });

  t.test('29 every connection checks the pin, because no session is resumed', async (t) => {
    const sessions: boolean[] = [];
    const receiver = await startSyslogReceiver(t, {
      tls: made.good,
      onServer: (server) =>
        server.on('secureConnection', (socket: TLSSocket) => sessions.push(socket.isSessionReused())),
    });
    const tls = { ...trusting(made), pinSha256: [made.good.pin] };
    const sink = open(t, { ...secured, port: receiver.port, tls });

    const outcomes: Outcome[] = [];
    for (const id of ['r1', 'r2', 'r3']) outcomes.push(...(await sink.send(batchOf(sink, id), never)));

    t.match(outcomes, [OK, OK, OK]);
    t.same(sessions, [false, false, false]);
  });

  t.test('30 a renewed client certificate is used at the next connection', async (t) => {
    const receiver = await startSyslogReceiver(t, { tls: asking(made, {}) });
    const sink = open(t, { ...secured, port: receiver.port, tls: showing(made, made.strange) });

    const [before] = await sink.send(batchOf(sink, 'r1'), never);
    showing(made, made.client);
    const [after] = await sink.send(batchOf(sink, 'r1'), never);

    t.match([before, after], [{ kind: 'retry' }, OK]);
  });
});

const presets: readonly (readonly [Record<string, unknown>, Record<string, unknown>])[] = [
  [{}, { receiver: 'generic', framing: 'octet-counting', header: 'rfc5424', maxMessageBytes: 8_000 }],
  [{ receiver: 'rsyslog' }, { framing: 'octet-counting', header: 'rfc5424', maxMessageBytes: 8_000 }],
  [{ receiver: 'syslog-ng' }, { framing: 'octet-counting', header: 'rfc5424', maxMessageBytes: 60_000 }],
  [{ receiver: 'splunk' }, { framing: 'lf', header: 'none', maxMessageBytes: 9_000 }],
  [{ receiver: 'qradar' }, { framing: 'lf', header: 'rfc5424', maxMessageBytes: 4_000 }],
  [{ receiver: 'wazuh' }, { framing: 'lf', header: 'none', maxMessageBytes: 6_000 }],
  [{ receiver: 'graylog' }, { framing: 'lf', header: 'rfc5424', maxMessageBytes: 8_000 }],
  [
    { receiver: 'splunk', framing: 'octet-counting', header: 'rfc3164', maxMessageBytes: 20_000 },
    { framing: 'octet-counting', header: 'rfc3164', maxMessageBytes: 20_000 },
  ],
  [
    { ...plain, transport: 'udp' },
    { framing: 'none', header: 'rfc5424', maxMessageBytes: 1_400 },
  ],
  [
    { ...plain, transport: 'udp', receiver: 'qradar' },
    { framing: 'none', header: 'rfc5424', maxMessageBytes: 1_024 },
  ],
  [
    { ...plain, transport: 'udp', maxMessageBytes: 8_000 },
    { framing: 'none', maxMessageBytes: 8_000 },
  ],
];
for (const [written, resolved] of presets) {
  t.test(`the receiver fills in what is not written: ${JSON.stringify(written)}`, async (t) => {
    t.match(syslogOptions.parse({ ...secured, port: 6514, ...written }), resolved);
  });
}

const mistakes: readonly (readonly [string, Record<string, unknown>, RegExp])[] = [
  ['tcp without saying that it is insecure', { transport: 'tcp' }, /insecureTransport: true/],
  ['udp without saying that it is insecure', { transport: 'udp' }, /insecureTransport: true/],
  ['a framing for datagrams', { ...plain, transport: 'udp', framing: 'lf' }, /no meaning for udp/],
  ['a metadata address', { host: '169.254.169.254' }, /link-local and metadata/],
  ['a certificate without its key', { tls: { certFile: 'a.pem' } }, /belong together/],
  ['a pin that is no digest', { tls: { pinSha256: ['abc'] } }, /32 bytes in base64/],
  ['an address as the name in the certificate', { tls: { serverName: '10.0.0.1' } }, /not an address/],
  ['an unknown option', { rejectUnauthorized: false }, /rejectUnauthorized/],
  ['an APP-NAME of 49 characters', { appName: 'a'.repeat(49) }, /1 to 48/],
  ['a TAG of 33 characters', { header: 'rfc3164', appName: 'a'.repeat(33) }, /1 to 32 letters/],
  ['a TAG with a slash', { header: 'rfc3164', appName: 'guard/relay' }, /1 to 32 letters/],
  ['a TAG with a colon', { header: 'rfc3164-iso', appName: 'guard:relay' }, /1 to 32 letters/],
  [
    'structured data in RFC 3164',
    { header: 'rfc3164', structuredData: { id: 'a@1' } },
    /needs header rfc5424/,
  ],
  ...[
    'guardrelay',
    '@32473',
    'a b@1',
    'a=b@1',
    'a]@1',
    'a"@1',
    'a@b@1',
    'a@x',
    'a@01',
    `${'a'.repeat(31)}@1`,
  ].map((id) => [`the SD-ID ${id}`, { structuredData: { id } }, /IANA enterprise number/] as const),
];
for (const [what, wrong, sentence] of mistakes) {
  t.test(`the configuration refuses ${what}`, async (t) => {
    const parsed = syslogOptions.safeParse({ ...secured, port: 6514, ...wrong });

    t.equal(parsed.success, false);
    t.match(parsed.error?.message, sentence);
  });
}
