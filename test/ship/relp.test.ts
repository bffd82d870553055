import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import t, { type Test } from 'tap';

import { type Clock, systemClock } from '../../agent/model/clock.ts';
import type { RenderableRec } from '../../agent/model/record.ts';
import type { Sink } from '../../agent/model/sink.ts';
import { createRelpSink, relpOptions } from '../../agent/ship/sinks/relp.ts';
import { openConnection } from '../../agent/ship/wire/connect.ts';
import { createRelpDelivery } from '../../agent/ship/wire/relp-delivery.ts';
import type { Ending } from '../../agent/ship/wire/relp-dialog.ts';
import { createFrameReader, encodeFrame } from '../../agent/ship/wire/relp-frame.ts';
import { openRelpSession, type RelpSession } from '../../agent/ship/wire/relp-session.ts';
import { createRelpSessions } from '../../agent/ship/wire/relp-sessions.ts';
import { createStrikes } from '../../agent/ship/wire/strikes.ts';
import {
  OFFERS,
  type RelpManner,
  type RelpServer,
  rsp,
  startRelpServer,
  takes,
  takesWith,
} from '../support/relp-server.ts';
import { idIn, recordNamed, rendered, sinkDeps } from '../support/ship-records.ts';
import { deliver } from '../support/sink-contract.ts';
import { createAuthority } from '../support/tls-certificates.ts';
import { createVirtualClock, finish } from '../support/virtual-clock.ts';

const never = new AbortController().signal;
const CLOSED = /^DST-005: .* closed the connection early/;

function open(t: Test, { port }: RelpServer, given: Record<string, unknown> = {}, clock?: Clock): Sink {
  const place = { host: '127.0.0.1', port, transport: 'tcp', insecureTransport: true };
  const options = relpOptions.parse({ id: 'd', type: 'relp', ...place, ...given });
  const sink = createRelpSink(options, sinkDeps(clock && { clock }));
  t.teardown(() => sink.close(0));
  return sink;
}

function names(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `r${index}`);
}

function batchOf(sink: Sink, ids: readonly string[]) {
  return sink.seal(ids.map((id) => sink.encode(recordNamed(id))));
}

async function kindsOf(sink: Sink, ids: readonly string[]): Promise<readonly string[]> {
  const outcomes = await sink.send(batchOf(sink, ids), never);
  return outcomes.map(({ kind }) => kind);
}

/** For pauses that are waited out beside real connections: an alarm may ring early. */
const hasty: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(ms / 100, signal) };

/** Answers messages by their place among the messages of their connection, from 0. */
function byPlace(act: (place: number, ...asked: Parameters<RelpManner>) => void): RelpManner {
  return takesWith((asked, peer) => act(asked.txnr - 2, asked, peer));
}

const ANSWERS = `1 rsp ${OFFERS.length} ${OFFERS}\n2 rsp 6 200 OK\n3 rsp 0\n000000004 rsp 000000002 \n\n\n0 serverclose 0\n`;
const READ = [
  { txnr: 1, command: 'rsp', text: OFFERS },
  { txnr: 2, command: 'rsp', text: '200 OK' },
  { txnr: 3, command: 'rsp', text: '' },
  { txnr: 4, command: 'rsp', text: '\n\n' },
  { txnr: 0, command: 'serverclose', text: '' },
];

function readAll(chunks: readonly Buffer[], maxDataBytes = 128) {
  const read = createFrameReader(maxDataBytes);
  const results = chunks.map(read);
  return {
    frames: results.flatMap(({ frames }) =>
      frames.map(({ txnr, command, data }) => ({ txnr, command, text: String(data) })),
    ),
    fault: results.find(({ fault }) => fault !== undefined)?.fault,
  };
}

t.test('31 frames come out whole, wherever the stream was split', async (t) => {
  const bytes = Buffer.from(ANSWERS);

  const single = readAll(Array.from(bytes, (byte) => Buffer.of(byte)));
  const halves = Array.from(bytes, (_, at) => readAll([bytes.subarray(0, at), bytes.subarray(at)]));

  t.same(single, { frames: READ, fault: undefined });
  for (const half of halves) t.same(half, { frames: READ, fault: undefined });
});

