import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';

import type { Overview, SourceRow } from './overview.ts';
import { SOURCE_STATES, type SourceState } from './states.ts';

/** One destination as its shipper counts. */
interface DestinationCounts {
  readonly id: string;
  readonly isUp: boolean;
  readonly queuedRecords: number;
  readonly queuedBytes: number;
  readonly delivered: number;
  readonly retries: number;
  readonly quarantined: number;
  /** Records that stand in quarantine now. */
  readonly inQuarantine: number;
  readonly truncated: number;
  readonly unmapped: number;
  readonly skipped: number;
}

interface Meter {
  addTo(registry: Registry): void;
}

export interface MetricsInput {
  readonly version: string;
  overview(): Overview;
  destinations(): readonly DestinationCounts[];
  /** Whoever counts by itself. */
  readonly meters: readonly Meter[];
  /** On disk; absent: there is no spool. */
  spoolBytes?(): number;
  /** Epoch ms. */
  now(): number;
}

const UP: readonly SourceState[] = ['ok', 'quiet', 'lagging'];
const DOWN: readonly SourceState[] = ['failing', 'blocked', 'silent'];
const PLACE = ['customer', 'account', 'region'] as const;
const DAY_SECONDS = 86_400;

/** Prometheus text of everything that is counted; values are read when they are asked for. */
export function createMetrics(input: MetricsInput): () => Promise<string> {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  addBuild(registry, input);
  addSources(registry, input);
  addDestinations(registry, input);
  addSpool(registry, input);
  for (const meter of input.meters) meter.addTo(registry);
  return () => registry.metrics();
}

function addBuild(registry: Registry, { version }: MetricsInput): void {
  const build = new Gauge({
    name: 'guardrelay_build_info',
    help: 'Version of the agent, always 1',
    labelNames: ['version', 'node'],
    registers: [registry],
  });
  build.set({ version, node: process.version }, 1);
}

function addSpool(registry: Registry, input: MetricsInput): void {
  if (!input.spoolBytes) return;
  new Gauge({
    name: 'guardrelay_spool_bytes',
    help: 'Bytes of log events that the spool holds',
    registers: [registry],
    collect() {
      this.set(input.spoolBytes?.() ?? 0);
    },
  });
}

function addSources(registry: Registry, input: MetricsInput): void {
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
      for (const { customer, account, region, state } of input.overview().sources) {
        if (UP.includes(state)) this.set({ customer, account, region }, 1);
        if (DOWN.includes(state)) this.set({ customer, account, region }, 0);
      }
    },
  });
  addTimes(registry, input);
  addRetention(registry, input);
}

/** The two make a share that an alert can watch: the log groups of a place, by the one with the largest. */
function addRetention(registry: Registry, input: MetricsInput): void {
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
function nearestToExpiry({ overview }: MetricsInput): readonly SourceRow[] {
  const lastsUntil = ({ oldestUnfinishedAt = Number.POSITIVE_INFINITY, retentionDays }: SourceRow): number =>
    oldestUnfinishedAt + (retentionDays ?? Number.POSITIVE_INFINITY) * DAY_SECONDS * 1_000;
  return overview().sources.toSorted((one, other) => lastsUntil(other) - lastsUntil(one) || 0);
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

function addTimes(registry: Registry, input: MetricsInput): void {
  for (const { name, help, times } of TIMES) {
    new Gauge({
      name: `guardrelay_source_last_${name}_timestamp_seconds`,
      help,
      labelNames: PLACE,
      registers: [registry],
      collect() {
        this.reset();
        for (const row of input.overview().sources) {
          const { customer, account } = row;
          for (const [region, at] of Object.entries(times(row))) {
            if (at !== undefined) this.set({ customer, account, region }, at / 1_000);
          }
        }
      },
    });
  }
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

const GAUGES = [
  {
    name: 'destination_up',
    help: '1: it takes records',
    value: ({ isUp }: DestinationCounts) => Number(isUp),
  },
  {
    name: 'queue_events',
    help: 'Records held for it',
    value: (each: DestinationCounts) => each.queuedRecords,
  },
  { name: 'queue_bytes', help: 'Bytes held for it', value: (each: DestinationCounts) => each.queuedBytes },
  {
    name: 'quarantine_records',
    help: 'Records that it refused and that stand in quarantine',
    value: (each: DestinationCounts) => each.inQuarantine,
  },
] as const;

const COUNTERS = [
  {
    name: 'events_delivered_total',
    help: 'Records it has',
    value: (each: DestinationCounts) => each.delivered,
  },
  {
    name: 'delivery_retries_total',
    help: 'Batches sent again',
    value: (each: DestinationCounts) => each.retries,
  },
  {
    name: 'events_quarantined_total',
    help: 'Records it refused, kept in its quarantine file',
    value: (each: DestinationCounts) => each.quarantined,
  },
  {
    name: 'records_truncated_total',
    help: 'Records that were too large for it and lost something',
    value: (each: DestinationCounts) => each.truncated,
  },
  {
    name: 'normalize_errors_total',
    help: 'Records that its format could not map and that went out as they came',
    value: (each: DestinationCounts) => each.unmapped,
  },
  {
    name: 'copies_skipped_total',
    help: 'Records that it was not sent because it has another copy',
    value: (each: DestinationCounts) => each.skipped,
  },
] as const;

function addDestinations(registry: Registry, input: MetricsInput): void {
  for (const { name, help, value } of GAUGES) {
    new Gauge({
      name: `guardrelay_${name}`,
      help,
      labelNames: ['destination'],
      registers: [registry],
      collect() {
        for (const each of input.destinations()) this.set({ destination: each.id }, value(each));
      },
    });
  }
  for (const { name, help, value } of COUNTERS) {
    new Counter({
      name: `guardrelay_${name}`,
      help,
      labelNames: ['destination'],
      registers: [registry],
      collect() {
        this.reset();
        for (const each of input.destinations()) this.inc({ destination: each.id }, value(each));
      },
    });
  }
  new Gauge({
    name: 'guardrelay_destination_oldest_unacked_seconds',
    help: 'Age of the oldest event that it has not acknowledged',
    labelNames: ['destination'],
    registers: [registry],
    collect() {
      for (const { id, oldestWaitingAt } of input.overview().destinations) {
        const waitingMs = oldestWaitingAt === undefined ? 0 : input.now() - oldestWaitingAt;
        this.set({ destination: id }, waitingMs / 1_000);
      }
    },
  });
}
