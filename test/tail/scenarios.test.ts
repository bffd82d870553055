import t, { type Test } from 'tap';

import { createLogsReader, type LogsReader } from '../../agent/aws/logs-reader.ts';
import type { SeedEvent } from '../../agent/localaws/logs/logs.ts';
import type { Fault } from '../../agent/localaws/world.ts';
import type { Clock } from '../../agent/model/clock.ts';
import type { Source } from '../../agent/model/source.ts';
import type { ReadCause } from '../../agent/model/source-facts.ts';
import { clientsOf, OWN_SCOPE } from '../support/aws-clients.ts';
import { HOME, startTestAws, type TestAws } from '../support/local-aws.ts';
import { createTailer, type Tailer } from '../support/tailer.ts';

const GROUP = '/aws/events/guardrelay';
const SOURCE: Source = { ...HOME, customer: 'acme', logGroup: GROUP };
const POLLS = 45;
const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;

type Event = Omit<SeedEvent, 'message'>;

interface Scene {
  readonly test: TestAws;
  readonly tailer: Tailer;
  /** Answers with a function that removes it. */
  fault(effect: Fault['effect'], when?: Pick<Fault, 'after' | 'times'>): () => void;
}

interface Scenario {
  readonly name: string;
  /** Times relative to T0. */
  readonly events: readonly Event[];
  /** Lasts for the whole scenario. */
  readonly effect?: Fault['effect'];
  /** FilterLogEvents calls, where the design names a number. */
  readonly calls?: number;
  /** Why reads failed, in order; default: none did. */
  readonly failures?: readonly ReadCause[];
  /** By how much the agent's wall clock is wrong. */
  readonly clockOffsetMs?: number;
  /** Before poll `p`. */
  before?(poll: number, scene: Scene): void | Promise<void>;
}

/** One every 20 s from T0 on, readable `delayMs` later. */
function steady(count: number, delayMs = 0): readonly Event[] {
  return Array.from({ length: count }, (_, i) => {
    const timestamp = 137 + i * 20 * SECOND_MS;
    return { timestamp, ingestionTime: timestamp, readableAt: timestamp + delayMs };
  });
}

/** A fault from poll `from` until poll `to`. */
function between(from: number, to: number, effect: Fault['effect']): Pick<Scenario, 'before'> {
  let remove = (): void => {};
  return {
    before(poll, { fault }) {
      if (poll === from) remove = fault(effect);
      if (poll === to) remove();
    },
  };
}

const THROTTLED: Fault['effect'] = { kind: 'error', code: 'ThrottlingException', message: 'Rate exceeded' };

/** From the first call on, on every API. */
function throughout(effect: Fault['effect']): Pick<Scenario, 'before'> {
  return {
    before(poll, { test }) {
      if (poll === 0) test.aws.world.faults.add({ effect });
    },
  };
}

const EIGHTEEN_MINUTES_LATE: readonly Event[] = [
  ...steady(60),
  ...[1, 2, 3].map((i) => ({
    timestamp: -10 * MINUTE_MS + i,
    ingestionTime: 18 * MINUTE_MS,
    readableAt: 18 * MINUTE_MS,
  })),
];

const ABSURD_DATES: readonly { readonly name: string; readonly effect: Fault['effect'] }[] = [
  { name: 'no Date header', effect: { kind: 'date-header' } },
  { name: 'a date of 1970', effect: { kind: 'date-header', text: 'Thu, 01 Jan 1970 00:00:00 GMT' } },
  { name: 'a date of 2099', effect: { kind: 'date-header', text: 'Thu, 31 Dec 2099 23:59:59 GMT' } },
  { name: 'a Date header that is no date', effect: { kind: 'date-header', text: 'yesterday' } },
];

