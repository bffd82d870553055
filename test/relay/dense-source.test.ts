import t, { type Test } from 'tap';

import { eventOf, PAGE_BYTES, POLL_MS, setSource, steadyEvents, T0 } from '../support/source-stage.ts';

// Sources that hold much, and sources that hold little, played to the real tail, relay and store in virtual time.

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const LARGE_BYTES = 20_000;
const SMALL_BYTES = 100;

t.test('a quiet source costs one call for each poll from its first day on', async (t) => {
  const { clock, world, reads } = await setSource(t, { events: [], eventBytes: SMALL_BYTES });

  world.start();
  await clock.advance(26 * HOUR_MS);
  await world.stop();

  t.same(new Set(reads.map(({ plan }) => plan.what)), new Set(['poll']));
  t.same(new Set(reads.map(({ pages }) => pages)), new Set([1]));
  t.ok(reads.length <= (26 * HOUR_MS) / POLL_MS + 1);
  t.notOk(world.wasDense());
});

t.test('a first sweep that holds more than a page does not keep a new event waiting', async (t) => {
  const old = steadyEvents(T0 - 25 * HOUR_MS, T0, MINUTE_MS);
  const fresh = steadyEvents(T0, T0 + 2 * HOUR_MS, MINUTE_MS);
  const { clock, world, reads, siem } = await setSource(t, {
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

t.test('sweeps get their time although each poll takes longer than its interval', async (t) => {
  const late = eventOf('late', T0 + 10 * MINUTE_MS, T0 + 3 * HOUR_MS);
  const events = [...steadyEvents(T0 - 25 * HOUR_MS, T0 + 24 * HOUR_MS, 5 * MINUTE_MS), late];
  const { clock, world, siem } = await setSource(t, {
    ...{ events, eventBytes: LARGE_BYTES },
    ...{ pollMs: MINUTE_MS, pageMs: 2 * MINUTE_MS },
  });

  world.start();
  await clock.advance(12 * HOUR_MS);
  world.kill();

  t.ok(world.wasDense());
  t.ok(siem.received.has('late'));
  t.same(siem.repeated, []);
});

t.test('T03 a dense source is read as often as its sweeps and its overlap say, and no more', async (t) => {
  const everyMs = 12 * MINUTE_MS;
  const eventBytes = 2 * LARGE_BYTES;
  const pollMs = 30 * MINUTE_MS;
  const days = 7.5;
  const events = steadyEvents(T0 - 21 * DAY_MS, T0 + days * DAY_MS, everyMs);
  const { clock, world, reads, siem } = await setSource(t, { events, eventBytes, pollMs });

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
  const heartbeats = steadyEvents(T0 - 4 * DAY_MS, T0 + 2 * DAY_MS, everyMs);
  const { clock, world, reads } = await setSource(t, { events: heartbeats, eventBytes: 560 });

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
    const events = [...steadyEvents(T0 - 25 * HOUR_MS, T0 + 12 * HOUR_MS, 5 * MINUTE_MS), late];
    const { clock, world, siem, lake } = await setSource(t, { events, eventBytes });

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
    const events = [...steadyEvents(T0 - 3 * DAY_MS, T0 + 8 * DAY_MS, HOUR_MS / 6), late];
    const { clock, world, siem } = await setSource(t, { events, eventBytes, pollMs: HOUR_MS });

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

t.test('where events are often late each poll looks back an hour, also after a restart', async (t) => {
  const punctual = await latePolls(t, 0);
  const tardy = await latePolls(t, 6 * MINUTE_MS);

  t.ok(punctual < 6, 'a sweep finds them');
  t.equal(tardy, 6, 'the next poll finds them');
});

/** Of six events that are 40 minutes late: how many the next poll found, where all others are as late as this. */
async function latePolls(t: Test, lateMs: number): Promise<number> {
  const restartAt = T0 + 8 * HOUR_MS;
  const usual = steadyEvents(T0, T0 + 12 * HOUR_MS, POLL_MS).map(({ id, timestamp }) =>
    eventOf(id, timestamp, timestamp + lateMs),
  );
  const readable = Array.from({ length: 6 }, (_, index) => restartAt + (index + 1) * 7 * MINUTE_MS);
  const late = readable.map((at) => eventOf(`late ${at}`, at - 40 * MINUTE_MS, at));
  const { clock, world, siem } = await setSource(t, { events: [...usual, ...late], eventBytes: SMALL_BYTES });
  let found = 0;

  world.start();
  await clock.advance(restartAt - T0);
  await world.stop();
  world.start();
  for (const at of readable) {
    await clock.advance(at + 1.1 * POLL_MS - clock.now());
    if (siem.received.has(`late ${at}`)) found += 1;
  }
  await world.stop();
  return found;
}
