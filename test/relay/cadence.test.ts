import t from 'tap';

import { type Activity, jitteredMs, type PollOptions, pollSeconds } from '../../agent/relay/cadence.ts';

const NOW = Date.UTC(2026, 0, 1);
const MINUTE_MS = 60_000;
const STANDARD: PollOptions = {
  mode: 'standard',
  baseSeconds: 60,
  activeSeconds: 15,
  activeForMinutes: 60,
  economySeconds: 300,
};
const ECONOMY: PollOptions = { ...STANDARD, mode: 'economy' };
const QUIET: Activity = { behind: false, readFailed: false, dense: false, now: NOW };
const ACTIVE = { ...QUIET, lastEventAt: NOW - 60 * MINUTE_MS };

t.test('an active source is read often, a quiet one seldom, and one that failed as by default', (t) => {
  const table: readonly [string, PollOptions, Activity, number][] = [
    ['quiet', STANDARD, QUIET, 60],
    ['an event an hour ago', STANDARD, ACTIVE, 15],
    ['an event before that', STANDARD, { ...ACTIVE, lastEventAt: NOW - 60 * MINUTE_MS - 1 }, 60],
    ['a destination is behind', STANDARD, { ...QUIET, behind: true }, 15],
    ['never slower when active', { ...STANDARD, baseSeconds: 5 }, ACTIVE, 5],
    ['dense: active', { ...STANDARD, activeSeconds: 1 }, { ...ACTIVE, dense: true }, 15],
    ['dense: quiet', STANDARD, { ...QUIET, dense: true }, 60],
    ['economy: quiet', ECONOMY, QUIET, 300],
    ['economy: active', ECONOMY, ACTIVE, 15],
    ['economy: a destination is behind', ECONOMY, { ...QUIET, behind: true }, 15],
    ['economy: the last read failed', ECONOMY, { ...QUIET, readFailed: true }, 60],
    ['economy never reads more often', { ...ECONOMY, economySeconds: 10 }, QUIET, 60],
  ];

  for (const [name, options, activity, seconds] of table) {
    t.equal(pollSeconds(options, activity), seconds, name);
  }
  t.end();
});

t.test('an interval moves by a tenth at most, and by no more than a second', (t) => {
  const [short, long] = [5, 60].map((seconds) =>
    [0, 0.5, 1].map((random) => jitteredMs(seconds, () => random)),
  );

  t.same(short, [4_500, 5_000, 5_500]);
  t.same(long, [59_000, 60_000, 61_000]);
  t.end();
});
