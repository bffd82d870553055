import type { Config } from '../../config/config.ts';
import { createMeters, type Meters } from '../../health/meters.ts';
import { createMetrics, type MetricsInput } from '../../health/metrics.ts';
import type { Agent } from '../../relay/agent.ts';

type AgentMetricsParts = Omit<MetricsInput, 'destinations' | 'perSource'> & {
  readonly agent: Agent;
  readonly config: Config;
};

/** What counts for an agent of this configuration. */
export function metersOf({ customers, destinations, notify }: Config): Meters {
  return createMeters({
    customers: customers.map(({ id, late }) => ({ id, overlapMinutes: late.overlapMinutes })),
    destinations: destinations.map(({ id }) => id),
    channels: notify.map(({ id }) => id),
  });
}

/** All that an agent tells Prometheus. */
export function agentMetrics({ agent, config, ...input }: AgentMetricsParts): () => Promise<string> {
  const formats = new Map(config.destinations.map(({ id, format }) => [id, format]));
  return createMetrics({
    ...input,
    perSource: config.http.metrics.perSource,
    destinations: () =>
      agent.destinations.map(({ id, shipper, tally }) => {
        const status = shipper.status();
        return {
          id,
          ...status,
          ...tally,
          format: formats.get(id) ?? 'raw',
          inQuarantine: agent.inQuarantine(id),
          skipped: agent.skipped(id),
          isUp: status.circuit === 'closed',
        };
      }),
  });
}