t.test('31 what cannot become a frame is a fault at its first wrong byte', async (t) => {
  const right = '7 rsp 6 200 OK\n';
  const wrong = [
    'x',
    ' ',
    '\n',
    '\u0015',
    '1234567890',
    '1  ',
    '1 r5',
    `1 ${'r'.repeat(33)}`,
    '1 rsp x',
    '1 rsp \n',
    '1 rsp 1234567890',
    '1 rsp 129 ',
    '1 rsp 0 ',
    '1 rsp 6\n',
    '1 rsp 2 abc',
    '-',
  ];
  for (const text of wrong) {
    const { frames, fault } = readAll(Array.from(Buffer.from(right + text), (byte) => Buffer.of(byte)));
    const before = readAll([Buffer.from((right + text).slice(0, -1))]);

    t.equal(frames.length, 1, JSON.stringify(text));
    t.type(fault, 'string', JSON.stringify(text));
    t.equal(before.fault, undefined, JSON.stringify(text));
  }
});

t.test('31 a frame counts the bytes of its data, and has no blank without data', async (t) => {
  const frame = { txnr: 2, command: 'syslog', data: Buffer.from('☂') };

  t.equal(String(encodeFrame(frame)), '2 syslog 3 ☂\n');
  t.equal(String(encodeFrame({ txnr: 3, command: 'close', data: Buffer.alloc(0) })), '3 close 0\n');
});

t.test('31 each record is a transaction of its own, by RFC 5424, and settles for 5 seconds', async (t) => {
  const server = await startRelpServer(t);
  const sink = open(t, server);

  const outcomes = await sink.send(batchOf(sink, ['r1', 'r2']), never);
  await sink.close(1_000);
  await server.until(() => server.open === 0);

  const taken = { kind: 'ok', grade: 'accepted', finalAfterMs: 5_000 };
  const head = '<110>1 2026-07-22T18:47:17.000Z relay-1 guardrelay - Raw - ';
  t.same(outcomes, [taken, taken]);
  t.same(server.sessions, [
    [
      { txnr: 1, command: 'open', text: 'relp_version=0\nrelp_software=guardrelay\ncommands=syslog' },
      { txnr: 2, command: 'syslog', text: `${head}{"id":"r1","text":""}` },
      { txnr: 3, command: 'syslog', text: `${head}{"id":"r2","text":""}` },
      { txnr: 4, command: 'close', text: '' },
    ],
  ]);
  t.same(server.violations, []);
});

t.test('each text of a record is a message of its own, and the record has one outcome', async (t) => {
  const server = await startRelpServer(t);
  const place = { host: '127.0.0.1', port: server.port, transport: 'tcp', insecureTransport: true };
  const options = relpOptions.parse({ id: 'd', type: 'relp', ...place, header: 'none' });
  const render = ({ key }: RenderableRec) => rendered(`${key} one`, `${key} two`);
  const sink = createRelpSink(options, sinkDeps({ render }));
  t.teardown(() => sink.close(0));
  server.manner = byPlace((place, asked, peer) => {
    if (place === 3) peer.hangUp();
    else takes(asked, peer);
  });

  const kinds = await kindsOf(sink, ['r1', 'r2']);

  t.same(server.taken, ['r1 one', 'r1 two', 'r2 one']);
  t.same(kinds, ['ok', 'retry']);
});

t.test('31 the window is filled and never exceeded, by several batches together', async (t) => {
  const server = await startRelpServer(t);
  const sink = open(t, server, { window: 16 });
  const waiting: (() => void)[] = [];
  server.manner = takesWith((asked, peer) => waiting.push(() => takes(asked, peer)));
  const ids = names(100);

  const sending = [ids.slice(0, 60), ids.slice(60)].map((some) => kindsOf(sink, some));
  while (server.taken.length < ids.length) {
    const full = Math.min(16, ids.length - server.taken.length);
    await server.until(() => waiting.length === full);
    waiting.shift()?.();
  }
  const kinds = await Promise.all(sending);

  t.ok(kinds.flat().every((kind) => kind === 'ok'));
  t.equal(server.mostUnanswered, 16);
  t.same(server.taken.map(idIn), ids);
  t.equal(server.sessions.length, 1);
  t.same(server.violations, []);
});

