import t from 'tap';

import type { Position, SourceState } from '../../agent/model/position.ts';
import { backoffMs, leastWaitMs } from '../../agent/tail/backoff.ts';
import { denseAfter } from '../../agent/tail/density.ts';
import { bornAt, firstPosition, firstState, recreated } from '../../agent/tail/first-contact.ts';
import { latenessAfter } from '../../agent/tail/lateness.ts';
import type { GroupFacts } from '../../agent/tail/read.ts';
import { outgrown } from '../../agent/tail/sweep-marks.ts';
import { allSweeps, tiersOf } from '../../agent/tail/tiers.ts';
import { planCatchUp, planSweep, planWindow } from '../../agent/tail/window.ts';
import { LATE } from '../support/tailer.ts';

const NOW = Date.UTC(2026, 0, 31);
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const SOURCE = 'acme/111122223333/eu-central-1:/aws/events/guardrelay';
/** windowMinutes of all four sweeps. */
const ALL = [180, 1500, 49 * 60, 14 * 24 * 60];

/** A small source read a minute ago, all of whose sweeps were closed just now. */
function stateOf(part: Partial<SourceState> = {}): SourceState {
  const sweeps = ALL.map((windowMinutes) => ({ windowMinutes, doneAt: NOW }));
  return {
    source: SOURCE,
    generation: 1,
    highWater: NOW - MINUTE_MS,
    lastReadAt: NOW - MINUTE_MS,
    dense: false,
    sweeps,
    ...part,
  };
}

function positionOf(part: Partial<Position> = {}): Position {
  const position = firstPosition(stateOf(), { destination: 'siem', bit: 0, born: 0 });
  return { ...position, floor: NOW - MINUTE_MS, ...part };
}

function sweptAgo(ages: Readonly<Record<number, number>>): SourceState {
  const sweeps = ALL.map((windowMinutes) => ({ windowMinutes, doneAt: NOW - (ages[windowMinutes] ?? 0) }));
  return stateOf({ sweeps });
}

t.test('a poll begins an overlap before the high water', (t) => {
  const plan = planWindow(stateOf(), [positionOf()], NOW, { ...LATE, restart: false });

  t.same(plan, { what: 'poll', start: NOW - 16 * MINUTE_MS, due: [] });
  t.end();
});

t.test('T01 a due sweep begins its window before the start of the last closed one', (t) => {
  const plan = (state: SourceState, now = NOW) =>
    planWindow(state, [positionOf()], now, { ...LATE, restart: false });

  t.match(plan(sweptAgo({ 180: 30 * MINUTE_MS })), { start: NOW - 210 * MINUTE_MS, due: [180] });
  t.same(plan(sweptAgo({ 180: 30 * MINUTE_MS - 1 })).due, []);
  t.match(plan(sweptAgo({ 1500: 6 * HOUR_MS })).start, NOW - 31 * HOUR_MS);
  t.match(plan(sweptAgo({ 180: 3 * DAY_MS, 1500: 3 * DAY_MS })).start, NOW - 3 * DAY_MS - 25 * HOUR_MS);
  t.end();
});

t.test('a due sweep that does not fit one page is a read of its own, up to where polls begin', (t) => {
  const MEGABYTE = 1_000_000;
  const measured = (bytes: Readonly<Record<number, number>>, due: readonly number[]): SourceState =>
    stateOf({
      sweeps: ALL.map((windowMinutes) => ({
        windowMinutes,
        doneAt: due.includes(windowMinutes) ? NOW - 7 * HOUR_MS : NOW,
        ...(bytes[windowMinutes] === undefined ? {} : { bytes: bytes[windowMinutes] }),
      })),
    });
  const split = (state: SourceState) => [
    planWindow(state, [], NOW, { ...LATE, restart: false }).due,
    planSweep(state, NOW, LATE)?.due ?? [],
  ];

  t.same(split(measured({}, [180, 1500])), [[180, 1500], []], 'never measured');
  t.same(split(measured({ 180: MEGABYTE, 1500: MEGABYTE + 1 }, [180, 1500])), [[180], [180, 1500]]);
  t.same(
    split(measured({ 180: MEGABYTE + 1 }, [180, 1500])),
    [[], [180, 1500]],
    'a longer one holds no less',
  );
  t.same(
    split(measured({ 180: MEGABYTE + 1, 1500: 1 }, [180, 1500])),
    [[180, 1500], [180]],
    'its own measure counts',
  );
  t.same(split(measured({ 180: MEGABYTE + 1 }, [])), [[], []], 'none is due');
  t.same(planSweep(measured({ 180: MEGABYTE + 1 }, [1500]), NOW, LATE), {
    what: 'sweep',
    start: NOW - 32 * HOUR_MS,
    end: NOW - 2 * MINUTE_MS,
    due: [180, 1500],
  });
  t.equal(
    planSweep(measured({ 180: MEGABYTE + 1 }, [1500]), undefined, LATE),
    undefined,
    'the time is unknown',
  );
  t.end();
});

