import { createBucket } from '../../aws/bucket.ts';
import type { AwsClients } from '../../aws/clients.ts';
import type { Config, ResolvedCustomer } from '../../config/config.ts';
import { scopeOf } from '../../discover/customer.ts';
import { lookAtMembers } from '../../members/member-look.ts';
import { type MemberPlace, type MemberStore, openMemberStore } from '../../members/member-store.ts';
import { createMemberWatch, type MemberWatch, type WatchedPlace } from '../../members/member-watch.ts';
import type { Clock } from '../../model/clock.ts';
import type { Logger } from '../../model/logger.ts';
import type { MemberFacts } from '../../model/member-facts.ts';
import { discoverCustomer } from '../../relay/discover-customer.ts';

interface LiveMembersParts {
  readonly config: Config;
  readonly clients: AwsClients;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Places that the agent reads now. */
  observed(): readonly ReadPlace[];
}

interface ReadPlace {
  readonly customer: string;
  readonly account: string;
  readonly region: string;
  /** Of a hub: by the regions that forward to it. */
  readonly facts: { readonly origins?: Readonly<Record<string, unknown>> };
}

/** Who is a member of whom, kept and watched while the agent runs. */
export interface LiveMembers extends Pick<MemberStore, 'all' | 'counts' | 'close'> {
  readonly watch: MemberWatch;
  /** Those that are not simply enabled, where the agent reads now. */
  unsettled(): readonly MemberFacts[];
}

/** Of all looks together: thousands of places that an agent meets at once are looked at over a quarter of an hour. */
const CALLS_PER_SECOND = 8;

export function openLiveMembers({ config, clients, clock, logger, observed }: LiveMembersParts): LiveMembers {
  const store = openMemberStore(config.agent.dataDir);
  const administered = new Map(
    config.customers
      .filter(({ topology }) => topology !== 'standalone')
      .map((customer) => [customer.id, customer]),
  );
  const pace = createBucket(CALLS_PER_SECOND, clock);
  const places = () => placesOf(observed(), administered);
  const watch = createMemberWatch({
    ...{ store, clock, logger },
    places,
    async look({ customer: id, administrator, region }, signal) {
      const customer = administered.get(id);
      if (!customer) return { kind: 'missing' };
      const scope = scopeOf(discoverCustomer(customer), administrator);
      return lookAtMembers({ clients, scope, region, pace, signal });
    },
  });
  return {
    watch,
    unsettled() {
      const found = store.unsettled();
      if (found.length === 0) return found;
      const read = new Set(places().map(placeKey));
      return found.filter((member) => read.has(placeKey(member)));
    },
    counts: () => store.counts().filter(({ customer }) => administered.has(customer)),
    all: store.all,
    close: store.close,
  };
}

/** Each region once, however many log groups it has. */
function placesOf(
  read: readonly ReadPlace[],
  customers: ReadonlyMap<string, ResolvedCustomer>,
): readonly WatchedPlace[] {
  const places = read.flatMap(({ customer, account: administrator, region, facts }): WatchedPlace[] => {
    const everyMinutes = customers.get(customer)?.health.plumbingMinutes;
    if (everyMinutes === undefined) return [];
    const regions = [region, ...Object.keys(facts.origins ?? {})];
    return regions.map((each) => ({ customer, administrator, region: each, everyMinutes }));
  });
  return [...new Map(places.map((place) => [placeKey(place), place])).values()];
}

function placeKey({ customer, administrator, region }: MemberPlace): string {
  return `${customer}/${administrator}/${region}`;
}
