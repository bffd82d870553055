import type { SourceStatus } from '../checkpoint/store.ts';
import type { Config } from '../config/config.ts';
import type { ObservedSource } from '../health/overview.ts';
import { healthOptions } from '../relay/health-options.ts';

/** The sources of the configured customers as the store knows them: what an agent, running or not, has left. */
export async function storedSources(
  statuses: AsyncIterable<SourceStatus>,
  config: Config,
  now: number,
): Promise<readonly ObservedSource[]> {
  const customers = new Map(config.customers.map((customer) => [customer.id, customer]));
  const observed: ObservedSource[] = [];
  for await (const { spec, enabled, facts, saved } of statuses) {
    const customer = customers.get(spec.customer);
    if (!customer || !enabled) continue;
    const born = saved?.positions.map((position) => position.born) ?? [];
    observed.push({
      ...spec,
      facts: facts ?? { pollSeconds: customer.poll.baseSeconds, destinations: {} },
      firstSeenAt: Math.min(now, ...born),
      options: healthOptions(customer),
    });
  }
  return observed;
}
