import { join } from 'node:path';
import t, { type Test } from 'tap';

import type { Read, WindowPlan } from '../../agent/tail/read.ts';
import type { Reader } from '../../agent/tail/reader.ts';
import type { LateOptions } from '../../agent/tail/tiers.ts';
import { createFarSiem, type FarSiem } from '../support/far-siem.ts';
import { createLateGroup, type LateEvent } from '../support/late-group.ts';
import { createRandom } from '../support/random.ts';
import { createRelayWorld, type RelayWorld } from '../support/relay-world.ts';
import { createVirtualClock, type VirtualClock } from '../support/virtual-clock.ts';

// Sources that hold much, and sources that hold little, played to the real tail, relay and store in virtual time.

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const T0 = Date.UTC(2026, 0, 31);
const POLL_MS = 5 * MINUTE_MS;
const PAGE_BYTES = 1_000_000;
const LARGE_BYTES = 20_000;
const SMALL_BYTES = 100;

const LATE: LateOptions = {
  overlapMinutes: 15,
  sweeps: [
    { windowMinutes: 180, everyMinutes: 30 },
    { windowMinutes: 1_500, everyMinutes: 360 },
  ],
};

/** One read, as AWS saw it. */
interface SeenRead {
  readonly plan: WindowPlan;
  pages: number;
  bytes: number;
}

// Also for the file as a whole.
t.setTimeout(300_000);

interface Stage {
  readonly clock: VirtualClock;
  readonly world: RelayWorld;
  readonly reads: readonly SeenRead[];
  readonly siem: FarSiem;
  readonly lake: FarSiem;
}

interface Played {
  readonly events: readonly LateEvent[];
  readonly eventBytes: number;
  readonly pollMs?: number;
}

/** A group that was made long ago, read from T0 on. */
async function stage(t: Test, { events, eventBytes, pollMs = POLL_MS }: Played): Promise<Stage> {
  const clock = createVirtualClock(T0);
  const random = createRandom(1).next;
  const faults = { failure: () => undefined, pageSize: () => Math.floor(PAGE_BYTES / eventBytes) };
  const group = createLateGroup({ clock, creationTime: T0 - 90 * DAY_MS, events, eventBytes, faults });
  const [siem, lake] = ['siem', 'lake'].map((destination) =>
    createFarSiem({ clock, destination, maxRecords: 1_000, ackMs: () => 0 }),
  );
  if (!siem || !lake) throw new Error('two destinations');
  const siems = new Map([
    ['siem', siem],
    ['lake', lake],
  ]);
  const reads: SeenRead[] = [];
  const engine = { late: LATE, pollSeconds: pollMs / 1_000, breakReader: watched(reads) };
  const path = join(t.testdir({}), 'state.db');
  const world = await createRelayWorld({
    path,
    clock,
    random: () => 0.5 + random() / 1e3,
    engine,
    group,
    siems,
  });
  t.teardown(() => world.close());
  return { clock, world, reads, siem, lake };
}

function watched(reads: SeenRead[]): (reader: Reader) => Reader {
  async function* watch(plan: WindowPlan, pages: AsyncIterable<Read>): AsyncGenerator<Read> {
    const seen: SeenRead = { plan, pages: 0, bytes: 0 };
    reads.push(seen);
    for await (const read of pages) {
      if (read.kind === 'page') {
        seen.pages += 1;
        seen.bytes += read.bytes;
      }
      yield read;
    }
  }
  return (reader) => ({
    describe: (signal) => reader.describe(signal),
    serviceNow: () => reader.serviceNow(),
    read: (plan, ...rest) => watch(plan, reader.read(plan, ...rest)),
  });
}

/** Events at an even rate, readable at once. */
function steady(from: number, to: number, everyMs: number): readonly LateEvent[] {
  return Array.from({ length: Math.ceil((to - from) / everyMs) }, (_, index) => {
    const timestamp = from + index * everyMs;
    return eventOf(`e${timestamp}`, timestamp, timestamp);
  });
}

function eventOf(id: string, timestamp: number, readableAt: number): LateEvent {
  return {
    id,
    message: id,
    stream: 'stream',
    timestamp,
    ingestionTime: Math.max(timestamp, readableAt),
    readableAt,
  };
}

t.test('a quiet source costs one call for each poll from its first day on', async (t) => {
  const { clock, world, reads } = await stage(t, { events: [], eventBytes: SMALL_BYTES });

  world.start();
  await clock.advance(26 * HOUR_MS);
  await world.stop();

  t.same(new Set(reads.map(({ plan }) => plan.what)), new Set(['poll']));
  t.same(new Set(reads.map(({ pages }) => pages)), new Set([1]));
  t.ok(reads.length <= (26 * HOUR_MS) / POLL_MS + 1);
  t.notOk(world.wasDense());
});

