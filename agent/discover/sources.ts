import type { AwsClients } from '../aws/clients.ts';
import type { Source } from '../model/source.ts';
import { accountRegions, type LeftOut } from './account-regions.ts';
import { mapBounded } from './bounded.ts';
import { type DiscoverCustomer, scopeOf } from './customer.ts';

export interface Discovery {
  readonly sources: readonly Source[];
  /** What is not read and why, and accounts whose regions had to be guessed. */
  readonly leftOut: readonly LeftOut[];
}

export interface DiscoverOptions {
  readonly clients: AwsClients;
  /** Sources of an earlier run: they stay when their account cannot be asked for its regions. */
  readonly known?: readonly KnownSource[];
}

type KnownSource = Pick<Source, 'customer' | 'account' | 'region'>;

const ACCOUNTS_AT_ONCE = 16;

/** Every log group to read. One account that cannot be asked never stops another. */
export async function discoverSources(
  customers: readonly DiscoverCustomer[],
  { clients, known = [] }: DiscoverOptions,
  signal: AbortSignal,
): Promise<Discovery> {
  const knownOf = Map.groupBy(known, keyOf);
  const accounts = customers.flatMap((customer) =>
    customer.accounts.map((account) => ({ customer, account })),
  );
  const found = await mapBounded(accounts, ACCOUNTS_AT_ONCE, async ({ customer, account }) => {
    const scope = scopeOf(customer, account);
    const before = (knownOf.get(keyOf(scope)) ?? []).map(({ region }) => region);
    const { regions, leftOut } = await accountRegions(customer, scope, { clients, known: before, signal });
    const { partition } = scope;
    const { logGroup } = customer;
    return {
      sources: regions.map((region) => ({ customer: customer.id, account, region, partition, logGroup })),
      leftOut,
    };
  });
  signal.throwIfAborted();
  return {
    sources: found.flatMap(({ sources }) => sources),
    leftOut: found.flatMap(({ leftOut }) => leftOut),
  };
}

function keyOf({ customer, account }: Pick<Source, 'customer' | 'account'>): string {
  return `${customer}/${account}`;
}
