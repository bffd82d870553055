import fc from 'fast-check';
import t from 'tap';

import { type SourceState, sourceHealth } from '../../agent/health/states.ts';
import type { SourceFacts } from '../../agent/model/source-facts.ts';
import { HEALTH, NOW, TAKING } from '../support/health-facts.ts';

const SEED = 7;
const RUNS = 10_000;
const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const DAY_MS = 1_440 * MINUTE_MS;
const POLL_MS = MINUTE_MS;
const SILENT_MS = 17 * MINUTE_MS;
const LAGGING_MS = 10 * MINUTE_MS;

/** Around every threshold. */
const edges = [0, 2, 5, 10, 12, 17, 19, 20, 40].flatMap((minutes) => [
  minutes * MINUTE_MS - 1,
  minutes * MINUTE_MS,
  minutes * MINUTE_MS + 1,
]);
const ago = fc.constantFrom(...edges.filter((ms) => ms >= 0), DAY_MS - 1, DAY_MS);
const never = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 4 });

interface Ages {
  readonly seen: number;
  readonly read: number | undefined;
  /** Before the last read. */
  readonly heartbeat: number | undefined;
  readonly event: number | undefined;
  readonly canary: number | undefined;
  readonly failure:
    | { readonly since: number; readonly cause: 'denied' | 'throttled' | 'service' }
    | undefined;
  readonly waiting: number | undefined;
  readonly destination: 'takes' | 'blocked' | 'retrying';
  readonly lagMs: number | undefined;
  readonly missed: number;
  readonly isBroken: boolean;
  readonly isOn: boolean;
}

const ages: fc.Arbitrary<Ages> = fc.record({
  ...{ seen: ago, read: never(ago), heartbeat: never(ago), event: never(ago), canary: never(ago) },
  failure: never(fc.record({ since: ago, cause: fc.constantFrom('denied', 'throttled', 'service') })),
  waiting: never(ago),
  destination: fc.constantFrom('takes', 'takes', 'takes', 'blocked', 'retrying'),
  lagMs: never(fc.constantFrom(119_999, 120_000, 120_001)),
  missed: fc.constantFrom(0, 0, 0, 1, 2),
  isBroken: fc.constantFrom(false, false, false, true),
  isOn: fc.boolean(),
});

function factsOf(age: Ages): SourceFacts {
  const at = (name: string, ms: number | undefined) => (ms === undefined ? {} : { [name]: NOW - ms });
  const { read = 0, heartbeat, failure, destination, lagMs, missed } = age;
  return {
    pollSeconds: POLL_MS / SECOND_MS,
    ...at('lastReadAt', age.read),
    ...at('lastHeartbeatAt', heartbeat === undefined ? undefined : read + heartbeat),
    ...{ ...at('lastEventAt', age.event), ...at('lastCanaryAt', age.canary) },
    ...(failure && {
      failure: { cause: failure.cause, code: 'AUTH-006', text: '', since: NOW - failure.since },
    }),
    canary: { sentAt: NOW, isAwaited: true, missed },
    plumbing: {
      ...{ lookedAt: NOW, isBlind: false },
      troubles: age.isBroken ? [{ region: 'eu-west-1', code: 'GD-001', text: '' }] : [],
    },
    destinations: {
      siem: {
        ...{ ...TAKING, ...at('oldestWaitingAt', age.waiting), waiting: age.waiting === undefined ? 0 : 1 },
        ...(lagMs !== undefined && { lagMs, lastAckAt: NOW }),
        ...(destination === 'blocked' && { blocked: { why: 'auth', detail: '401' } }),
        ...(destination === 'retrying' && { retrying: 'no answer' }),
      },
    },
  };
}

function isYoung({ seen }: Ages): boolean {
  return seen < 20 * MINUTE_MS;
}

function noProof({ event = DAY_MS, canary = DAY_MS }: Ages): boolean {
  return Math.min(event, canary) >= DAY_MS;
}

/** Which of the things that may hold at once decides: the first. */
const ORDER: readonly (readonly [state: SourceState, holds: (age: Ages) => boolean])[] = [
  ['failing', ({ isBroken }) => isBroken],
  ['failing', ({ missed }) => missed >= 2],
  ['failing', ({ failure, read }) => failure?.cause === 'denied' && read === undefined],
  [
    'failing',
    ({ failure }) => failure !== undefined && failure.cause !== 'throttled' && failure.since >= 5 * MINUTE_MS,
  ],
  ['failing', ({ read, seen }) => (read ?? seen) >= SILENT_MS + 2 * POLL_MS],
  ['blocked', ({ destination }) => destination === 'blocked'],
  ['blocked', ({ destination, waiting = 0 }) => destination === 'retrying' && waiting >= 5 * MINUTE_MS],
  ['pending', ({ read }) => read === undefined],
  ['pending', (age) => age.isOn && age.heartbeat === undefined && isYoung(age)],
  ['silent', ({ isOn, heartbeat }) => isOn && (heartbeat === undefined || heartbeat > SILENT_MS)],
  ['lagging', ({ destination, waiting }) => destination === 'retrying' && waiting !== undefined],
  ['lagging', ({ lagMs = 0 }) => lagMs > 120 * SECOND_MS],
  ['lagging', ({ read = 0 }) => read >= LAGGING_MS + 2 * POLL_MS],
  ['pending', (age) => !age.isOn && noProof(age) && isYoung(age)],
  ['unproven', (age) => !age.isOn && noProof(age)],
  ['ok', ({ event }) => event !== undefined && event < DAY_MS],
  ['quiet', () => true],
];

t.test('of all that is wrong at once the first in the order of evaluation decides', async (t) => {
  const decided = new Set<number>();

  fc.assert(
    fc.property(ages, (age) => {
      const options = { ...HEALTH, heartbeat: age.isOn ? 'rule' : 'off' } as const;
      const verdict = sourceHealth({ facts: factsOf(age), firstSeenAt: NOW - age.seen, options, now: NOW });
      const at = ORDER.findIndex(([, holds]) => holds(age));
      decided.add(at);
      if (verdict.state !== ORDER[at]?.[0])
        throw new Error(`${at} ${ORDER[at]?.[0]}: ${JSON.stringify(verdict)}`);
    }),
    { seed: SEED, numRuns: RUNS },
  );

  t.equal(decided.size, ORDER.length, 'each of them decided at least once');
});

t.test(
  'a mute hides nothing: what the source would be stands beside it, and is back when it ends',
  async (t) => {
    fc.assert(
      fc.property(ages, (age) => {
        const input = { facts: factsOf(age), firstSeenAt: NOW - age.seen, options: HEALTH, now: NOW };
        const plain = sourceHealth(input);
        const mute = (until: number) =>
          sourceHealth({ ...input, off: { kind: 'muted', until, reason: 'by jane' } });
        const muted = mute(NOW + 1);
        return muted.state === 'off' && muted.underlying === plain.state && mute(NOW).state === plain.state;
      }),
      { seed: SEED, numRuns: RUNS / 10 },
    );

    t.pass();
  },
);