t.test('megabytes of records arrive whole', async (t) => {
  const server = await startRelpServer(t);
  const sink = open(t, server, { maxMessageBytes: 65_536 });
  const texts = names(100).map((id) => sink.encode(recordNamed(id, '☂'.repeat(20_000))));

  const outcomes = await sink.send(sink.seal(texts), never);

  t.ok(outcomes.every(({ kind }) => kind === 'ok'));
  t.same(
    server.taken,
    texts.map(({ bytes }) => String(bytes)),
  );
});

t.test('31 answers may come in any order', async (t) => {
  const server = await startRelpServer(t);
  const sink = open(t, server, {}, hasty);
  const waiting: (() => void)[] = [];
  server.manner = takesWith((asked, peer) => {
    const text = idIn(asked.text) === 'r7' ? '500 not this one' : '200 OK';
    waiting.unshift(() => peer.answer(asked.txnr, text));
    if (waiting.length === 20) for (const answer of waiting) answer();
    if (waiting.length > 20) takes(asked, peer);
  });

  const kinds = await kindsOf(sink, names(20));

  t.ok(kinds.every((kind) => kind === 'ok'));
  t.same(server.taken.map(idIn).at(-1), 'r7', 'the refused one was taken at the second try');
});

t.test('31 answers arrive split at every byte', async (t) => {
  const server = await startRelpServer(t);
  const sink = open(t, server);
  server.manner = takesWith(async ({ txnr }, peer) => {
    for (const byte of rsp(txnr, '200 OK')) {
      peer.say(byte);
      await setImmediate();
    }
  });

  // One after the other, so that the bytes of two answers do not mix.
  const kinds = [await kindsOf(sink, ['r1']), await kindsOf(sink, ['r2']), await kindsOf(sink, ['r3'])];

  t.same(kinds.flat(), ['ok', 'ok', 'ok']);
});

interface Hostility {
  readonly title: string;
  /** What the server does instead of taking the third of five messages. */
  readonly instead: (...asked: Parameters<RelpManner>) => void;
  readonly why: RegExp;
}

const hostilities: readonly Hostility[] = [
  {
    title: 'garbage',
    instead: (_, peer) => peer.say('<html>\n'),
    why: /^DST-007: .* sent "<html>", which is not RELP$/,
  },
  {
    title: 'a frame that is too large',
    instead: ({ txnr }, peer) => peer.say(`${txnr} rsp 999999999 200 `),
    why: /^DST-007: .* sent a frame of 999999999 bytes/,
  },
  {
    title: 'a transaction number of ten digits',
    instead: (_, peer) => peer.say('1000000000 rsp 6 200 OK\n'),
    why: /^DST-007: .* sent "1000000000 rsp 6 200 OK"/,
  },
  {
    title: 'an answer to what was not asked',
    instead: (_, peer) => peer.say(rsp(77, '200 OK')),
    why: /^DST-007: .* sent "77 rsp", which answers nothing/,
  },
  {
    title: 'an answer that came before',
    instead: (_, peer) => peer.say(rsp(2, '200 OK')),
    why: /^DST-007: .* sent "2 rsp", which answers nothing/,
  },
  {
    title: 'a command of its own',
    instead: (_, peer) => peer.say('5 syslog 1 x\n'),
    why: /^DST-007: .* sent "5 syslog"/,
  },
  { title: 'the hint that it closes', instead: (_, peer) => peer.say('0 serverclose 0\n'), why: CLOSED },
  { title: 'the end of the connection', instead: (_, peer) => peer.hangUp(), why: CLOSED },
];

