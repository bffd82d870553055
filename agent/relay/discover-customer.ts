import type { ResolvedCustomer } from '../config/config.ts';
import type { DiscoverCustomer } from '../discover/customer.ts';

/** A customer of the configuration, as far as finding his log groups goes. */
export function discoverCustomer(customer: ResolvedCustomer): DiscoverCustomer {
  const { id, accounts, regions, stack, auth, poll } = customer;
  const { logGroup, hubRegion } = stack;
  return {
    ...{ id, accounts: accounts.collect, regions, logGroup, auth, quotaShare: poll.quotaShare },
    ...(hubRegion !== undefined && { hubRegion }),
  };
}