t.test('no sweep is due before AWS has told the time', (t) => {
  const state = sweptAgo({ 180: DAY_MS, 1500: DAY_MS });

  t.same(planWindow(state, [], undefined, { ...LATE, restart: false }).due, []);
  t.end();
});

t.test('a sweep that is new in the configuration is due at once', (t) => {
  const state = stateOf({ sweeps: stateOf().sweeps.filter(({ windowMinutes }) => windowMinutes !== 1500) });

  const plan = planWindow(state, [], NOW, { ...LATE, restart: false });

  t.match(plan, { start: NOW - MINUTE_MS - 25 * HOUR_MS, due: [180, 1500] });
  t.end();
});

t.test('a read for one sweep serves every sweep that begins within it, due or not', (t) => {
  const plan = (ages: Readonly<Record<number, number>>) =>
    planWindow(sweptAgo(ages), [positionOf()], NOW, { ...LATE, restart: false }).due;

  t.same(plan({ 1500: 6 * HOUR_MS }), [180, 1500]);
  t.same(plan({ 1500: 30 * HOUR_MS }), [180, 1500, 49 * 60]);
  t.same(plan({ [14 * 24 * 60]: 7 * DAY_MS }), ALL);
  t.end();
});

t.test('a poll is to be broken off after a page only if a sweep makes it longer', (t) => {
  const limit = (state: SourceState, restart = false) =>
    planWindow(state, [positionOf({ floor: NOW - DAY_MS })], NOW, { ...LATE, restart }).maxBytes;

  t.equal(limit(stateOf()), undefined);
  t.equal(limit(sweptAgo({ 180: HOUR_MS })), 1_000_000);
  t.equal(limit(sweptAgo({ 180: HOUR_MS }), true), undefined, 'it begins at a floor further back');
  t.end();
});

t.test('a dense source is read again less often, one not measured yet as often as its first sweep', (t) => {
  const tiers = (dense: boolean | undefined, late = LATE) => {
    const { dense: _, ...state } = stateOf();
    const { overlapMs, sweeps } = tiersOf(dense === undefined ? state : { ...state, dense }, late);
    const hours = sweeps.map(({ windowMinutes, everyMinutes }) => [windowMinutes / 60, everyMinutes / 60]);
    return { overlapMs, hours };
  };
  const week = [14 * 24, 7 * 24];

  t.same(tiers(false), { overlapMs: 15 * MINUTE_MS, hours: [[3, 0.5], [25, 6], [49, 24], week] });
  t.same(tiers(true), { overlapMs: MINUTE_MS, hours: [[3, 3], [25, 24], week] });
  t.same(tiers(undefined), { overlapMs: MINUTE_MS, hours: [[3, 0.5], [25, 0.5], week] });
  const rare = { overlapMinutes: 1, sweeps: [{ windowMinutes: 60 * 60, everyMinutes: 48 * 60 }] };
  t.same(tiers(true, rare), { overlapMs: MINUTE_MS, hours: [[60, 48], week] }, 'what is rare stays so');
  t.end();
});

t.test('a small source whose events are often late is looked back on for an hour', (t) => {
  const overlap = (part: Partial<SourceState>, overlapMinutes = 15) =>
    tiersOf(stateOf(part), { ...LATE, overlapMinutes }).overlapMs / MINUTE_MS;

  t.equal(overlap({ latenessP99Ms: 5 * MINUTE_MS }), 15);
  t.equal(overlap({ latenessP99Ms: 5 * MINUTE_MS + 1 }), 60);
  t.equal(overlap({ latenessP99Ms: 6 * MINUTE_MS }, 90), 90, 'more is configured');
  t.equal(overlap({ latenessP99Ms: 6 * MINUTE_MS, dense: true }), 1, 'a dense one would read too much');
  t.end();
});