for (const { title, instead, why } of hostilities) {
  t.test(`31 ${title} in the middle: what was answered stands, the rest is tried again`, async (t) => {
    const server = await startRelpServer(t);
    const sink = open(t, server);
    server.manner = byPlace((place, asked, peer) => {
      if (place === 2) instead(asked, peer);
      else if (place < 2) takes(asked, peer);
    });

    const outcomes = await sink.send(batchOf(sink, names(5)), never);
    await server.until(() => server.open === 0);
    server.manner = takes;
    const again = await kindsOf(sink, ['r2', 'r3', 'r4']);

    const broken = { kind: 'retry', why };
    t.match(outcomes, [{ kind: 'ok' }, { kind: 'ok' }, broken, broken, broken]);
    t.same(again, ['ok', 'ok', 'ok']);
    t.same(server.taken.map(idIn), names(5));
    t.same(server.violations, []);
  });
}

t.test('31 hints that are not known mean nothing', async (t) => {
  const server = await startRelpServer(t);
  const sink = open(t, server);
  server.manner = takesWith((asked, peer) => {
    peer.say('0 somehint 3 abc\n');
    takes(asked, peer);
  });

  t.same(await kindsOf(sink, ['r1', 'r2']), ['ok', 'ok']);
});

interface Opening {
  readonly title: string;
  readonly open: RelpManner;
  readonly outcome: Record<string, unknown>;
}

const unfit = (detail: RegExp) => ({ kind: 'blocked', why: 'config', detail });
const answering =
  (words: string): RelpManner =>
  ({ txnr }, peer) =>
    peer.answer(txnr, words);

const openings: readonly Opening[] = [
  {
    title: 'a refusal',
    open: answering('500 required command not supported by client'),
    outcome: unfit(/^DST-007: .* refuses the RELP session: "500 required command not supported by client"$/),
  },
  { title: 'no words at all', open: answering(''), outcome: unfit(/refuses the RELP session: ""$/) },
  {
    title: 'no version',
    open: answering('200 OK\ncommands=syslog'),
    outcome: unfit(/^DST-007: .* offers no relp_version$/),
  },
  {
    title: 'version 7',
    open: answering('200 OK\nrelp_version=7\ncommands=syslog'),
    outcome: unfit(/offers relp_version 7, not 0 or 1$/),
  },
  {
    title: 'no command syslog',
    open: answering('200 OK\nrelp_version=0\ncommands=eventlog'),
    outcome: unfit(/does not offer to take syslog messages/),
  },
  {
    title: 'no commands',
    open: answering('200 OK\nrelp_version=0'),
    outcome: unfit(/does not offer to take syslog messages/),
  },
  {
    title: 'the alert of a TLS port',
    open: (_, peer) => peer.say('\u0015\u0003\u0001\u0000\u0002\u0002\n'),
    outcome: unfit(/^DST-007: .* is it a TLS port, or no RELP at all\?/),
  },
  {
    title: 'an answer to another transaction',
    open: ({ txnr }, peer) => peer.answer(txnr + 1, OFFERS),
    outcome: unfit(/sent "2 rsp", which answers nothing/),
  },
  {
    title: 'the end of the connection',
    open: (_, peer) => peer.hangUp(),
    outcome: {
      kind: 'retry',
      why: /^DST-005: .* does it permit our address and our certificate, and want TLS as we do\?$/,
    },
  },
  {
    title: 'the specified version 1 and more commands',
    open: answering('200 OK\nrelp_software=x,1,y\nrelp_version=1\nrest\ncommands=eventlog,syslog'),
    outcome: { kind: 'ok', grade: 'accepted' },
  },
];

for (const { title, open: manner, outcome } of openings) {
  t.test(`31 to open, the server answers ${title}`, async (t) => {
    const server = await startRelpServer(t);
    const sink = open(t, server);
    server.manner = (asked, peer) => (asked.command === 'open' ? manner : takes)(asked, peer);

    const probed = await sink.probe(never);
    const [sent] = await sink.send(batchOf(sink, ['r1']), never);

    t.match([probed, sent], [outcome, outcome]);
    t.same(server.violations, []);
  });
}

