import type { ResolvedCustomer } from '../config/config.ts';
import type { NormalizeOptions } from '../normalize/normalize.ts';

/** What the configuration of a customer says about how its events are read. */
export function normalizeOptions({ stack, name, tags }: ResolvedCustomer): NormalizeOptions {
  return {
    heartbeatRule: `${stack.prefix}-heartbeat`,
    customer: { ...(name === undefined ? {} : { name }), tags },
  };
}
