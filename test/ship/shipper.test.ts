import fc from 'fast-check';
import t from 'tap';

import type { Clock } from '../../agent/model/clock.ts';
import { silentLogger } from '../../agent/model/logger.ts';
import type { Outcome } from '../../agent/model/outcome.ts';
import type { Quarantine, QuarantineEntry } from '../../agent/ship/quarantine.ts';
import { createShipper, type Delivered, type ShipperStatus } from '../../agent/ship/shipper.ts';
import {
  BLOCKED,
  createScriptedSink,
  REJECT,
  RETRY,
  type ScriptedSink,
  SETTLES,
  TAKEN,
} from '../support/scripted-sink.ts';
import { recordNamed } from '../support/ship-records.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

interface Told {
  readonly id: string;
  readonly result: Delivered;
}

/** A clock that knows how many sleeps are under way. */
function countSleeps(clock: Clock) {
  const sleeping = { count: 0 };
  const counted: Clock = {
    ...clock,
    async sleep(ms, signal) {
      sleeping.count += 1;
      await clock.sleep(ms, signal);
      sleeping.count -= 1;
    },
  };
  return { counted, sleeping };
}

/** A shipper over a scripted sink on a clock that stands still. */
function setUp(sink: ScriptedSink = createScriptedSink(), random: () => number = () => 1) {
  const clock = createVirtualClock();
  const { counted, sleeping } = countSleeps(clock);
  const entries: QuarantineEntry[] = [];
  const disk: { full: boolean } & Quarantine = {
    full: false,
    async write(entry) {
      if (disk.full) throw new Error('ENOSPC: no space left on device');
      entries.push(entry);
    },
  };
  const changes: ShipperStatus[] = [];
  const shipper = createShipper({
    ...{ destination: 'siem', sink, clock: counted, random, quarantine: disk, logger: silentLogger },
    maxInFlightBytes: 10_000,
    onChange: (status) => changes.push(status),
  });
  const told: Told[] = [];
  const owner = {};
  function submit(ids: readonly string[], by: object = owner): void {
    for (const id of ids) {
      const record = sink.encode(recordNamed(id));
      shipper.submit({ record, owner: by, done: (result) => told.push({ id, result }) });
    }
  }
  return { sink, clock, sleeping, shipper, submit, told, entries, disk, changes };
}

