import fc from 'fast-check';
import t from 'tap';
import {
  type HealthOptions,
  type SourceHealth,
  type SourceState,
  sourceHealth,
} from '../../agent/health/states.ts';
import { HEALTH } from '../support/health-facts.ts';
import { type Habits, SOUND, SourceHistory, type Truth } from '../support/source-history.ts';

const SEED = 7;
const RUNS = 200;
const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const START = Date.UTC(2026, 10, 1);
const TICK_MS = 30 * SECOND_MS;
const GREEN: readonly SourceState[] = ['ok', 'quiet'];
const SILENT_MS = 17 * MINUTE_MS;
const LAGGING_MS = 10 * MINUTE_MS;

type Fault = keyof Truth;

const FAULTS: readonly Fault[] = ['heartbeats', 'findingsRule', 'detector', 'reading', 'agent', 'siem'];

/** What somebody does to the world, and how long nothing else is done then. */
interface Step {
  readonly minutes: number;
  readonly change: Partial<Truth>;
  readonly findings: boolean;
}

interface Life {
  readonly habits: Habits;
  readonly heartbeat: HealthOptions['heartbeat'];
  readonly steps: readonly Step[];
}

const change: fc.Arbitrary<Partial<Truth>> = fc.oneof(
  { weight: 4, arbitrary: fc.constant(SOUND) },
  fc.record({ heartbeats: fc.boolean() }),
  fc.record({ findingsRule: fc.boolean() }),
  fc.record({ detector: fc.boolean() }),
  fc.record({ reading: fc.constantFrom('works', 'denied', 'throttled') }),
  fc.record({ agent: fc.constantFrom('up', 'down') }),
  fc.record({ siem: fc.constantFrom('takes', 'refuses', 'hangs') }),
);

const life: fc.Arbitrary<Life> = fc.record({
  habits: fc.record({
    pollSeconds: fc.constantFrom(15, 60, 300),
    heartbeatMinutes: fc.constant(HEALTH.heartbeatMinutes),
    canaryHours: fc.constantFrom(1, 6),
    lookMinutes: fc.constantFrom(15, 60),
    isBlind: fc.boolean(),
  }),
  heartbeat: fc.constantFrom('rule', 'rule', 'off'),
  steps: fc.array(fc.record({ minutes: fc.integer({ min: 1, max: 240 }), change, findings: fc.boolean() }), {
    minLength: 1,
    maxLength: 12,
  }),
});

/** A moment of a life: what was true, since when, what had been read of it, and the verdict. */
interface Moment {
  readonly now: number;
  readonly world: SourceHistory;
  /** Since when each part of the world is as it is. */
  readonly since: Readonly<Record<Fault, number>>;
  readonly verdict: SourceHealth;
  readonly life: Life;
}

function live(lived: Life, check: (moment: Moment) => void): void {
  const { habits, heartbeat, steps } = lived;
  const world = new SourceHistory(START, habits);
  const options = { ...HEALTH, heartbeat };
  const since = {
    heartbeats: START,
    findingsRule: START,
    detector: START,
    reading: START,
    agent: START,
    siem: START,
  };
  let now = START;
  for (const { minutes, change, findings } of steps) {
    for (const fault of faultsIn(world.truth, change)) since[fault] = now;
    Object.assign(world.truth, change);
    for (const end = now + minutes * MINUTE_MS; now < end; now += TICK_MS) {
      if (findings && now % (20 * MINUTE_MS) === 0) world.find(now);
      world.tick(now);
      const verdict = sourceHealth({ facts: world.facts(), firstSeenAt: START, options, now });
      check({ now, world, since, verdict, life: lived });
    }
  }
}

function faultsIn(truth: Truth, change: Partial<Truth>): readonly Fault[] {
  return FAULTS.filter((fault) => change[fault] !== undefined && change[fault] !== truth[fault]);
}

function assertHistories(check: (moment: Moment) => void, numRuns = RUNS): void {
  fc.assert(
    fc.property(life, (lived) => live(lived, check)),
    { seed: SEED, numRuns },
  );
}

function pollMs({ habits }: Life): number {
  return habits.pollSeconds * SECOND_MS;
}

/** Throws with everything that led there. */
function demand(holds: boolean, what: string, { now, verdict, world, life: { heartbeat } }: Moment): void {
  if (holds) return;
  const minutes = (now - START) / MINUTE_MS;
  throw new Error(
    `minute ${minutes}, heartbeat ${heartbeat}: ${what}: ${JSON.stringify([verdict, world.truth, world.facts()])}`,
  );
}