t.test('31 a server that is silent for 30 seconds is given up', async (t) => {
  const late: (() => void)[] = [];
  const manners: readonly [string, RelpManner][] = [
    ['nothing to open', () => {}],
    ['nothing to messages', takesWith(() => {})],
    ['only hints', takesWith((_, peer) => late.push(() => peer.say('0 hint 0\n')))],
    ['half an answer', takesWith(({ txnr }, peer) => late.push(() => peer.say(`${txnr} rsp 6 200 `)))],
  ];
  for (const [title, manner] of manners) {
    const server = await startRelpServer(t);
    const clock = createVirtualClock();
    const sink = open(t, server, {}, clock);
    server.manner = manner;
    const commands = title === 'nothing to open' ? 1 : 2;

    const sending = sink.send(batchOf(sink, ['r1']), never);
    await server.until(() => server.sessions[0]?.length === commands);
    await clock.advance(29_000);
    for (const say of late.splice(0)) say();
    const early = await Promise.race([sending, setImmediate('nothing yet')]);
    const [outcome] = await finish(clock, sending);

    t.equal(early, 'nothing yet', title);
    t.match(outcome, { kind: 'retry', why: /^DST-005: .* did not answer for 30 s$/ }, title);
    t.equal(clock.monotonic(), 30_000, title);
  }
});

t.test('a server that answers each message just in time is waited for', async (t) => {
  const server = await startRelpServer(t);
  const clock = createVirtualClock();
  const sink = open(t, server, {}, clock);
  const waiting: (() => void)[] = [];
  server.manner = takesWith((asked, peer) => waiting.push(() => takes(asked, peer)));

  const sending = names(3).map((id) => kindsOf(sink, [id]));
  await server.until(() => waiting.length === 3);
  for (const [index, answer] of waiting.entries()) {
    await clock.advance(29_000);
    answer();
    await sending[index];
  }

  t.same(await Promise.all(sending), [['ok'], ['ok'], ['ok']]);
});

t.test('31 a refused record is tried on another session, and its neighbours are not', async (t) => {
  const server = await startRelpServer(t);
  const sink = open(t, server, {}, hasty);
  server.manner = takesWith((asked, peer) => {
    if (peer.index === 0 && idIn(asked.text) === 'r1') peer.answer(asked.txnr, '500 disk full');
    else takes(asked, peer);
  });

  const outcomes = await sink.send(batchOf(sink, names(3)), never);
  await server.until(() => server.open === 1);

  t.match(outcomes, [{ kind: 'ok' }, { kind: 'ok' }, { kind: 'ok' }]);
  t.same(server.taken.map(idIn), ['r0', 'r2', 'r1']);
  t.same(
    server.sessions.map((session) => session.map(({ command }) => command)),
    [
      ['open', 'syslog', 'syslog', 'syslog', 'close'],
      ['open', 'syslog'],
    ],
  );
});

t.test('31 a record that three sessions refuse is rejected when others were taken after it', async (t) => {
  const server = await startRelpServer(t);
  const sink = open(t, server, {}, hasty);
  server.manner = takesWith((asked, peer) => {
    if (idIn(asked.text) === 'r1') peer.answer(asked.txnr, '500 no');
    else takes(asked, peer);
  });

  const outcomes = await sink.send(batchOf(sink, names(3)), never);

  t.match(outcomes, [
    { kind: 'ok' },
    { kind: 'reject', why: /^DST-005: .* answered a message with "500 no"$/ },
    { kind: 'ok' },
  ]);
  t.equal(server.sessions.length, 3);
});

t.test(
  '31 a server that begins to refuse everything gets no record rejected beside taken ones',
  async (t) => {
    const server = await startRelpServer(t);
    const sink = open(t, server, {}, hasty);
    server.manner = takesWith((asked, peer) => {
      if (server.taken.length < 2) takes(asked, peer);
      else peer.answer(asked.txnr, '500 disk full');
    });

    const first = await sink.send(batchOf(sink, names(4)), never);
    const second = await sink.send(batchOf(sink, ['r2', 'r3']), never);

    t.match(first, [{ kind: 'ok' }, { kind: 'ok' }, { kind: 'retry' }, { kind: 'retry' }]);
    t.match(second, [{ kind: 'reject' }, { kind: 'reject' }]);
  },
);

