import t from 'tap';

import type { LateEvent } from '../support/late-group.ts';
import { eventOf, setSource, steadyEvents, T0 } from '../support/source-stage.ts';

// A source with more events than ids are kept, played to the real tail, relay and store in virtual time.

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const EVERY_MS = 12 * MINUTE_MS;
const EVENT_BYTES = 40_000;
const MAX_IDS = 100;
/** The rule is in force by then. */
const LATE_FROM = T0 + 2 * DAY_MS;

/** One an hour for four days, each readable so long after its ingestion. */
function hidden(name: string, delayMs: number) {
  return steadyEvents(LATE_FROM, LATE_FROM + 4 * DAY_MS, HOUR_MS).map(({ timestamp }, index) => ({
    ...eventOf(`${name} ${index}`, timestamp, timestamp + delayMs),
    ingestionTime: timestamp,
  }));
}

/** One an hour, each written so long after its own time. */
function late(name: string, lateMs: number) {
  return steadyEvents(LATE_FROM, LATE_FROM + 4 * DAY_MS, HOUR_MS).map(({ timestamp }, index) =>
    eventOf(`${name} ${index}`, timestamp, timestamp + lateMs),
  );
}

t.test('T09 the ingestion-time rule bounds ids and loses only what shows later than it says', async (t) => {
  const steady = steadyEvents(T0, T0 + 8 * DAY_MS, EVERY_MS);
  const found = [...hidden('shown in time', 25 * MINUTE_MS), ...late('a day late', 23 * HOUR_MS)];
  const missed = hidden('shown too late', 4 * HOUR_MS);
  const events = [...steady, ...found, ...missed];
  const { clock, world, siem, lake } = await setSource(t, {
    ...{ events, eventBytes: EVENT_BYTES, pollMs: 30 * MINUTE_MS, maxFinishedIds: MAX_IDS },
  });

  world.start();
  await clock.advance(3.3 * DAY_MS);
  world.kill();
  world.start();
  siem.turn('blocked');
  await clock.advance(0.5 * DAY_MS);
  siem.turn('closed');
  await clock.advance(5.2 * DAY_MS);
  const inForce = await world.stored();
  await clock.advance(3 * DAY_MS);
  await world.stop();
  const after = await world.stored();

  for (const { received, repeated } of [siem, lake]) {
    const lost = (wanted: readonly LateEvent[]): number =>
      wanted.filter(({ id }) => !received.has(id)).length;
    t.equal(lost(steady), 0);
    t.equal(lost(found), 0, 'nothing that is readable within 30 minutes, however late it was written');
    t.ok(lost(missed) > 0, `${lost(missed)} of ${missed.length} that showed after four hours`);
    t.same(repeated, [], 'and nothing comes twice');
    const notices = [...received.keys()].filter((id) => id.includes('source.ingestion-rule'));
    t.match(notices, [/"inForce":true/, /"inForce":false/], 'both are told once');
  }
  t.match(inForce.status.saved?.state, { ingestionRule: { inForce: true } });
  t.match(inForce.status.facts, { ingestionRuleSince: Number }, 'status shows it');
  t.ok(inForce.finishedIds < events.length / 4, `${inForce.finishedIds} ids of ${events.length} events`);
  t.match(after.status.saved?.state, { dense: false, ingestionRule: { inForce: false } });
  t.equal(after.status.facts?.ingestionRuleSince, undefined);
});

t.test('below its limit nothing is different', async (t) => {
  const events = [...steadyEvents(T0, T0 + 2 * DAY_MS, EVERY_MS), ...hidden('shown too late', 4 * HOUR_MS)];
  const { clock, world, siem } = await setSource(t, {
    ...{ events, eventBytes: EVENT_BYTES, pollMs: 30 * MINUTE_MS },
  });

  world.start();
  await clock.advance(7.5 * DAY_MS);
  await world.stop();
  const { status, finishedIds } = await world.stored();

  t.equal(siem.received.size, events.length);
  t.equal(finishedIds, events.length);
  t.equal(status.saved?.state.ingestionRule, undefined);
  t.notOk(world.wasProved());
});