t.test('the running percentile of lateness rests where one event in a hundred is later', (t) => {
  const after = (p99Ms: number | undefined, count: number, latenessOf: (index: number) => number) =>
    latenessAfter(
      p99Ms,
      Array.from({ length: count }, (_, index) => ({
        ...{ id: 'id', stream: 's', message: '', timestamp: NOW },
        ingestionTime: NOW + latenessOf(index),
      })),
    );
  const share = (perMille: number) => (index: number) =>
    (index * 37) % 1_000 < perMille ? 10 * MINUTE_MS : 0;

  t.equal(
    after(undefined, 1_000, () => 0),
    1_000,
    'never under a second',
  );
  t.ok(after(undefined, 40, () => 10 * MINUTE_MS) > 5 * MINUTE_MS, 'forty late events in a row are enough');
  t.ok(after(undefined, 20_000, share(30)) > 5 * MINUTE_MS, 'three in a hundred are often late');
  t.ok(after(undefined, 20_000, share(3)) < 5 * MINUTE_MS, 'three in a thousand are not');
  t.ok(after(10 * MINUTE_MS, 1_000, () => 0) < 5 * MINUTE_MS, 'and it comes down again');
  t.ok(after(undefined, 1_000, () => 1e12) <= 14 * DAY_MS, 'nothing can be later than that');
  t.end();
});

t.test(
  'the first sweep of a day tells whether a source is dense, and half of that when it is no more',
  (t) => {
    const rows = [
      { name: 'nothing known, a short read', dense: undefined, hours: 3, megabytes: 3, after: undefined },
      {
        name: 'a short read that alone is too much',
        dense: undefined,
        hours: 3,
        megabytes: 4.1,
        after: true,
      },
      { name: 'small after its first day', dense: undefined, hours: 25, megabytes: 2, after: false },
      { name: 'dense after its first day', dense: undefined, hours: 25, megabytes: 2.1, after: true },
      { name: 'small and grown, not yet enough', dense: false, hours: 25, megabytes: 3.9, after: false },
      { name: 'small and grown', dense: false, hours: 31, megabytes: 4.1, after: true },
      { name: 'dense and shrunk, not yet enough', dense: true, hours: 49, megabytes: 2.1, after: true },
      { name: 'dense and shrunk', dense: true, hours: 49, megabytes: 2, after: false },
      { name: 'dense, a short read of little', dense: true, hours: 3, megabytes: 0, after: true },
      { name: 'two weeks that held much', dense: true, hours: 14 * 24, megabytes: 10, after: true },
      {
        name: 'two weeks, as much as two days may',
        dense: false,
        hours: 14 * 24,
        megabytes: 10,
        after: false,
      },
    ];
    for (const { name, dense, hours, megabytes, after } of rows) {
      const state = dense === undefined ? {} : { dense };
      t.equal(denseAfter(state, { bytes: megabytes * 1e6, spanMs: hours * HOUR_MS }), after, name);
    }
    t.end();
  },
);

t.test('sweeps that outgrew a poll are reads of their own, those that have no mark yet too', (t) => {
  const marked = sweptAgo({ 1500: 7 * HOUR_MS }).sweeps.filter(({ windowMinutes }) => windowMinutes > 180);
  const state = stateOf({ highWater: NOW - HOUR_MS, sweeps: marked });

  const sweeps = outgrown(state, { due: [180, 1500], bytes: 2_000_000 });

  t.equal(planWindow({ ...state, sweeps }, [], NOW, { ...LATE, restart: false }).maxBytes, undefined);
  t.match(planSweep({ ...state, sweeps }, NOW, LATE), { start: NOW - 32 * HOUR_MS, due: [180, 1500] });
  t.end();
});

t.test('after a restart a poll begins at the lowest floor of those that share it', (t) => {
  const positions = [
    positionOf({ floor: NOW - 3 * DAY_MS }),
    positionOf({ floor: NOW - HOUR_MS }),
    positionOf({ floor: NOW - 9 * DAY_MS, mode: 'behind' }),
  ];

  t.equal(planWindow(stateOf(), positions, NOW, { ...LATE, restart: true }).start, NOW - 3 * DAY_MS);
  t.equal(planWindow(stateOf(), positions, NOW, { ...LATE, restart: false }).start, NOW - 16 * MINUTE_MS);
  t.end();
});

t.test('a destination that is behind reads from its floor, to the end', (t) => {
  const plan = planCatchUp(positionOf({ floor: NOW - DAY_MS, mode: 'behind' }));

  t.same(plan, { what: 'catch-up', start: NOW - DAY_MS, due: [] });
  t.end();
});

t.test('no window begins before the epoch', (t) => {
  const state = stateOf({
    highWater: 1_000,
    sweeps: ALL.map((windowMinutes) => ({ windowMinutes, doneAt: 0 })),
  });

  t.equal(planWindow(state, [], NOW, { ...LATE, restart: true }).start, 0);
  t.end();
});

