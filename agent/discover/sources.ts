import type { AwsClients } from '../aws/clients.ts';
import type { Quota } from '../aws/quota.ts';
import type { RegionOff } from '../model/mute.ts';
import type { Source } from '../model/source.ts';
import { type AccountRegions, accountRegions, type LeftOut } from './account-regions.ts';
import { mapBounded } from './bounded.ts';
import { type DiscoverCustomer, scopeOf } from './customer.ts';
import { placeGroups } from './place-groups.ts';

/** The regions whose events arrive in one log group. */
export interface Origins {
  readonly regions: readonly string[];
  /** AWS could not be asked: there may be others. */
  readonly isGuess: boolean;
}

export interface FoundSource extends Source {
  /** Of a hub; absent: its own region alone. */
  readonly origins?: Origins;
}

export interface Discovery {
  readonly sources: readonly FoundSource[];
  readonly off: readonly RegionOff[];
  /** What is not read and why, and what had to be guessed. */
  readonly leftOut: readonly LeftOut[];
}

export interface DiscoverOptions {
  readonly clients: AwsClients;
  readonly quota: Quota;
  /** Sources of the last time: they stay where AWS cannot be asked. */
  readonly known?: readonly KnownSource[];
}

type KnownSource = Pick<Source, 'customer' | 'account' | 'region' | 'logGroup'>;

const ACCOUNTS_AT_ONCE = 16;
/** Of one account. */
const REGIONS_AT_ONCE = 8;

/** Every log group to read. One account that cannot be asked never stops another. */
export async function discoverSources(
  customers: readonly DiscoverCustomer[],
  { known = [], ...options }: DiscoverOptions,
  signal: AbortSignal,
): Promise<Discovery> {
  const knownOf = Map.groupBy(known, keyOf);
  const accounts = customers.flatMap((customer) =>
    customer.accounts.map((account) => ({ customer, account })),
  );
  const found = await mapBounded(accounts, ACCOUNTS_AT_ONCE, ({ customer, account }) => {
    const before = knownOf.get(keyOf({ customer: customer.id, account })) ?? [];
    return accountSources(customer, account, { ...options, known: before, signal });
  });
  signal.throwIfAborted();
  return together(found);
}

interface AskAccount extends Required<DiscoverOptions> {
  readonly signal: AbortSignal;
}

async function accountSources(
  customer: DiscoverCustomer,
  account: string,
  { known, ...ask }: AskAccount,
): Promise<Discovery> {
  const scope = scopeOf(customer, account);
  const { partition } = scope;
  const knownIn = Map.groupBy(known, ({ region }) => region);
  const asked = await accountRegions(customer, scope, { ...ask, known: [...knownIn.keys()] });
  const { leftOut } = asked;
  const off = asked.off.map((region) => ({ customer: customer.id, account, region }));
  const { regions, ...hub } = readRegions(customer, asked);
  const found = await mapBounded(regions, REGIONS_AT_ONCE, async (region) => {
    const before = (knownIn.get(region) ?? []).map(({ logGroup }) => logGroup);
    const groups = await placeGroups(customer, { scope, region }, { ...ask, known: before });
    return {
      sources: groups.logGroups.map((logGroup) => ({
        customer: customer.id,
        account,
        region,
        partition,
        logGroup,
        ...hub,
      })),
      off: [],
      leftOut: groups.leftOut,
    };
  });
  return together([{ sources: [], off, leftOut }, ...found]);
}

/** Where log groups are read: in each region, or in the hub alone for all of them, even while it is off. */
function readRegions(
  { hubRegion }: DiscoverCustomer,
  { regions, leftOut }: Pick<AccountRegions, 'regions' | 'leftOut'>,
): Pick<AccountRegions, 'regions'> & Pick<FoundSource, 'origins'> {
  if (hubRegion === undefined) return { regions };
  return { regions: [hubRegion], origins: { regions, isGuess: leftOut.some(({ isGuess }) => isGuess) } };
}

function together(found: readonly Discovery[]): Discovery {
  return {
    sources: found.flatMap(({ sources }) => sources),
    off: found.flatMap(({ off }) => off),
    leftOut: found.flatMap(({ leftOut }) => leftOut),
  };
}

function keyOf({ customer, account }: Pick<Source, 'customer' | 'account'>): string {
  return `${customer}/${account}`;
}
