import { Gauge, type Registry } from 'prom-client';

import type { Overview, SourceRow } from './overview.ts';
import { SOURCE_STATES, type SourceState } from './states.ts';

/** Which sources have gauges of their own. `auto`: all while they are few, else those with a problem. */
export type PerSource = 'auto' | 'all' | 'problems' | 'none';

interface SourcesInput {
  overview(): Overview;
  readonly perSource: PerSource;
  /** Epoch ms. */
  now(): number;
}

const UP: readonly SourceState[] = ['ok', 'quiet', 'lagging'];
const DOWN: readonly SourceState[] = ['failing', 'blocked', 'silent'];
const GREEN: readonly SourceState[] = ['ok', 'quiet'];
const PLACE = ['customer', 'account', 'region'] as const;
const DAY_SECONDS = 86_400;
/** Each has eight gauges: 100,000 series of one agent are more than most Prometheus servers should be given. */
const MOST_FOR_ALL = 2_000;

/** Sources by state, which is always whole, and the gauges of single sources. */
export function addSources(registry: Registry, input: SourcesInput): void {
  new Gauge({
    name: 'guardrelay_sources',
    help: 'Sources by state; every state is always there',
    labelNames: ['customer', 'state'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [customer, states] of countByCustomer(input.overview())) {
        for (const state of SOURCE_STATES) this.set({ customer, state }, states.get(state) ?? 0);
      }
    },
  });
  new Gauge({
    name: 'guardrelay_source_up',
    help: '1: proven; 0: broken; absent: not known yet',
    labelNames: PLACE,
    registers: [registry],
    collect() {
      this.reset();
      for (const { customer, account, region, state } of rowsToShow(input)) {
        if (UP.includes(state)) this.set({ customer, account, region }, 1);
        if (DOWN.includes(state)) this.set({ customer, account, region }, 0);
      }
    },
  });
  addTimes(registry, input);
  addRetention(registry, input);
  addRoundTrips(registry, input);
}

function rowsToShow({ overview, perSource }: SourcesInput): readonly SourceRow[] {
  const { sources } = overview();
  const auto = sources.length <= MOST_FOR_ALL ? 'all' : 'problems';
  switch (perSource === 'auto' ? auto : perSource) {
    case 'all':
      return sources;
    case 'problems':
      return sources.filter(({ state }) => !GREEN.includes(state));
    case 'none':
      return [];
  }
}

/** The two make a share that an alert can watch: the log groups of a place, by the one with the largest. */
function addRetention(registry: Registry, input: SourcesInput): void {
  const gauge = (name: string, help: string, value: (row: SourceRow) => number | undefined) =>
    new Gauge({
      name: `guardrelay_source_${name}_seconds`,
      help,
      labelNames: PLACE,
      registers: [registry],
      collect() {
        this.reset();
        for (const row of nearestToExpiry(input)) {
          const { customer, account, region } = row;
          const seconds = value(row);
          if (seconds !== undefined) this.set({ customer, account, region }, seconds);
        }
      },
    });
  gauge('oldest_unread', 'Age of the oldest log event that some destination may not have', (row) =>
    row.oldestUnfinishedAt === undefined ? undefined : (input.now() - row.oldestUnfinishedAt) / 1_000,
  );
  gauge('retention', 'How long the log group keeps its events; absent: for ever, or not known yet', (row) =>
    row.retentionDays === undefined ? undefined : row.retentionDays * DAY_SECONDS,
  );
}

/** The row whose events expire first comes last, so that of several log groups of a place it is the one that counts. */
function nearestToExpiry(input: SourcesInput): readonly SourceRow[] {
  const lastsUntil = ({ oldestUnfinishedAt = Number.POSITIVE_INFINITY, retentionDays }: SourceRow): number =>
    oldestUnfinishedAt + (retentionDays ?? Number.POSITIVE_INFINITY) * DAY_SECONDS * 1_000;
  return rowsToShow(input).toSorted((one, other) => lastsUntil(other) - lastsUntil(one) || 0);
}

interface TimeGauge {
  readonly name: string;
  readonly help: string;
  /** By region: a hub hears the heartbeats of several. */
  times(row: SourceRow): Readonly<Record<string, number | undefined>>;
}

const TIMES: readonly TimeGauge[] = [
  {
    name: 'heartbeat',
    help: 'Event time of the last heartbeat',
    times: ({ region, lastHeartbeatAt, heartbeats }) => heartbeats ?? { [region]: lastHeartbeatAt },
  },
  {
    name: 'canary',
    help: 'Event time of the last canary',
    times: ({ region, lastCanaryAt }) => ({ [region]: lastCanaryAt }),
  },
  {
    name: 'read',
    help: 'Start of the last complete read',
    times: ({ region, lastReadAt }) => ({ [region]: lastReadAt }),
  },
  {
    name: 'event',
    help: 'Event time of the last finding or change',
    times: ({ region, lastEventAt }) => ({ [region]: lastEventAt }),
  },
];

function addTimes(registry: Registry, input: SourcesInput): void {
  for (const { name, help, times } of TIMES) {
    new Gauge({
      name: `guardrelay_source_last_${name}_timestamp_seconds`,
      help,
      labelNames: PLACE,
      registers: [registry],
      collect() {
        this.reset();
        for (const row of rowsToShow(input)) {
          const { customer, account } = row;
          for (const [region, at] of Object.entries(times(row))) {
            if (at !== undefined) this.set({ customer, account, region }, at / 1_000);
          }
        }
      },
    });
  }
}

/** The slowest account of a customer's region: how many there are makes no difference to the number of series. */
function addRoundTrips(registry: Registry, input: SourcesInput): void {
  new Gauge({
    name: 'guardrelay_canary_round_trip_seconds',
    help: "From putting the last canary to its standing in the log group, by AWS's clock; the slowest account",
    labelNames: ['customer', 'region'],
    registers: [registry],
    collect() {
      this.reset();
      const known = input.overview().sources.filter((row) => row.canaryRoundTripMs !== undefined);
      const byTime = known.toSorted((a, b) => (a.canaryRoundTripMs ?? 0) - (b.canaryRoundTripMs ?? 0));
      for (const { customer, region, canaryRoundTripMs = 0 } of byTime) {
        this.set({ customer, region }, canaryRoundTripMs / 1_000);
      }
    },
  });
}

function countByCustomer({ sources }: Overview): ReadonlyMap<string, ReadonlyMap<SourceState, number>> {
  const byCustomer = Map.groupBy(sources, ({ customer }) => customer);
  return new Map(
    [...byCustomer].map(([customer, rows]) => {
      const byState = Map.groupBy(rows, ({ state }) => state);
      return [customer, new Map([...byState].map(([state, each]) => [state, each.length]))];
    }),
  );
}