const SCENARIOS: readonly Scenario[] = [
  { name: 'S01 events that are readable at once', events: steady(30), calls: 45 },
  { name: 'S02 events that are readable 90 s late', events: steady(30, 90 * SECOND_MS), calls: 45 },
  {
    name: 'S03 one of two streams is 150 s late',
    events: steady(30).map((event, i) => {
      const late = i % 2 === 1;
      const readableAt = event.timestamp + (late ? 150 * SECOND_MS : 0);
      return { ...event, readableAt, stream: late ? 'late' : 'prompt' };
    }),
  },
  {
    name: 'S04 four events in one millisecond, two of them readable after the poll',
    events: [0, 0, 501, 701].map((delayMs) => ({
      timestamp: 119_999,
      ingestionTime: 119_999,
      readableAt: 119_999 + delayMs,
    })),
  },
  {
    name: 'S05 the first page of each read is empty',
    events: steady(30),
    effect: { kind: 'empty-first-page' },
    calls: 90,
  },
  {
    name: 'S06 each read ends with an empty page',
    events: Array.from({ length: 300 }, (_, i) => {
      const timestamp = i * 2 * SECOND_MS;
      return { timestamp, ingestionTime: timestamp, readableAt: timestamp + 3 * SECOND_MS };
    }),
    effect: { kind: 'empty-last-page' },
  },
  {
    name: 'S07 five events a millisecond over several pages',
    events: Array.from({ length: 2_500 }, (_, i) => ({ timestamp: Math.floor(i / 5), ingestionTime: 500 })),
    effect: { kind: 'page-size', events: 1_000 },
  },
  {
    name: 'S08 a later page is throttled',
    events: steady(30).map((event, i) => ({ ...event, stream: i % 2 === 1 ? 'second' : 'first' })),
    effect: { kind: 'page-size', events: 4 },
    failures: ['throttled'],
    before(poll, { fault }) {
      if (poll === 2) fault(THROTTLED, { after: 1, times: 1 });
    },
  },
  {
    name: 'S09 every call is throttled for three minutes',
    events: steady(30),
    failures: ['throttled', 'throttled', 'throttled'],
    ...between(3, 6, THROTTLED),
  },
  {
    name: 'S11 a restart after each poll',
    events: steady(30, 90 * SECOND_MS),
    before: (_, { tailer }) => tailer.restart(),
  },
  {
    name: 'S13 internal failures, then a restart',
    events: steady(30),
    failures: ['service', 'service'],
    before(poll, scene) {
      if (poll === 3)
        scene.fault({ kind: 'error', code: 'InternalFailure', message: '', statusCode: 500 }, { times: 2 });
      if (poll === 5) scene.tailer.restart();
    },
  },
  {
    name: 'S14 tokens are bound to unchanged parameters',
    events: steady(60),
    effect: { kind: 'page-size', events: 10 },
  },
  {
    name: 'S15 tokens live five minutes, with a long silence between events',
    events: [...steady(6), ...steady(6).map(({ timestamp }) => ({ timestamp: timestamp + 22 * MINUTE_MS }))],
    effect: { kind: 'token-lifetime', ms: 5 * MINUTE_MS },
  },
  { name: "S16 the agent's clock is two minutes fast", events: steady(60), clockOffsetMs: 2 * MINUTE_MS },
  { name: "S17 the agent's clock is five minutes slow", events: steady(60), clockOffsetMs: -5 * MINUTE_MS },
  {
    name: 'S18 the group is missing for three minutes',
    events: steady(30, SECOND_MS),
    failures: ['no-group', 'no-group', 'no-group'],
    ...between(3, 6, {
      kind: 'error',
      code: 'ResourceNotFoundException',
      message: 'The specified log group does not exist.',
    }),
  },
  {
    name: 'S19 a hundred streams with one event each',
    events: steady(100).map((event, i) => ({ ...event, stream: `stream-${i}` })),
    calls: 45,
  },
  {
    name: 'S20 events eighteen minutes late, older than the overlap',
    events: EIGHTEEN_MINUTES_LATE,
  },
  ...ABSURD_DATES.flatMap(({ name, effect }): readonly Scenario[] => [
    { name: `T10 every answer has ${name}`, events: EIGHTEEN_MINUTES_LATE, ...throughout(effect) },
    {
      name: `T10 for three minutes answers have ${name}`,
      events: EIGHTEEN_MINUTES_LATE,
      ...between(3, 6, effect),
    },
  ]),
  {
    name: "T10 the agent's clock was never set",
    events: EIGHTEEN_MINUTES_LATE,
    clockOffsetMs: -Date.UTC(2026, 0, 1),
  },
  {
    name: 'T04 an event stamped two hours ahead',
    events: [...steady(30), { timestamp: 120 * MINUTE_MS, ingestionTime: MINUTE_MS, readableAt: MINUTE_MS }],
  },
];