t.test('a first sweep that holds more than a page does not keep a new event waiting', async (t) => {
  const old = steady(T0 - 25 * HOUR_MS, T0, MINUTE_MS);
  const fresh = steady(T0, T0 + 2 * HOUR_MS, MINUTE_MS);
  const { clock, world, reads, siem } = await stage(t, {
    events: [...old, ...fresh],
    eventBytes: LARGE_BYTES,
  });

  world.start();
  await clock.advance(25 * MINUTE_MS);
  await clock.advance(HOUR_MS);
  world.kill();
  world.start();
  await clock.advance(2 * HOUR_MS);
  await world.stop();

  const [broken, next, sweep] = reads.slice(reads.findIndex(({ plan }) => plan.due.length > 0));
  t.ok(broken && broken.plan.due.length > 0 && broken.bytes <= 2 * PAGE_BYTES, 'broken off after a page');
  t.match(next, { plan: { what: 'poll', due: [] }, pages: 1 }, 'and then what is new');
  t.match(sweep, { plan: { what: 'sweep' } }, 'and then the sweep by itself');
  t.ok(world.wasDense());
  t.equal(siem.received.size, fresh.length, 'each event arrives');
  t.same(siem.repeated, []);
});

t.test('T03 a dense source is read as often as its sweeps and its overlap say, and no more', async (t) => {
  const everyMs = 12 * MINUTE_MS;
  const eventBytes = 2 * LARGE_BYTES;
  const pollMs = 30 * MINUTE_MS;
  const days = 7.5;
  const events = steady(T0 - 21 * DAY_MS, T0 + days * DAY_MS, everyMs);
  const { clock, world, reads, siem } = await stage(t, { events, eventBytes, pollMs });

  world.start();
  await clock.advance(days * DAY_MS);
  await world.stop();

  const newBytes = ((days * DAY_MS) / everyMs) * eventBytes;
  const readBytes = reads.reduce((sum, { bytes }) => sum + bytes, 0);
  // Each poll reads the newest event again, besides its overlap; the sweep that measured the source came once.
  const overlap = (MINUTE_MS + everyMs) / pollMs;
  const sweeps = (3 + 3) / 3 + (25 + 24) / 24 + (14 + 7) / 7;
  const measuring = 25.5 / (days * 24);
  t.ok(world.wasDense());
  t.ok(
    readBytes / newBytes <= 1 + overlap + sweeps + measuring,
    `${(readBytes / newBytes).toFixed(2)} times`,
  );
  t.ok(readBytes / newBytes <= 12.04, 'whatever the interval');
  t.ok(
    siem.received.size >= (days * DAY_MS - pollMs) / everyMs - 1,
    'all but what the last poll could not see',
  );
});

t.test('T03 a small source is read by one call for each poll, and seldom by more', async (t) => {
  const everyMs = 5 * MINUTE_MS;
  const heartbeats = steady(T0 - 4 * DAY_MS, T0 + 2 * DAY_MS, everyMs);
  const { clock, world, reads } = await stage(t, { events: heartbeats, eventBytes: 560 });

  world.start();
  await clock.advance(30 * HOUR_MS);
  await world.stop();

  const readBytes = reads.reduce((sum, { bytes }) => sum + bytes, 0);
  // Sweeps of 3, 25 and 49 h, and the overlap of 15 min with the newest event.
  const amplification = 1 + 20 / 5 + 3.5 / 0.5 + 31 / 6 + 73 / 24;
  const newBytes = (30 * HOUR_MS * 560) / everyMs;
  t.notOk(world.wasDense());
  t.equal(
    reads.length,
    reads.reduce((sum, { pages }) => sum + pages, 0),
  );
  t.ok(readBytes / newBytes <= amplification, `${(readBytes / newBytes).toFixed(2)} times`);
});

for (const { title, eventBytes } of [
  { title: 'small', eventBytes: SMALL_BYTES },
  { title: 'dense', eventBytes: LARGE_BYTES },
]) {
  t.test(`T05 a split and a join with late events below the floor lose nothing, ${title}`, async (t) => {
    const late = eventOf('late', T0 + 10 * MINUTE_MS, T0 + 5 * HOUR_MS);
    const events = [...steady(T0 - 25 * HOUR_MS, T0 + 12 * HOUR_MS, 5 * MINUTE_MS), late];
    const { clock, world, siem, lake } = await stage(t, { events, eventBytes });

    world.start();
    await clock.advance(4 * HOUR_MS);
    siem.turn('blocked');
    await clock.advance(4 * HOUR_MS);
    const offeredMeanwhile = [...siem.received.keys()].filter(
      (id) => id === 'late' || id >= `e${T0 + 5 * HOUR_MS}`,
    );
    siem.turn('closed');
    await clock.advance(18 * HOUR_MS);
    await world.stop();

    const wanted = events.filter(({ ingestionTime }) => ingestionTime >= T0).length;
    t.same(offeredMeanwhile, [], 'nothing goes to the one that is split off');
    for (const { received, repeated } of [siem, lake]) {
      t.ok(received.has('late'));
      t.equal(received.size, wanted);
      t.same(repeated, []);
    }
    t.equal(world.wasDense(), title === 'dense');
  });

  t.test(`T07 an event that is 13 days late is found within a week, ${title}`, async (t) => {
    const at = T0 + 12 * HOUR_MS;
    const late = eventOf('late', at - 13 * DAY_MS, at);
    const events = [...steady(T0 - 3 * DAY_MS, T0 + 8 * DAY_MS, HOUR_MS / 6), late];
    const { clock, world, siem } = await stage(t, { events, eventBytes, pollMs: HOUR_MS });

    world.start();
    await clock.advance(6.9 * DAY_MS);
    const early = siem.received.has('late');
    await clock.advance(0.2 * DAY_MS);
    await world.stop();

    t.notOk(early, 'no other sweep reaches it');
    t.ok(siem.received.has('late'));
    t.equal(world.wasDense(), title === 'dense');
  });
}
