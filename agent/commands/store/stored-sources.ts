import type { CheckpointStore } from '../../checkpoint/store.ts';
import type { Config } from '../../config/config.ts';
import type { ObservedSource } from '../../health/overview.ts';
import { healthOptions } from '../../relay/health-options.ts';
import { createMuting, regionOffSource } from '../../relay/muting.ts';

/** What of a store tells how sources are. */
export type SourceStore = Pick<CheckpointStore, 'inspect' | 'regionsOff'> & {
  readonly mutes: Pick<CheckpointStore['mutes'], 'list'>;
};

/** The sources of the configured customers as the store knows them: what an agent, running or not, has left. */
export async function storedSources(
  store: SourceStore,
  config: Config,
  now: number,
): Promise<readonly ObservedSource[]> {
  const customers = new Map(config.customers.map((customer) => [customer.id, customer]));
  const muting = createMuting(config.customers);
  const mutes = await store.mutes.list();
  const observed: ObservedSource[] = [];
  for await (const { spec, enabled, facts, saved } of store.inspect()) {
    const customer = customers.get(spec.customer);
    if (!customer || !enabled) continue;
    const born = saved?.positions.map((position) => position.born) ?? [];
    observed.push({
      ...spec,
      facts: facts ?? { pollSeconds: customer.poll.baseSeconds, destinations: {} },
      firstSeenAt: Math.min(now, ...born),
      options: healthOptions(customer),
      off: muting.offOf(spec, now, mutes),
    });
  }
  const off = (await store.regionsOff()).flatMap((region) => {
    const customer = customers.get(region.customer);
    return customer ? regionOffSource(region, healthOptions(customer), now) : [];
  });
  return [...observed, ...off];
}