function named(count: number, prefix = 'r'): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`);
}

function idsOf(told: readonly Told[], kind: Delivered['kind'] = 'final'): string[] {
  return told.filter(({ result }) => result.kind === kind).map(({ id }) => id);
}

const rejectPoison = (ids: readonly string[]): Outcome => (ids.includes('poison') ? REJECT : TAKEN);

t.test('batches', async (t) => {
  t.test('a batch goes when it has enough records', async (t) => {
    const { sink, clock, submit, told } = setUp();

    submit(named(25));
    await clock.advance(0);

    t.same(
      sink.sent.map((ids) => ids.length),
      [10, 10],
    );
    t.same(idsOf(told), named(20));
  });

  t.test('a batch goes when it has enough bytes, and a record above the limit goes alone', async (t) => {
    const { sink, clock, submit } = setUp(createScriptedSink({ maxBatchBytes: 50 }));

    submit(['a', 'b', 'c', 'a-name-that-makes-this-record-longer-than-all-the-others']);
    await clock.advance(1_000);

    t.same(sink.sent, [['a', 'b'], ['c'], ['a-name-that-makes-this-record-longer-than-all-the-others']]);
  });

  t.test('a batch goes when its first record has waited long enough', async (t) => {
    const { sink, clock, submit } = setUp();

    submit(['r1']);
    await clock.advance(600);
    submit(['r2']);
    await clock.advance(399);
    const early = sink.sent.length;
    await clock.advance(1);

    t.equal(early, 0);
    t.same(sink.sent, [['r1', 'r2']]);
  });

  t.test('what waits goes at once when it is flushed, and what comes later waits as before', async (t) => {
    const { sink, clock, shipper, submit } = setUp();

    submit(['r1', 'r2']);
    await clock.advance(1);
    shipper.flush();
    await clock.advance(1);
    submit(['r3']);
    await clock.advance(999);
    const early = [...sink.sent];
    await clock.advance(1);

    t.same(early, [['r1', 'r2']]);
    t.same(sink.sent, [['r1', 'r2'], ['r3']]);
  });

  t.test('no more batches are open at once than the sink allows now', async (t) => {
    const sink = createScriptedSink({ concurrency: 2 });
    const releases: (() => void)[] = [];
    sink.answer = () => new Promise((resolve) => releases.push(() => resolve(TAKEN)));
    const { clock, submit } = setUp(sink);

    submit(named(40));
    await clock.advance(0);
    const open = sink.sent.length;
    sink.caps = { ...sink.caps, concurrency: 3 };
    releases.shift()?.();
    await clock.advance(0);

    t.equal(open, 2);
    t.equal(sink.sent.length, 4);
  });

  t.test('room counts what is queued, on the wire and settling, until it is final', async (t) => {
    const sink = createScriptedSink();
    sink.answer = () => SETTLES;
    const { clock, shipper, submit } = setUp(sink);
    const size = sink.encode(recordNamed('r0')).bytes.length;
    const rooms = [shipper.room()];

    submit(named(9));
    rooms.push(shipper.room());
    await clock.advance(1_999);
    rooms.push(shipper.room());
    await clock.advance(1);
    rooms.push(shipper.room());

    t.same(rooms, [10_000, 10_000 - 9 * size, 10_000 - 9 * size, 10_000]);
  });
});

t.test('retries', async (t) => {
  t.test('34 a storm of failures is waited out with full jitter up to 60 s, without end', async (t) => {
    const sink = createScriptedSink();
    sink.answer = () => RETRY;
    const { clock, submit, told, shipper } = setUp(sink);
    const at: number[] = [];
    sink.answer = () => {
      at.push(clock.monotonic());
      return at.length <= 12 ? RETRY : TAKEN;
    };

    submit(['r1']);
    await clock.advance(600_000);

    const waits = at.slice(1).map((time, index) => time - (at[index] ?? 0));
    t.same(waits, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000, 60_000, 60_000]);
    t.same(idsOf(told), ['r1']);
    t.match(shipper.status(), { circuit: 'closed', retries: 12, delivered: 1 });
  });

  t.test('34 the jitter is full', async (t) => {
    const { sink, clock, submit } = setUp(createScriptedSink(), () => 0.25);
    sink.answer = () => RETRY;

    submit(named(10));
    await clock.advance(124);
    const early = sink.sent.length;
    await clock.advance(1);

    t.same([early, sink.sent.length], [1, 2]);
  });

  t.test('34 a wait that the destination asks for is kept', async (t) => {
    const { sink, clock, submit } = setUp();
    sink.answer = () => ({ ...RETRY, afterMs: 30_000 });

    submit(named(10));
    await clock.advance(29_999);
    const early = sink.sent.length;
    await clock.advance(1);

    t.same([early, sink.sent.length], [1, 2]);
  });

  t.test('42 a batch is sent again as it was, whatever was submitted since', async (t) => {
    const { sink, clock, submit } = setUp();
    sink.answer = () => (sink.sent.length < 3 ? RETRY : TAKEN);

    submit(['r1', 'r2']);
    await clock.advance(1_000);
    submit(['r3']);
    await clock.advance(10_000);

    t.same(sink.sent, [['r1', 'r2'], ['r1', 'r2'], ['r1', 'r2'], ['r3']]);
    t.equal(new Set(sink.batchIds.slice(0, 3)).size, 1);
  });

  t.test('failures of batches that were open together count as one', async (t) => {
    const { sink, clock, submit } = setUp(createScriptedSink({ concurrency: 4 }));
    sink.answer = () => RETRY;

    submit(named(40));
    await clock.advance(0);
    const before = sink.sent.length;
    await clock.advance(500);

    t.same([before, sink.sent.length], [4, 5], 'one trial after half a second, not four failures later');
  });

  t.test('batches that come back are sent again in their order', async (t) => {
    const { sink, clock, submit } = setUp(createScriptedSink({ concurrency: 3 }));
    sink.answer = () => (sink.sent.length <= 3 ? RETRY : TAKEN);

    submit(named(30));
    await clock.advance(1_000);

    t.same(sink.batchIds.slice(3), sink.batchIds.slice(0, 3));
  });

  t.test('a sink that throws, or gives too few answers, is asked again', async (t) => {
    const { sink, clock, submit, told } = setUp();
    const faults = [() => Promise.reject(new Error('bug')), () => [TAKEN], () => TAKEN];
    sink.answer = () => (faults.shift() ?? (() => TAKEN))();

    submit(named(10));
    await clock.advance(10_000);

    t.equal(sink.sent.length, 3);
    t.same(idsOf(told), named(10));
  });

  t.test(
    'of a batch only the records that were not taken go again, where the answer names them',
    async (t) => {
      const { sink, clock, submit, told } = setUp(createScriptedSink({ perRecord: true }));
      sink.answer = (ids) => (ids.length === 10 ? ids.map((id) => (id < 'r5' ? TAKEN : RETRY)) : TAKEN);

      submit(named(10));
      await clock.advance(10_000);

      t.same(sink.sent[1], ['r5', 'r6', 'r7', 'r8', 'r9']);
      t.same(idsOf(told).sort(), named(10));
    },
  );
});

t.test('settling', async (t) => {
  t.test('a batch is final when its time is over and the destination still lives', async (t) => {
    const { sink, clock, submit, told, shipper } = setUp();
    sink.answer = () => SETTLES;

    submit(named(10));
    await clock.advance(999);
    const early = told.length;
    await clock.advance(1);

    t.equal(early, 0);
    t.same(told[0]?.result, { kind: 'final', grade: 'peer-read' });
    t.equal(told.length, 10);
    t.equal(sink.probes, 1);
    t.equal(shipper.status().grade, 'peer-read');
  });

  t.test('a batch that is sent after the time proves life as well as a probe', async (t) => {
    const { sink, clock, submit, told } = setUp();
    const slowly = async () => {
      await clock.sleep(200);
      return SETTLES;
    };
    sink.answer = () => SETTLES;
    sink.probeAnswer = slowly;

    submit(named(10, 'a'));
    await clock.advance(1_100);
    submit(named(10, 'b'));
    await clock.advance(1);

    t.same(idsOf(told), named(10, 'a'));
  });

  t.test(
    '15 a batch that was sent before the time is over proves nothing by an answer after it',
    async (t) => {
      const { sink, clock, submit, told } = setUp();
      sink.answer = () => SETTLES;

      submit(named(10, 'a'));
      await clock.advance(900);
      sink.answer = async () => {
        await clock.sleep(200);
        return SETTLES;
      };
      sink.probeAnswer = () => RETRY;
      submit(named(10, 'b'));
      await clock.advance(300);

      t.same(idsOf(told), []);
    },
  );

  t.test('a failure inside the window sends everything that settles again, as it was', async (t) => {
    const { sink, clock, submit, told } = setUp();
    const answers = [SETTLES, SETTLES, RETRY];
    sink.answer = () => answers.shift() ?? SETTLES;

    submit(named(30));
    await clock.advance(10_000);

    const [a, b, c, ...again] = sink.batchIds;
    t.same(again, [a, b, c]);
    t.same(idsOf(told), named(30));
  });

  t.test('a receiver that died with the batch in its memory is found by the probe', async (t) => {
    const { sink, clock, submit, told } = setUp();
    sink.answer = () => SETTLES;
    sink.probeAnswer = () => RETRY;

    submit(named(10));
    await clock.advance(1_000);
    const lost = told.length;
    sink.probeAnswer = () => TAKEN;
    await clock.advance(10_000);

    t.equal(lost, 0);
    t.equal(sink.batchIds[0], sink.batchIds[1]);
    t.same(idsOf(told), named(10));
  });
});

t.test('poison', async (t) => {
  for (const place of [0, 1, 383, 500, 617, 998, 999]) {
    t.test(`38 one bad record in 1,000, at ${place}: only it is quarantined, in few requests`, async (t) => {
      const { sink, clock, submit, told, entries } = setUp(createScriptedSink({ maxBatchRecords: 1_000 }));
      sink.answer = rejectPoison;
      const ids = named(1_000);
      ids[place] = 'poison';

      submit(ids);
      await clock.advance(0);

      t.match(entries, [{ key: 'poison', destination: 'siem', why: 'no', code: '400' }]);
      t.equal(entries.length, 1);
      t.equal(idsOf(told).length, 999);
      t.same(idsOf(told, 'quarantined'), ['poison']);
      t.ok(sink.sent.length - 1 <= 2 * Math.ceil(Math.log2(1_000)), `${sink.sent.length - 1} extra requests`);
    });
  }

  t.test('37 a destination that refuses everything is blocked, and nothing is quarantined', async (t) => {
    const { sink, clock, submit, shipper, entries, told } = setUp();
    sink.answer = () => REJECT;

    submit(named(10));
    await clock.advance(600_000);

    t.match(shipper.status(), { circuit: 'blocked', blocked: { why: 'config', detail: /^no; / } });
    t.same([entries.length, told.length], [0, 0]);
  });

  t.test('50 when such a destination is repaired everything is delivered', async (t) => {
    const { sink, clock, submit, shipper, entries, told } = setUp();
    sink.answer = () => REJECT;
    submit(named(35));
    await clock.advance(600_000);

    sink.answer = () => TAKEN;
    await clock.advance(120_000);

    t.equal(shipper.status().circuit, 'closed');
    t.same(idsOf(told).sort(), named(35).sort());
    t.equal(entries.length, 0);
  });

  t.test('a lone record is held until another one shows that the destination takes records', async (t) => {
    const { sink, clock, submit, shipper, entries, told } = setUp();
    sink.answer = rejectPoison;

    submit(['poison']);
    await clock.advance(600_000);
    const held = [entries.length, shipper.status().circuit];
    submit(['r1']);
    await clock.advance(61_000);

    t.same(held, [0, 'blocked']);
    t.same([idsOf(told), idsOf(told, 'quarantined')], [['r1'], ['poison']]);
    t.equal(shipper.status().circuit, 'closed');
  });

  t.test('a record that was given up, and comes again alone, needs no other one to be judged', async (t) => {
    const { sink, clock, submit, shipper, entries, told, changes } = setUp();
    sink.answer = rejectPoison;
    const earlier = {};

    submit(['r1', 'poison'], earlier);
    await clock.advance(60_000);
    // What is read anew: its owner withdrew it while it was written, and was not told.
    submit(['poison']);
    await clock.advance(60_000);

    t.same(idsOf(told, 'quarantined'), ['poison', 'poison']);
    t.equal(entries.length, 2);
    t.equal(shipper.status().circuit, 'closed');
    t.notOk(changes.some(({ circuit }) => circuit === 'blocked'));
  });

  t.test('two bad records in a row do not stop the others for more than a minute', async (t) => {
    const { sink, clock, submit, entries, told } = setUp();
    sink.answer = (ids) => (ids.some((id) => id.startsWith('bad')) ? REJECT : TAKEN);

    submit(['bad1', 'bad2', ...named(8)]);
    await clock.advance(60_000);

    t.same(entries.map(({ key }) => key).sort(), ['bad1', 'bad2']);
    t.same(idsOf(told), named(8));
  });

  t.test('a record that is held while another is on the wire is judged by its answer', async (t) => {
    const { sink, clock, submit, entries } = setUp(
      createScriptedSink({ maxBatchRecords: 1, concurrency: 2 }),
    );
    sink.answer = async (ids) => {
      if (ids.includes('slow')) await clock.sleep(100);
      return rejectPoison(ids);
    };

    submit(['poison', 'slow']);
    await clock.advance(100);

    t.same(
      entries.map(({ key }) => key),
      ['poison'],
    );
  });

  t.test('a record that is held is tried again also when all others are withdrawn', async (t) => {
    const { sink, clock, shipper, submit, told } = setUp(createScriptedSink({ maxBatchRecords: 1 }));
    const other = {};
    sink.answer = async (ids) => {
      if (ids.includes('r1')) await clock.sleep(100);
      return REJECT;
    };

    submit(['poison']);
    submit(['r1'], other);
    await clock.advance(50);
    shipper.withdraw(other);
    await clock.advance(50);
    sink.answer = () => TAKEN;
    await clock.advance(60_000);

    t.same(idsOf(told), ['poison']);
  });

  t.test('a record that the answer names is quarantined without asking again', async (t) => {
    const { sink, clock, submit, entries, told } = setUp(createScriptedSink({ perRecord: true }));
    sink.answer = (ids) => ids.map((id) => (id === 'poison' ? REJECT : TAKEN));

    submit([...named(9), 'poison']);
    await clock.advance(0);

    t.equal(sink.sent.length, 1);
    t.equal(entries.length, 1);
    t.equal(told.length, 10);
  });

  t.test('a batch whose records reached different grades reached the lowest', async (t) => {
    const { sink, clock, submit, told, shipper } = setUp(createScriptedSink({ perRecord: true }));
    const grades = ['indexed', 'accepted', 'indexed'] as const;
    sink.answer = () => grades.map((grade) => ({ kind: 'ok', grade }));

    submit(named(3));
    await clock.advance(1_000);

    t.equal(shipper.status().grade, 'accepted');
    t.same(idsOf(told), named(3));
  });

  t.test('a batch that is refused as a whole is halved also where answers name records', async (t) => {
    const caps = { perRecord: true, maxBatchRecords: 100 };
    const { sink, clock, submit, entries, told } = setUp(createScriptedSink(caps));
    sink.answer = (ids) => (ids.includes('poison') ? REJECT : TAKEN);

    submit([...named(99), 'poison']);
    await clock.advance(60_000);

    t.ok(sink.sent.length <= 1 + 2 * Math.ceil(Math.log2(100)), `${sink.sent.length} requests`);
    t.same([entries.length, told.length], [1, 100]);
  });

  t.test('the quarantine entry holds the original event, and is durable before it is told', async (t) => {
    const { sink, clock, submit, entries, told, disk } = setUp();
    sink.answer = rejectPoison;
    const order: string[] = [];
    const { write } = disk;
    disk.write = async (entry) => {
      await clock.sleep(50);
      await write(entry);
      order.push('durable');
    };

    submit(['poison', ...named(9)]);
    await clock.advance(49);
    const early = idsOf(told, 'quarantined');
    await clock.advance(1);
    order.push(...idsOf(told, 'quarantined'));

    t.same(early, []);
    t.same(order, ['durable', 'poison']);
    t.match(entries, [
      {
        schema: 'guardrelay.quarantine/v1',
        raw: '{"id":"poison","text":""}',
        kind: 'unparsed',
        origin: { eventId: 'event', source: { account: '123456789012' } },
      },
    ]);
  });

  t.test('51 a full disk stops the destination and skips nothing', async (t) => {
    const { sink, clock, submit, shipper, entries, told, disk } = setUp();
    sink.answer = rejectPoison;
    disk.full = true;

    submit(['poison', ...named(9)]);
    await clock.advance(0);
    submit(named(20, 'later'));
    await clock.advance(300_000);
    const stopped = shipper.status();
    const sentWhileFull = sink.sent.flat().filter((id) => id.startsWith('later')).length;
    disk.full = false;
    await clock.advance(61_000);

    t.match(stopped, { circuit: 'blocked', blocked: { why: 'config', detail: /^AGT-001: .*ENOSPC/ } });
    t.equal(sentWhileFull, 0);
    t.same(
      entries.map(({ key }) => key),
      ['poison'],
    );
    t.same(idsOf(told).sort(), [...named(9), ...named(20, 'later')].sort());
    t.equal(shipper.status().circuit, 'closed');
  });
});

t.test('blocked', async (t) => {
  t.test('50 a blocked destination is probed every minute, and drains when it is repaired', async (t) => {
    const { sink, clock, submit, shipper, told, changes } = setUp();
    sink.answer = () => BLOCKED;
    sink.probeAnswer = () => BLOCKED;

    submit(named(35));
    await clock.advance(180_000);
    const blocked = shipper.status();
    const probes = sink.probes;
    sink.answer = () => TAKEN;
    sink.probeAnswer = () => TAKEN;
    await clock.advance(61_000);

    t.match(blocked, { circuit: 'blocked', blocked: { why: 'auth', detail: 'refused' }, queuedRecords: 35 });
    t.equal(blocked.since, Date.UTC(2026, 0, 1));
    t.equal(probes, 3);
    t.same(idsOf(told), named(35));
    t.same(
      changes.map(({ circuit }) => circuit),
      ['blocked', 'half-open', 'closed'],
    );
    t.equal(shipper.status().since, undefined);
  });

  t.test('a probe that passes is followed by one batch, not by all', async (t) => {
    const { sink, clock, submit } = setUp(createScriptedSink({ concurrency: 8 }));
    sink.answer = () => BLOCKED;

    submit(named(80));
    await clock.advance(0);
    const before = sink.sent.length;
    await clock.advance(60_000);

    t.equal(sink.sent.length - before, 1);
  });

  t.test('49 a destination that is dead for an hour does not touch another', async (t) => {
    const dead = setUp();
    const alive = setUp();
    dead.sink.answer = () => RETRY;

    for (let minute = 0; minute < 60; minute += 1) {
      const ids = named(10, `m${minute}-`);
      if (dead.shipper.room() > 0) dead.submit(ids);
      alive.submit(ids);
      await dead.clock.advance(60_000);
      await alive.clock.advance(60_000);
    }

    t.equal(alive.told.length, 600);
    t.equal(alive.shipper.status().retries, 0);
    t.equal(dead.told.length, 0);
    t.ok(dead.shipper.status().queuedBytes < 10_000 + 10 * 30, 'memory is bounded by the room');
  });
});

t.test('withdraw', async (t) => {
  t.test('records that wait are forgotten, those of others stay', async (t) => {
    const { sink, clock, shipper, submit, told } = setUp();
    const other = {};

    submit(['r1', 'r2']);
    submit(['o1'], other);
    shipper.withdraw(other);
    await clock.advance(1_000);

    t.same(sink.sent, [['r1', 'r2']]);
    t.same(idsOf(told), ['r1', 'r2']);
    t.equal(shipper.room(), 10_000);
  });

  t.test('a batch that loses some records stays as it was, and they are not told', async (t) => {
    const { sink, clock, shipper, submit, told } = setUp();
    const other = {};
    sink.answer = () => (sink.sent.length < 2 ? RETRY : TAKEN);

    submit(['r1']);
    submit(['o1'], other);
    await clock.advance(1_000);
    shipper.withdraw(other);
    await clock.advance(10_000);

    t.same(sink.sent, [
      ['r1', 'o1'],
      ['r1', 'o1'],
    ]);
    t.equal(new Set(sink.batchIds).size, 1);
    t.same(idsOf(told), ['r1']);
    t.equal(shipper.room(), 10_000);
  });

  const places: readonly (readonly [string, () => Outcome])[] = [
    ['retrying', () => RETRY],
    ['settling', () => SETTLES],
    ['held', () => REJECT],
    ['blocked', () => BLOCKED],
  ];
  for (const [place, answer] of places) {
    t.test(`a batch that loses all its records while ${place} is dropped`, async (t) => {
      const owner = {};
      const { sink, clock, shipper, submit, told } = setUp();
      sink.answer = answer;

      submit(['r1'], owner);
      await clock.advance(1_000);
      shipper.withdraw(owner);
      const room = shipper.room();
      sink.answer = () => TAKEN;
      await clock.advance(120_000);

      t.equal(room, 10_000);
      t.equal(sink.sent.length, 1);
      t.equal(told.length, 0);
    });
  }

  t.test('what is on the wire is not told when it comes back, and is freed then', async (t) => {
    const { sink, clock, shipper, submit, told } = setUp();
    const owner = {};
    let release: (outcome: Outcome) => void = () => {};
    sink.answer = () =>
      new Promise((resolve) => {
        release = resolve;
      });

    submit(['r1'], owner);
    await clock.advance(1_000);
    shipper.withdraw(owner);
    const during = shipper.room();
    release(TAKEN);
    await clock.advance(0);

    t.ok(during < 10_000);
    t.equal(shipper.room(), 10_000);
    t.equal(told.length, 0);
  });

  t.test('an owner that withdraws while it is told of one record is not told of the next', async (t) => {
    const { sink, clock, shipper } = setUp();
    const owner = {};
    const told: string[] = [];

    for (const id of ['r1', 'r2']) {
      const done = (): void => {
        told.push(id);
        shipper.withdraw(owner);
      };
      shipper.submit({ record: sink.encode(recordNamed(id)), owner, done });
    }
    await clock.advance(1_000);

    t.same(told, ['r1']);
    t.equal(shipper.room(), 10_000);
  });

  t.test('an owner that fails when it is told does not stop the others', async (t) => {
    const { sink, clock, shipper, submit, told } = setUp();
    const done = (): void => {
      throw new Error('bug');
    };

    shipper.submit({ record: sink.encode(recordNamed('r0')), owner: {}, done });
    submit(['r1']);
    await clock.advance(1_000);

    t.same(idsOf(told), ['r1']);
    t.equal(shipper.room(), 10_000);
  });

  t.test('a dead destination that has lost all its records is probed until it lives', async (t) => {
    const { sink, clock, shipper, submit, told } = setUp();
    const other = {};
    sink.answer = () => RETRY;
    sink.probeAnswer = () => RETRY;

    submit(['o1'], other);
    await clock.advance(1_000);
    shipper.withdraw(other);
    await clock.advance(600_000);
    const dead = shipper.status();
    const probes = sink.probes;
    sink.answer = () => TAKEN;
    sink.probeAnswer = () => TAKEN;
    await clock.advance(60_000);
    const alive = shipper.status();
    submit(['r1']);
    await clock.advance(1_000);

    t.equal(dead.circuit, 'retrying');
    t.ok(probes >= 9 && probes <= 20, `${probes} probes in ten minutes, at growing intervals`);
    t.equal(alive.circuit, 'closed');
    t.same(idsOf(told), ['r1']);
  });

  t.test('an owner may submit again after it has withdrawn', async (t) => {
    const { clock, shipper, submit, told } = setUp();
    const owner = {};

    submit(['r1'], owner);
    shipper.withdraw(owner);
    submit(['r1', 'r2'], owner);
    await clock.advance(1_000);

    t.same(idsOf(told), ['r1', 'r2']);
  });
});

t.test('close', async (t) => {
  t.test('what is on the wire and what settles may finish, what waits stays', async (t) => {
    const { sink, clock, sleeping, shipper, submit, told } = setUp();
    sink.answer = async () => {
      await clock.sleep(200);
      return SETTLES;
    };

    submit(named(15));
    await clock.advance(0);
    const closing = shipper.close(5_000);
    await clock.advance(1_500);
    await closing;

    t.same(sink.sent, [named(10)]);
    t.same(idsOf(told), named(10));
    t.same([sink.closes, sleeping.count, shipper.room()], [1, 0, 0]);
  });

  t.test('it ends at the deadline, aborts what is open, and leaves no timer', async (t) => {
    const { sink, clock, sleeping, shipper, submit, told } = setUp();
    let aborted = false;
    sink.answer = (_, signal) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          aborted = true;
          resolve(RETRY);
        });
      });

    submit(named(10));
    await clock.advance(0);
    const closing = shipper.close(2_000);
    await clock.advance(2_000);
    await closing;
    submit(['late']);
    await clock.advance(120_000);

    t.ok(aborted);
    t.equal(told.length, 0);
    t.same([sink.sent.length, sink.closes, sleeping.count], [1, 1, 0]);
  });

  for (const [state, outcome] of [
    ['retrying', RETRY],
    ['blocked', BLOCKED],
  ] as const) {
    t.test(`it does not wait for a destination that is ${state}, and closing twice is safe`, async (t) => {
      const { sink, clock, sleeping, shipper, submit } = setUp();
      sink.answer = () => outcome;

      submit(named(10));
      await clock.advance(0);
      await Promise.all([shipper.close(60_000), shipper.close(60_000)]);
      await shipper.close(0);

      t.same([sink.closes, sleeping.count], [1, 0]);
    });
  }
});

t.test(
  '48 whatever the destination says, each record is told exactly once, and only when it was taken',
  async (t) => {
    const outcome = fc.constantFrom(TAKEN, SETTLES, RETRY, BLOCKED, { ...RETRY, afterMs: 5_000 });
    const scripts = fc.record({
      outcomes: fc.array(outcome, { maxLength: 25 }),
      probes: fc.array(fc.constantFrom(TAKEN, RETRY, BLOCKED), { maxLength: 5 }),
      poison: fc.array(fc.nat(59), { maxLength: 4 }),
      concurrency: fc.integer({ min: 1, max: 4 }),
      perRecord: fc.boolean(),
    });

    await fc.assert(
      fc.asyncProperty(scripts, async ({ outcomes, probes, poison, concurrency, perRecord }) => {
        const sink = createScriptedSink({ concurrency, perRecord });
        const bad = new Set(poison.map((index) => `r${index}`));
        const accepted = new Set<string>();
        sink.answer = (ids) => {
          const scripted = outcomes.shift() ?? TAKEN;
          const said = ids.map((id) => (bad.has(id) && scripted.kind === 'ok' ? REJECT : scripted));
          const answer = perRecord || !said.includes(REJECT) ? said : ids.map(() => REJECT);
          for (const [index, id] of ids.entries()) if (answer[index]?.kind === 'ok') accepted.add(id);
          return answer;
        };
        sink.probeAnswer = () => probes.shift() ?? TAKEN;
        const { clock, shipper, submit, told } = setUp(sink);

        submit(named(60));
        await clock.advance(3_600_000);
        await shipper.close(0);

        t.same(told.map(({ id }) => id).sort(), named(60).sort());
        t.same(new Set(idsOf(told, 'quarantined')), bad);
        t.ok(idsOf(told).every((id) => accepted.has(id)));
      }),
      { numRuns: 60 },
    );
  },
);

t.test('the books of 100,000 records are kept', async (t) => {
  const { sink, clock, shipper, submit, told } = setUp(
    createScriptedSink({ maxBatchRecords: 500, concurrency: 4 }),
  );
  for (let round = 0; round < 100; round += 1) {
    submit(named(1_000));
    await clock.advance(0);
  }

  t.equal(told.length, 100_000);
  t.equal(sink.sent.length, 200);
  await shipper.close(0);
});