t.test(
  '31 a refused record whose server goes away is tried again later, and its neighbours stand',
  async (t) => {
    const server = await startRelpServer(t);
    const sink = open(t, server, {}, hasty);
    server.manner = takesWith((asked, peer) => {
      if (idIn(asked.text) !== 'r1') return takes(asked, peer);
      peer.answer(asked.txnr, '500 shutting down');
      server.stop();
    });

    const outcomes = await sink.send(batchOf(sink, ['r0', 'r1']), never);

    t.match(outcomes, [{ kind: 'ok' }, { kind: 'retry', why: /^DST-002: .*ECONNREFUSED/ }]);
  },
);

t.test('an aborted send ends the sessions that others have followed, too', async (t) => {
  const server = await startRelpServer(t);
  const sink = open(t, server, {}, hasty);
  const abort = new AbortController();
  server.manner = byPlace((place, asked, peer) => {
    if (place === 0 && peer.index === 0) peer.answer(asked.txnr, '500 no');
  });

  const sending = sink.send(batchOf(sink, ['r0', 'r1']), abort.signal);
  await server.until(() => server.sessions[0]?.length === 3);
  await server.until(() => server.sessions[1]?.length === 2);
  abort.abort();
  const outcomes = await sending;
  await server.until(() => server.open === 0);

  t.match(outcomes, [{ kind: 'retry' }, { kind: 'retry' }]);
});

t.test('of single records only the last few thousand that had trouble are remembered', async (t) => {
  const strikes = createStrikes();
  for (let times = 0; times < 2; times += 1) strikes.add('r0');
  const before = strikes.isSuspect('r0');

  for (const id of names(4_097).slice(1)) strikes.add(id);

  t.same([before, strikes.isSuspect('r0')], [true, false]);
});

t.test('the one record that the server hangs up on is found, and its neighbours arrive', async (t) => {
  const server = await startRelpServer(t);
  server.manner = takesWith((asked, peer) => {
    if (asked.text.includes('poison')) peer.reset();
    else takes(asked, peer);
  });
  const sink = open(t, server, { settleMs: 0 });
  const ids = names(35).toSpliced(17, 1, 'poison');

  const { final, quarantined } = await deliver(sink, ids);

  t.same(quarantined, ['poison']);
  t.same([...final].sort(), ids.filter((id) => id !== 'poison').sort());
});

t.test('a session is kept from batch to batch, and followed by another after an hour', async (t) => {
  const server = await startRelpServer(t);
  const clock = createVirtualClock();
  const sink = open(t, server, {}, clock);

  const kinds = [await kindsOf(sink, ['r1'])];
  await clock.advance(3_599_000);
  kinds.push(await kindsOf(sink, ['r2']));
  await clock.advance(1_000);
  kinds.push(await kindsOf(sink, ['r3']));
  await server.until(() => server.open === 1);

  t.same(kinds.flat(), ['ok', 'ok', 'ok']);
  t.same(
    server.sessions.map((session) => session.map(({ txnr, command }) => `${txnr} ${command}`)),
    [
      ['1 open', '2 syslog', '3 syslog', '4 close'],
      ['1 open', '2 syslog'],
    ],
  );
});

t.test('31 transaction numbers begin anew with the session that follows a worn one', async (t) => {
  const server = await startRelpServer(t);
  const endpoint = { host: '127.0.0.1', port: server.port };
  const deps = { clock: systemClock };
  const sink = open(t, server);
  const delivery = createRelpDelivery({
    ...{ name: 'test', settleMs: 0, clock: systemClock },
    open: async (signal) =>
      openRelpSession(
        await openConnection(endpoint, deps, signal),
        { name: 'test', clock: systemClock, window: 2, maxMessages: 10 },
        signal,
      ),
  });
  t.teardown(() => delivery.close(AbortSignal.abort()));

  for (let at = 0; at < 6; at += 1) {
    const ids = names(24).slice(at * 4, at * 4 + 4);
    const outcomes = await delivery.send(batchOf(sink, ids), never);
    t.ok(outcomes.every(({ kind }) => kind === 'ok'));
  }
  await server.until(() => server.open === 1);

  t.same(
    server.sessions.map((session) => session.length),
    [14, 13],
  );
  t.same(server.taken.map(idIn), names(24));
  t.same(server.violations, []);
});

