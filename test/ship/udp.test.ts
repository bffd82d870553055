import type { LookupFunction } from 'node:net';
import { networkInterfaces } from 'node:os';
import t, { type Test } from 'tap';

import type { LogFields } from '../../agent/model/logger.ts';
import { silentLogger } from '../../agent/model/logger.ts';
import { formatNamed } from '../../agent/normalize/formats/index.ts';
import type { SinkDeps } from '../../agent/ship/destination.ts';
import { sealBatch } from '../../agent/ship/seal.ts';
import { createSyslogSink, syslogOptions } from '../../agent/ship/sinks/syslog.ts';
import { createMessageRate } from '../../agent/ship/wire/message-rate.ts';
import { createUdpSender } from '../../agent/ship/wire/udp-sender.ts';
import { openUdpSocket } from '../../agent/ship/wire/udp-socket.ts';
import { enveloped, workedExample } from '../support/log-events.ts';
import { parsed, renderable } from '../support/rendering.ts';
import { idIn, recordNamed, rendered, sinkDeps } from '../support/ship-records.ts';
import { deliver } from '../support/sink-contract.ts';
import { startUdpReceiver } from '../support/udp-receiver.ts';
import { createVirtualClock, finish, type VirtualClock } from '../support/virtual-clock.ts';

const plain = { id: 'd', type: 'syslog', host: '127.0.0.1', transport: 'udp', insecureTransport: true };
const never = new AbortController().signal;
const HEAD = '<110>1 2026-07-22T18:47:17.000Z relay-1 guardrelay - Raw - ';

function open(t: Test, given: Record<string, unknown>, deps: Partial<SinkDeps> = {}) {
  const sink = createSyslogSink(syslogOptions.parse({ ...plain, ...given }), sinkDeps(deps));
  t.teardown(() => sink.close(0));
  return sink;
}

type OpenSink = ReturnType<typeof open>;

function batchOf(sink: OpenSink, ...ids: readonly string[]) {
  return sink.seal(ids.map((id) => sink.encode(recordNamed(id))));
}

t.test('every text of a record is a datagram, which proves nothing, and a warning says so', async (t) => {
  const receiver = await startUdpReceiver(t);
  const warnings: (LogFields | undefined)[] = [];
  const logger = { ...silentLogger, warn: (_: string, fields?: LogFields) => warnings.push(fields) };
  const render: SinkDeps['render'] = ({ key }) => rendered(...(key === 'r1' ? ['one', 'two'] : ['three']));
  const sink = open(t, { port: receiver.port }, { render, logger });

  const outcomes = await sink.send(batchOf(sink, 'r1', 'r2'), never);
  await receiver.received(3);

  t.same(receiver.messages, [`${HEAD}one`, `${HEAD}two`, `${HEAD}three`]);
  t.same(outcomes, Array(2).fill({ kind: 'ok', grade: 'none', finalAfterMs: 1_000 }));
  t.same(warnings, [{ destination: 'd' }]);
  t.equal(sink.caps.grade, 'none');
});

const detail = workedExample().detail;
const huge = JSON.stringify(enveloped({ ...detail, description: 'é'.repeat(100_000) }));
for (const maxMessageBytes of [1_400, 65_507]) {
  t.test(`10 a finding of 200 KB shrinks to a datagram of at most ${maxMessageBytes} bytes`, async (t) => {
    const receiver = await startUdpReceiver(t);
    const render: SinkDeps['render'] = (record, maxBytes) => formatNamed('raw').render(record, maxBytes);
    const sink = open(t, { port: receiver.port, maxMessageBytes }, { render });
    const record = sink.encode(renderable(huge));

    const outcomes = await sink.send(sink.seal([record]), never);
    await receiver.received(1);

    const [message = ''] = receiver.messages;
    t.match(outcomes, [{ kind: 'ok' }]);
    t.ok(record.truncated);
    t.ok(Buffer.byteLength(message) <= maxMessageBytes);
    t.match(parsed(message.slice(message.indexOf('{'))), { detail: { id: detail.id } });
  });
}

