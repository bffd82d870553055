import { monitorEventLoopDelay } from 'node:perf_hooks';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';

import { addDestinations, type DestinationCounts } from './destination-metrics.ts';
import type { Overview } from './overview.ts';
import { addSources, type PerSource } from './source-metrics.ts';

/** Whoever counts by itself. */
export interface Meter {
  addTo(registry: Registry): void;
}

/** GuardDuty member accounts of a customer that share a status. */
interface MemberCount {
  readonly customer: string;
  readonly status: string;
  readonly accounts: number;
}

export interface MetricsInput {
  readonly version: string;
  overview(): Overview;
  destinations(): readonly DestinationCounts[];
  readonly meters: readonly Meter[];
  /** Absent: auto. */
  readonly perSource?: PerSource;
  /** As they were looked at last; absent: nobody looks. */
  members?(): readonly MemberCount[];
  /** On disk; absent: there is no spool. */
  spoolBytes?(): number;
  /** Epoch ms. */
  now(): number;
}

const LAG_RESOLUTION_MS = 20;

/** Prometheus text of everything that is counted; values are read when they are asked for. */
export function createMetrics(asked: MetricsInput): () => Promise<string> {
  const registry = new Registry();
  let seen: Overview | undefined;
  const input: MetricsInput = { ...asked, overview: () => seen ?? asked.overview() };
  collectDefaultMetrics({ register: registry });
  addBuild(registry, input);
  addLoopLag(registry);
  addSources(registry, { perSource: 'auto', ...input });
  addDestinations(registry, input);
  addMembers(registry, input);
  addSpool(registry, input);
  for (const meter of input.meters) meter.addTo(registry);
  return async () => {
    // A dozen gauges look at the same thousands of sources.
    seen = asked.overview();
    return await registry.metrics();
  };
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

/** An agent whose loop stands still reads and acknowledges nothing, whatever AWS and the SIEM do. */
function addLoopLag(registry: Registry): void {
  const delay = monitorEventLoopDelay({ resolution: LAG_RESOLUTION_MS });
  delay.enable();
  new Gauge({
    name: 'guardrelay_event_loop_lag_seconds',
    help: 'The longest that the event loop stood still since the last scrape',
    registers: [registry],
    collect() {
      // The histogram holds the time between two ticks of its own timer, in nanoseconds.
      this.set(delay.count === 0 ? 0 : Math.max(0, delay.max / 1e9 - LAG_RESOLUTION_MS / 1_000));
      delay.reset();
    },
  });
}

function addMembers(registry: Registry, input: MetricsInput): void {
  new Gauge({
    name: 'guardrelay_members',
    help: 'GuardDuty member accounts by status',
    labelNames: ['customer', 'status'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { customer, status, accounts } of input.members?.() ?? []) {
        this.set({ customer, status }, accounts);
      }
    },
  });
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