/** A session that somebody can end. */
function quietSession(): RelpSession & { ending: Ending | undefined } {
  return {
    ...{ ending: undefined, takenAt: 60_000, worn: false },
    send: async () => ({ kind: 'taken' }),
    close: async () => {},
    end: () => {},
  };
}

t.test('a break that no message waited in is told once, when what was taken had not settled', async (t) => {
  for (const [at, untold, told] of [
    [64_999, true, true],
    [65_000, true, false],
    [64_999, false, false],
  ] as const) {
    const opened: ReturnType<typeof quietSession>[] = [];
    const sessions = createRelpSessions(async () => {
      opened.push(quietSession());
      return opened.at(-1) ?? quietSession();
    }, 5_000);
    const first = await sessions.get(never);
    const fault = new Error('broken');
    for (const session of opened) session.ending = { fault, at, untold };

    const said = await sessions.get(never).catch((error: unknown) => error);
    const next = await sessions.get(never);

    t.equal(said === fault, told);
    t.not(next, first);
    t.equal(opened.length, 2);
  }
});

t.test('a server that ends the session soon after its answer is told of at the next probe', async (t) => {
  const server = await startRelpServer(t);
  const sink = open(t, server, {}, createVirtualClock());
  const peers: Parameters<RelpManner>[1][] = [];
  server.manner = (asked, peer) => {
    peers.push(peer);
    takes(asked, peer);
  };
  await sink.send(batchOf(sink, ['r1']), never);

  peers[0]?.hangUp();
  await server.until(() => server.open === 0);
  const probes = [await sink.probe(never), await sink.probe(never)];

  t.match(probes, [{ kind: 'retry', why: CLOSED }, { kind: 'ok' }]);
});

t.test(
  '22 RELP over TLS is taken from a server that the authority vouches for, and from no other',
  async (t) => {
    const authority = await createAuthority();
    const server = await startRelpServer(t, await authority.issue({ addresses: ['127.0.0.1'] }));
    const caFile = join(t.testdir({}), 'ca.pem');
    writeFileSync(caFile, authority.cert);

    const trusting = await kindsOf(open(t, server, { transport: 'tls', tls: { caFile } }), ['r1']);
    const strange = await open(t, server, { transport: 'tls' }).send(batchOf(open(t, server), ['r2']), never);

    t.same(trusting, ['ok']);
    t.match(strange, [{ kind: 'blocked', why: 'tls', detail: /^DST-003: / }]);
    t.same(server.taken.map(idIn), ['r1']);
  },
);

t.test('the probe opens a session of its own, and says goodbye', async (t) => {
  const server = await startRelpServer(t);
  const sink = open(t, server);
  await sink.send(batchOf(sink, ['r1']), never);

  const outcome = await sink.probe(never);
  await server.until(() => server.open === 1);

  t.same(outcome, { kind: 'ok', grade: 'accepted' });
  t.same(
    server.sessions[1]?.map(({ command }) => command),
    ['open', 'close'],
  );
});

t.test('batches that wait for a connection fail together when none comes about', async (t) => {
  const server = await startRelpServer(t);
  server.manner = () => {};
  const clock = createVirtualClock();
  const sink = open(t, server, {}, clock);

  const sending = names(3).map((id) => kindsOf(sink, [id]));
  await server.until(() => server.sessions[0]?.length === 1);
  const kinds = await finish(clock, Promise.all(sending));

  t.same(kinds.flat(), ['retry', 'retry', 'retry']);
  t.equal(server.sessions.length, 1);
  t.equal(clock.monotonic(), 30_000);
});

t.test('clear text must be asked for', async (t) => {
  const given = { id: 'd', type: 'relp', host: 'siem.example', port: 2_514 };

  t.equal(relpOptions.parse(given).transport, 'tls');
  t.match(relpOptions.safeParse({ ...given, transport: 'tcp' }), {
    success: false,
    error: { issues: [{ path: ['insecureTransport'] }] },
  });
});