t.test('10 text that no format shrinks is cut at 65,507 bytes, and more cannot be configured', async (t) => {
  const receiver = await startUdpReceiver(t);
  const sink = open(t, { port: receiver.port, maxMessageBytes: 65_507 });
  const record = sink.encode(recordNamed('r1', 'x'.repeat(70_000)));

  const outcomes = await sink.send(sink.seal([record]), never);
  await receiver.received(1);

  t.match(outcomes, [{ kind: 'ok' }]);
  t.same(
    receiver.messages.map((message) => message.length),
    [65_507],
  );
  t.throws(
    () => syslogOptions.parse({ ...plain, port: 514, maxMessageBytes: 65_508 }),
    /at most 65507 for udp/,
  );
});

t.test('a receiver that is gone is a retry, and records wait until it is back', async (t) => {
  const gone = await startUdpReceiver(t);
  const { port } = gone;
  await gone.stop();
  const sink = open(t, { port, settleMs: 50 });
  const [refused] = await sink.send(batchOf(sink, 'r1'), never);
  const ids = ['r1', 'r2', 'r3'];

  const delivery = deliver(sink, ids);
  const receiver = await startUdpReceiver(t, { port });
  const { final } = await delivery;

  t.match(refused, { kind: 'retry', why: /^DST-002: 127\.0\.0\.1:\d+ cannot be reached \(ECONNREFUSED\)/ });
  t.same([...final].sort(), ids);
  t.ok(ids.every((id) => receiver.messages.map(idIn).includes(id)));
});

/** A sender over sockets that only note what they are given. */
function scriptedSender(clock: VirtualClock, perSecond = 1_000_000) {
  const opened: AbortController[] = [];
  const sent: string[] = [];
  const sender = createUdpSender({
    ...{ name: 'siem', settleMs: 1_000, clock, rate: createMessageRate(perSecond, clock) },
    async open() {
      const refused = new AbortController();
      opened.push(refused);
      return { refusal: refused.signal, send: async (bytes) => void sent.push(String(bytes)), close() {} };
    },
  });
  const refuse = (code: string) => opened.at(-1)?.abort(Object.assign(new Error(code), { code }));
  return { sender, opened, sent, refuse };
}

function textsBatch(...texts: readonly string[]) {
  const records = texts.map((text) => ({
    ...{ id: text, record: recordNamed(text), bytes: Buffer.from(text), truncated: false },
  }));
  return sealBatch(records);
}

t.test(
  'a refusal that comes after the last datagram fails the probe that ends the settle time',
  async (t) => {
    const clock = createVirtualClock();
    const { sender, opened, refuse } = scriptedSender(clock);

    const taken = await finish(clock, sender.send(textsBatch('one'), never));
    refuse('ECONNREFUSED');
    const probed = await sender.probe(never);
    const again = await sender.probe(never);

    t.same(taken, { kind: 'ok', grade: 'none', finalAfterMs: 1_000 });
    t.match(probed, { kind: 'retry', why: /ECONNREFUSED/ });
    t.match(again, { kind: 'ok' });
    t.equal(opened.length, 2, 'on a new socket');
  },
);

t.test(
  'a datagram that the way does not take is a rejection, so that one record cannot stop all',
  async (t) => {
    const clock = createVirtualClock();
    const { sender, refuse } = scriptedSender(clock);

    const sending = sender.send(textsBatch('one'), never);
    await clock.advance(10);
    refuse('EMSGSIZE');

    t.match(await sending, { kind: 'reject', code: 'EMSGSIZE', why: /^DST-002: .*maxMessageBytes/ });
  },
);

t.test('the name is resolved again after a minute', async (t) => {
  const clock = createVirtualClock();
  const { sender, opened } = scriptedSender(clock);

  await finish(clock, sender.send(textsBatch('one'), never));
  await clock.advance(59_000);
  await sender.send(textsBatch('two'), never);
  const before = opened.length;
  await clock.advance(2_000);
  await sender.send(textsBatch('three'), never);

  t.same([before, opened.length], [1, 2]);
});