t.test(
  'whatever is green was read lately, and what was read held evidence that is young enough',
  async (t) => {
    let greens = 0;

    assertHistories((moment) => {
      const { now, world, verdict, life: lived } = moment;
      if (!GREEN.includes(verdict.state)) return;
      greens += 1;
      const { readAt, heartbeatAt, canaryAt = 0, findingAt = 0 } = world.evidence;
      demand(
        readAt !== undefined && now - readAt < LAGGING_MS + 2 * pollMs(lived),
        'green, and not read',
        moment,
      );
      if (lived.heartbeat === 'rule') {
        demand(
          readAt !== undefined && heartbeatAt !== undefined && readAt - heartbeatAt <= SILENT_MS,
          'green on an old heartbeat',
          moment,
        );
      } else demand(now - Math.max(canaryAt, findingAt) < DAY_MS, 'green on nothing', moment);
    });

    t.ok(greens > 10_000, `${greens} green moments`);
  },
);

/** How long each part of the world may be broken and look sound, where anything is promised at all. */
function promised({ world: { truth }, life: lived }: Moment): Readonly<Partial<Record<Fault, number>>> {
  const { habits, heartbeat } = lived;
  const poll = pollMs(lived);
  if (truth.agent === 'down') return { agent: LAGGING_MS + 4 * poll };
  if (truth.reading === 'denied') return { reading: 5 * MINUTE_MS + 2 * poll };
  if (truth.reading === 'throttled') return { reading: LAGGING_MS + 4 * poll };
  const look = habits.lookMinutes * MINUTE_MS + 2 * poll;
  // One canary may have come through just before; the next two are lost.
  const canaries = habits.canaryHours * HOUR_MS + 25 * MINUTE_MS + 5 * poll;
  return {
    ...(!truth.heartbeats && heartbeat === 'rule' && { heartbeats: SILENT_MS + 3 * poll }),
    ...(!truth.findingsRule && { findingsRule: habits.isBlind ? canaries : look }),
    ...(!truth.detector && !habits.isBlind && { detector: look }),
  };
}

/** The faults whose time is over. What reads must show, they show soon after they work again. */
function overdue(moment: Moment): readonly Fault[] {
  const { now, since, world } = moment;
  const readableMs = now - Math.max(since.agent, since.reading);
  const isRead = world.truth.agent === 'up' && world.truth.reading === 'works';
  if (isRead && readableMs <= 3 * pollMs(moment.life)) return [];
  const promises = promised(moment);
  return FAULTS.filter((fault) => now - since[fault] > (promises[fault] ?? Number.POSITIVE_INFINITY));
}

t.test('what is broken for longer than health promises is not green', async (t) => {
  const told = new Set<string>();

  assertHistories((moment) => {
    const { now, verdict, world } = moment;
    const faults = overdue(moment);
    for (const fault of faults) told.add(fault);
    demand(faults.length === 0 || !GREEN.includes(verdict.state), `long broken: ${faults.join()}`, moment);
    const { waitingSince } = world.evidence;
    const isStuck = waitingSince !== undefined && world.truth.siem !== 'takes';
    if (!isStuck || now - waitingSince <= 5 * MINUTE_MS + 2 * pollMs(moment.life)) return;
    told.add('siem');
    demand(!GREEN.includes(verdict.state), 'a finding waits', moment);
  });

  t.same([...told].toSorted(), FAULTS.toSorted(), 'each of them was broken for so long in some history');
});

/** How long after the last repair everything looks sound again. */
function recoveryMs({ life: { habits, heartbeat }, world }: Moment): number {
  const { missed = 0 } = world.facts().canary ?? {};
  // Canaries that do not come are tried once an hour; without heartbeats only the next one proves anything.
  const canaryMs = heartbeat === 'off' ? habits.canaryHours * HOUR_MS : 0;
  return Math.max(canaryMs, missed > 1 ? HOUR_MS : 0) + 25 * MINUTE_MS + 3 * habits.pollSeconds * SECOND_MS;
}

t.test('what is repaired turns green by itself, in the time that health promises', async (t) => {
  let recoveries = 0;

  assertHistories((moment) => {
    const { now, since, verdict, world } = moment;
    const isSound = faultsIn(world.truth, SOUND).length === 0;
    if (!isSound || now - Math.max(...Object.values(since)) < recoveryMs(moment)) return;
    if (now - START < HOUR_MS) return;
    recoveries += 1;
    demand(GREEN.includes(verdict.state), 'all is well again', moment);
  });

  t.ok(recoveries > 10_000, `${recoveries} sound moments`);
});

t.test('"since" lies neither in the future nor after the first moment of that trouble', async (t) => {
  let judged = 0;

  fc.assert(
    fc.property(life, (lived) => {
      let before: { key: string; from: number } | undefined;
      live(lived, (moment) => {
        const { now, verdict } = moment;
        const key = [verdict.state, verdict.code, verdict.destination, verdict.reason].join(' ');
        if (before?.key !== key) before = { key, from: now };
        if (verdict.since === undefined) return;
        judged += 1;
        demand(verdict.since <= now, 'it begins in the future', moment);
        demand(verdict.since <= before.from, `it began before ${before.from - START} ms`, moment);
      });
    }),
    { seed: SEED, numRuns: RUNS },
  );

  t.ok(judged > 10_000, `${judged} moments`);
});
