import type { ResolvedCustomer } from '../../config/config.ts';
import type { CustomerFacts } from '../../console/agent-view.ts';
import type { AccountDirectory } from '../../model/account-names.ts';

/** What people are told of each customer. The names of accounts may still grow. */
export function customerFacts(
  customers: readonly ResolvedCustomer[],
  accountNames: AccountDirectory,
): readonly CustomerFacts[] {
  return customers.map(({ id, name, topology, accounts, destinations }) => ({
    ...{ id, name, topology },
    collects: accounts.collect,
    accountNames: accountNames.get(id) ?? new Map(),
    destinations: destinations.map((route) => route.id),
  }));
}