t.test('no more than maxPerSecond messages go in a second, and few at once', async (t) => {
  const clock = createVirtualClock();
  const { sender, sent } = scriptedSender(clock, 100);
  const texts = Array.from({ length: 250 }, (_, index) => `r${index}`);

  const sending = sender.send(textsBatch(...texts), never);
  const counts: number[] = [];
  for (const ms of [0, 1_000, 1_000]) {
    await clock.advance(ms);
    counts.push(sent.length);
  }
  const outcome = await finish(clock, sending);

  t.same(counts, [2, 102, 202]);
  t.same(sent, texts);
  t.match(outcome, { kind: 'ok' });
});

t.test('an aborted send does not wait for its turn', async (t) => {
  const clock = createVirtualClock();
  const { sender, sent } = scriptedSender(clock, 1);
  const abort = new AbortController();

  const sending = sender.send(textsBatch('one', 'two'), abort.signal);
  await clock.advance(500);
  abort.abort();

  t.match(await sending, { kind: 'retry', why: /the agent stopped/ });
  t.same(sent, ['one']);
});

const lookupOf =
  (...addresses: readonly string[]): LookupFunction =>
  (_, __, done) =>
    done(
      null,
      addresses.map((address) => ({ address, family: 4 })),
    );

t.test('a name leads to the first address that there is a way to', async (t) => {
  const receiver = await startUdpReceiver(t);
  const deps = sinkDeps();
  // Nobody may send to a broadcast address unasked.
  const lookup = lookupOf('255.255.255.255', '127.0.0.1');

  const socket = await openUdpSocket({ host: 'siem', port: receiver.port }, { ...deps, lookup }, never);
  t.teardown(() => socket.close());
  await socket.send(Buffer.from('text'));
  await receiver.received(1);

  t.same(receiver.messages, ['text']);
});

t.test('a name that is not resolved within 10 seconds is a retry', async (t) => {
  const clock = createVirtualClock();
  const deps = { ...sinkDeps({ clock }), lookup: () => {} };

  const failure = await finish(
    clock,
    openUdpSocket({ host: 'siem', port: 514 }, deps, never).catch((error: unknown) => error),
  );

  t.match(failure, { outcome: { kind: 'retry', why: /^DST-001: .*not resolved in time/ } });
});

t.test('a name that does not exist is a retry, a metadata address is refused', async (t) => {
  const nameless = open(t, { host: 'siem.invalid', port: 514 });

  const [unresolved] = await nameless.send(batchOf(nameless, 'r1'), never);
  const refused = await openUdpSocket({ host: '169.254.169.254', port: 514 }, sinkDeps(), never).catch(
    (error: unknown) => error,
  );

  t.match(unresolved, { kind: 'retry', why: /^DST-001: / });
  t.match(refused, { outcome: { kind: 'blocked', why: 'config', detail: /^DST-007: / } });
});

const hasIpv6 = Object.values(networkInterfaces()).some((list) =>
  list?.some(({ address }) => address === '::1'),
);
t.test('IPv6 is used where there is a way, and is a retry where there is none', async (t) => {
  const receiver = await startUdpReceiver(t, hasIpv6 ? { address: '::1' } : {});
  const sink = open(t, { host: '::1', port: receiver.port });

  const [outcome] = await sink.send(batchOf(sink, 'r1'), never);
  if (hasIpv6) await receiver.received(1);

  t.match(outcome, { kind: hasIpv6 ? 'ok' : 'retry' });
  t.same(receiver.messages.map(idIn), hasIpv6 ? ['r1'] : []);
});

t.test('closing twice is safe, and a send after it fails as a value', async (t) => {
  const receiver = await startUdpReceiver(t);
  const sink = open(t, { port: receiver.port });
  await sink.send(batchOf(sink, 'r1'), never);

  await sink.close(1_000);
  await sink.close(1_000);
  const outcomes = await sink.send(batchOf(sink, 'r2'), AbortSignal.abort());

  t.match(outcomes, [{ kind: 'retry' }]);
});