t.test('sweeps of 49 hours and 14 days are built in unless longer ones are configured', (t) => {
  const windows = (...hours: readonly number[]) =>
    allSweeps(hours.map((hour) => ({ windowMinutes: hour * 60, everyMinutes: 60 }))).map(
      ({ windowMinutes }) => windowMinutes / 60,
    );

  t.same(windows(3, 25), [3, 25, 49, 336]);
  t.same(windows(3, 60), [3, 60, 336]);
  t.same(windows(400, 3), [3, 400]);
  t.end();
});

t.test('startAt says from when on events are wanted', (t) => {
  const old: GroupFacts = { kind: 'group', creationTime: NOW - 90 * DAY_MS, serviceNow: NOW };
  const young: GroupFacts = { kind: 'group', creationTime: NOW - 25 * HOUR_MS + 1, serviceNow: NOW };
  const table = [
    { startAt: 'now', group: old, born: NOW },
    { startAt: 'now', group: young, born: young.creationTime },
    { startAt: 'now', group: { ...young, creationTime: NOW - 25 * HOUR_MS }, born: NOW },
    { startAt: 'beginning', group: old, born: old.creationTime - 14 * DAY_MS },
    { startAt: '-90s', group: young, born: NOW - 90_000 },
    { startAt: '-5m', group: old, born: NOW - 5 * MINUTE_MS },
    { startAt: '-24h', group: old, born: NOW - DAY_MS },
    { startAt: '-3d', group: old, born: NOW - 3 * DAY_MS },
    { startAt: '2025-12-24T18:00:00+01:00', group: old, born: Date.UTC(2025, 11, 24, 17) },
  ];
  for (const { startAt, group, born } of table) t.equal(bornAt(startAt, group), born, startAt);
  t.throws(() => bornAt('yesterday', old), { code: 'CFG-001', exitCode: 2, message: /"yesterday"/ });
  t.end();
});

t.test('a source begins where its events begin to be wanted, with every sweep done up to there', (t) => {
  const born = NOW - HOUR_MS;

  const state = firstState(
    SOURCE,
    { kind: 'group', creationTime: 7, serviceNow: NOW },
    { born, sweeps: LATE.sweeps },
  );
  const position = firstPosition(state, { destination: 'siem', bit: 3, born });

  t.same(state, {
    source: SOURCE,
    generation: 7,
    highWater: born,
    lastReadAt: 0,
    sweeps: ALL.map((windowMinutes) => ({ windowMinutes, doneAt: born })),
  });
  t.match(position, {
    source: SOURCE,
    destination: 'siem',
    bit: 3,
    born,
    floor: born,
    mode: 'joined',
    grade: 'none',
  });
  t.end();
});

t.test('a new destination of a known source begins at the high water, or earlier if it wants more', (t) => {
  const { highWater } = stateOf();
  const floorOf = (born: number) => firstPosition(stateOf(), { destination: 'new', bit: 1, born }).floor;

  t.equal(floorOf(NOW), highWater);
  t.equal(floorOf(NOW - DAY_MS), NOW - DAY_MS);
  t.end();
});

t.test('a group made again is read as far back as EventBridge may deliver into it', (t) => {
  const creationTime = NOW - 2 * HOUR_MS;
  const from = creationTime - 49 * HOUR_MS;
  const positions = [positionOf({ born: 5 }), positionOf({ mode: 'behind', floor: NOW - 9 * DAY_MS })];

  const after = recreated(stateOf(), positions, creationTime);

  t.match(after.state, { generation: creationTime, highWater: from });
  t.same(
    after.state.sweeps.map(({ doneAt }) => doneAt),
    ALL.map(() => creationTime),
  );
  t.match(after.positions, [
    { floor: from, born: 5, mode: 'joined' },
    { floor: from, mode: 'behind' },
  ]);
  t.end();
});

t.test('back-off doubles to five minutes with full jitter, and never undercuts the least wait', (t) => {
  const waits = (random: number) =>
    [1, 2, 3, 7, 50].map((failures) => backoffMs(failures, 0, () => random) / 1_000);

  t.same(waits(1), [5, 10, 20, 300, 300]);
  t.same(waits(0.5), [2.5, 5, 10, 150, 150]);
  t.equal(
    backoffMs(1, MINUTE_MS, () => 0.9),
    MINUTE_MS,
  );
  t.same(
    [1, 2, 3, 9].map((failures) => leastWaitMs('denied', failures) / MINUTE_MS),
    [1, 5, 15, 15],
  );
  t.end();
});