/** Counts calls, and can act before one. */
function observed(logs: LogsReader, onFilter: (call: number) => void): LogsReader {
  let calls = 0;
  return {
    ...logs,
    filter(source, query, signal) {
      calls += 1;
      onFilter(calls);
      return logs.filter(source, query, signal);
    },
  };
}

async function play(t: Test, scenario: Scenario, order: 'sorted' | 'unsorted'): Promise<void> {
  const test = await startTestAws(t);
  const { clock, aws } = test;
  const t0 = clock.now();
  const failures: ReadCause[] = [];
  let calls = 0;
  const real = createLogsReader({ clients: clientsOf(t, test), scopeOf: () => OWN_SCOPE });
  const logs = observed(real, (count) => {
    calls = count;
  });
  const agentClock: Clock = { ...clock, now: () => clock.now() + (scenario.clockOffsetMs ?? 0) };
  const tailer = createTailer({ logs, clock: agentClock, source: SOURCE });
  const fault: Scene['fault'] = (effect, when) =>
    aws.world.faults.add({ operation: 'FilterLogEvents', effect, ...when });
  aws.logs.groups(HOME).create({ name: GROUP });
  const rows = seeds(scenario.events, t0);
  const passed = new Set<string>();
  aws.logs.insert(HOME, GROUP, rows);
  if (order === 'unsorted') fault({ kind: 'unsorted' });
  if (scenario.effect) fault(scenario.effect);

  for (let poll = 0; poll < POLLS; poll += 1) {
    await scenario.before?.(poll, { test, tailer, fault });
    const end = await tailer.poll();
    if (end.kind === 'failed') failures.push(end.cause);
    for (const message of passedBy(tailer, rows)) passed.add(message);
    await clock.advance(MINUTE_MS);
  }

  const expected = scenario.events.map((_, i) => `event ${i}`).toSorted();
  for (const destination of ['first', 'second'] as const) {
    t.same(tailer.delivered(destination).toSorted(), expected, `${destination}: each event once`);
  }
  t.same([...passed], [], 'no floor passes a page that was not read');
  t.same(failures, scenario.failures ?? [], 'failed reads');
  if (scenario.calls) t.equal(calls, scenario.calls, 'calls');
  t.ok(tailer.state().highWater <= clock.now(), 'the high water stays behind now');
}

/** Events that were readable at once, lie below the high water and have not arrived: a crash would lose them. */
function passedBy(tailer: Tailer, rows: readonly SeedEvent[]): readonly string[] {
  const { highWater } = tailer.state();
  const arrived = new Set(tailer.delivered('first'));
  return rows
    .filter(({ timestamp, readableAt }) => readableAt === timestamp && timestamp < highWater)
    .map(({ message }) => message)
    .filter((message) => !arrived.has(message));
}

function seeds(events: readonly Event[], t0: number): readonly SeedEvent[] {
  return events.map(({ timestamp, ingestionTime = timestamp, readableAt = ingestionTime, ...event }, i) => ({
    ...event,
    timestamp: t0 + timestamp,
    ingestionTime: t0 + ingestionTime,
    readableAt: t0 + readableAt,
    message: `event ${i}`,
  }));
}

for (const scenario of SCENARIOS) {
  t.test(scenario.name, async (t) => {
    await t.test('sorted pages', (t) => play(t, scenario, 'sorted'));
    await t.test('unsorted pages', (t) => play(t, scenario, 'unsorted'));
  });
}
