import { type AwsClients, type AwsClientsOptions, createAwsClients } from '../../aws/clients.ts';
import { createQuota, type Quota } from '../../aws/quota.ts';
import type { Config, ResolvedCustomer } from '../../config/config.ts';
import { proxiesFrom } from '../../config/proxies.ts';
import { readSecret } from '../../config/secret.ts';
import { type Discovery, discoverSources } from '../../discover/sources.ts';
import { createLogger, hidingSecrets } from '../../log.ts';
import type { AccountDirectory } from '../../model/account-names.ts';
import { type Clock, systemClock } from '../../model/clock.ts';
import type { Canaries } from '../../relay/canaries.ts';
import type { Destination } from '../../relay/destination.ts';
import { createDestination } from '../../relay/destinations.ts';
import { discoverCustomer } from '../../relay/discover-customer.ts';
import { routesTo } from '../../relay/routes.ts';
import { storeCanaries } from '../store/store-canaries.ts';
import { readVersion } from '../version.ts';
import { openAccountNames } from './live-account-names.ts';

/** What ships records without a checkpoint store, so that an agent may run meanwhile. */
export interface OneOffSession extends AsyncDisposable {
  readonly clients: AwsClients;
  readonly quota: Quota;
  readonly destinations: readonly Destination[];
  readonly accountNames: AccountDirectory;
  readonly canaries: Canaries | undefined;
  readonly clock: Clock;
  /** The sources whose records some destination gets; none if it is stopped before they are known. */
  discover(stop: AbortSignal): Promise<Discovery>;
}

const CLOSE_MS = 5_000;

/** Makes clients and destinations. Dispose it to close them all. */
export async function openOneOff(
  config: Config,
  endpointUrl: string | undefined,
  ownCredentials?: AwsClientsOptions['ownCredentials'],
): Promise<OneOffSession> {
  const clock = systemClock;
  const logger = createLogger({ level: config.agent.logLevel, format: config.agent.logFormat });
  const { id: agentId, dataDir } = config.agent;
  const proxyFor = proxiesFrom(process.env);
  const common = { clock, agentId, proxyFor, readSecret: hidingSecrets(readSecret, logger) };
  const clients = createAwsClients({
    ...common,
    version: readVersion(),
    ...(endpointUrl === undefined ? {} : { endpointUrl }),
    ...(ownCredentials && { ownCredentials }),
  });
  const names = await openAccountNames(config.customers, { clients, clock, logger });
  const canaries = await storeCanaries(dataDir, agentId);
  const quota = createQuota(clock);
  const destinations = config.destinations.map((options) =>
    createDestination(options, { ...common, clients, dataDir, logger, random: Math.random }),
  );
  return {
    ...{ clients, quota, destinations, accountNames: names.directory, canaries, clock },
    discover: (stop) => discover(config.customers, { clients, quota }, stop),
    async [Symbol.asyncDispose]() {
      await Promise.all(destinations.map(({ shipper }) => shipper.close(CLOSE_MS)));
      await names[Symbol.asyncDispose]();
      await clients.close();
    },
  };
}

async function discover(
  customers: readonly ResolvedCustomer[],
  ask: Pick<OneOffSession, 'clients' | 'quota'>,
  stop: AbortSignal,
): Promise<Discovery> {
  const routes = new Map(customers.map(({ id, destinations }) => [id, destinations]));
  try {
    const { sources, ...others } = await discoverSources(customers.map(discoverCustomer), ask, stop);
    const routed = sources.filter(({ customer, region }) => routesTo(routes.get(customer) ?? [], region)[0]);
    return { sources: routed, ...others };
  } catch (error) {
    if (!stop.aborted) throw error;
    return { sources: [], off: [], leftOut: [] };
  }
}
