import type { ResolvedCustomer } from '../config/config.ts';
import type { AccountDirectory } from '../model/account-names.ts';
import type { NormalizeOptions } from '../normalize/normalize.ts';

/** How the events of a customer are read: as its configuration says, with the names that are known of its accounts. */
export function normalizeOptions(
  { id, stack, name, tags }: ResolvedCustomer,
  accountNames: AccountDirectory,
): NormalizeOptions {
  return {
    heartbeatRule: `${stack.prefix}-heartbeat`,
    customer: { ...(name === undefined ? {} : { name }), tags },
    accountNames: accountNames.get(id),
  };
}
