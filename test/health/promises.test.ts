import t from 'tap';

import { GLYPHS } from '../../agent/console/terminal/glyphs.ts';
import { overview } from '../../agent/health/overview.ts';
import {
  type HealthInput,
  type HealthOptions,
  SOURCE_STATES,
  type SourceState,
  sourceHealth,
} from '../../agent/health/states.ts';
import type { SourceFacts } from '../../agent/model/source-facts.ts';
import { HEALTH, NOW, observed, PROVEN, TAKING } from '../support/health-facts.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;
const { lastHeartbeatAt: _, ...NO_HEARTBEAT } = PROVEN;
const { lastReadAt: __, ...NOT_READ } = NO_HEARTBEAT;

/** `read`, `heartbeat`: minutes ago; a heartbeat is older than the read that found it. */
function facts(read: number, heartbeat: number, more: Partial<SourceFacts> = {}): SourceFacts {
  const lastReadAt = NOW - read * MINUTE_MS;
  return { ...PROVEN, lastReadAt, lastHeartbeatAt: lastReadAt - heartbeat * MINUTE_MS, ...more };
}

function denied(minutes: number): NonNullable<SourceFacts['failure']> {
  return { cause: 'denied', code: 'AUTH-006', text: 'refused', since: NOW - minutes * MINUTE_MS };
}

function waiting(minutes: number, more: object = {}): SourceFacts {
  const siem = { ...TAKING, waiting: 1, oldestWaitingAt: NOW - minutes * MINUTE_MS, ...more };
  return { ...PROVEN, destinations: { siem } };
}

function seen(minutes: number): Partial<HealthInput> {
  return { firstSeenAt: NOW - minutes * MINUTE_MS };
}

function startedBefore(minutes: number): Partial<HealthInput> {
  return { agentStartedAt: NOW - minutes * MINUTE_MS };
}

const OFF: HealthOptions = { ...HEALTH, heartbeat: 'off' };
const LOST = { sentAt: NOW, isAwaited: false, missed: 2 };
const DETECTOR_OFF = {
  plumbing: { lookedAt: NOW, isBlind: false, troubles: [{ region: 'r', code: 'GD-001' as const, text: '' }] },
};

interface Promised {
  readonly name: string;
  readonly facts: SourceFacts;
  readonly more?: Partial<HealthInput>;
  readonly state: SourceState;
}

const table: readonly Promised[] = [
  {
    name: '40 days without a finding',
    facts: facts(1, 3, { lastEventAt: NOW - 40 * DAY_MS }),
    state: 'quiet',
  },
  { name: 'never a finding', facts: facts(1, 3), state: 'quiet' },
  {
    name: 'a finding a day ago less a moment',
    facts: facts(1, 3, { lastEventAt: NOW - DAY_MS + 1 }),
    state: 'ok',
  },
  { name: 'a finding a day ago', facts: facts(1, 3, { lastEventAt: NOW - DAY_MS }), state: 'quiet' },
  { name: 'a heartbeat of 17 min 0 s', facts: facts(1, 17), state: 'quiet' },
  { name: 'a heartbeat of 17 min and 1 ms', facts: facts(1, 17 + 1 / MINUTE_MS), state: 'silent' },
  {
    name: 'new for 20 min less a moment',
    facts: NO_HEARTBEAT,
    more: seen(20 - 1 / MINUTE_MS),
    state: 'pending',
  },
  { name: 'new for 20 min', facts: NO_HEARTBEAT, more: seen(20), state: 'silent' },
  { name: 'heartbeat off, no event', facts: NO_HEARTBEAT, more: { options: OFF }, state: 'unproven' },
  {
    name: 'heartbeat off, a canary within a day',
    facts: { ...NO_HEARTBEAT, lastCanaryAt: NOW - DAY_MS + 1 },
    more: { options: OFF },
    state: 'quiet',
  },
  {
    name: 'the detector disabled beats a blocked destination, and a finding',
    facts: { ...waiting(9, { blocked: { why: 'auth', detail: '' } }), ...DETECTOR_OFF, lastEventAt: NOW },
    state: 'failing',
  },
  { name: 'unacknowledged for 6 min', facts: waiting(6, { retrying: 'no' }), state: 'blocked' },
  { name: 'unacknowledged for 4 min', facts: waiting(4, { retrying: 'no' }), state: 'lagging' },
  { name: '4 min of read errors', facts: facts(4, 3, { failure: denied(4) }), state: 'quiet' },
  { name: '5 min of read errors', facts: facts(5, 3, { failure: denied(5) }), state: 'failing' },
  { name: 'canaries lost twice, heartbeats go on', facts: facts(1, 3, { canary: LOST }), state: 'failing' },
  {
    name: 'economy: polls of 5 min, a heartbeat of 9',
    facts: facts(4, 5, { pollSeconds: 300 }),
    state: 'quiet',
  },
  { name: 'not read for 12 min', facts: facts(12 - 1 / MINUTE_MS, 3), state: 'quiet' },
  { name: 'not read for 13 min', facts: facts(13, 3), state: 'lagging' },
  { name: 'not read for 20 min', facts: facts(20, 3), state: 'failing' },
  { name: 'back after an hour, not read yet', facts: facts(60, 3), more: startedBefore(1), state: 'pending' },
  {
    name: 'back after an hour, and it was silent then',
    facts: facts(60, 30),
    more: startedBefore(1),
    state: 'pending',
  },
  {
    name: 'back after an hour, and cannot read for 20 min',
    facts: facts(80, 3),
    more: startedBefore(20),
    state: 'failing',
  },
  { name: 'back after a minute', facts: facts(2, 3), more: startedBefore(1), state: 'quiet' },
  { name: 'back after an hour, and read', facts: facts(0, 3), more: startedBefore(1), state: 'quiet' },
  { name: 'never read', facts: NOT_READ, more: startedBefore(1), state: 'pending' },
  {
    name: 'heartbeat off, and late',
    facts: { ...waiting(0, { lagMs: 121_000, lastAckAt: NOW }), lastEventAt: NOW },
    more: { options: OFF },
    state: 'lagging',
  },
  {
    name: 'late as often as it may be',
    facts: waiting(0, { lagMs: 120_000, lastAckAt: NOW }),
    state: 'quiet',
  },
];

for (const { name, facts, more, state } of table) {
  t.test(`${name}: ${state}`, async (t) => {
    const input = { facts, firstSeenAt: NOW - 90 * DAY_MS, options: HEALTH, now: NOW, ...more };

    t.match(sourceHealth(input), { state });
  });
}

t.test('of two destinations the dead one blocks the source, and the other shows as it is', async (t) => {
  const lake = { ...TAKING, lastAckAt: NOW - 1_000, lagMs: 900 };
  const { destinations } = waiting(60, { retrying: 'no' });
  const both = { ...PROVEN, destinations: { ...destinations, lake } };

  const { sources, destinations: rows } = overview([observed('eu-west-1', both)], NOW);

  t.match(sources, [{ state: 'blocked', reason: /^siem: / }]);
  t.match(rows, [
    { id: 'lake', state: 'ok', lastAckAt: NOW - 1_000, oldestWaitingAt: undefined },
    { id: 'siem', state: 'retrying', oldestWaitingAt: NOW - 60 * MINUTE_MS },
  ]);
});

t.test('every state has a rank and a sign of its own, and is counted', async (t) => {
  const { counts } = overview([], NOW);

  t.equal(SOURCE_STATES.length, 9);
  t.same(Object.keys(counts).toSorted(), SOURCE_STATES.toSorted());
  t.same(Object.keys(GLYPHS).toSorted(), SOURCE_STATES.toSorted());
});
