import { isJsonObject, type JsonObject } from '../model/json.ts';
import { defaults } from './config.ts';

/** A block of a customer on top of the same block of the defaults, key by key. */
function overlay(inherited: unknown, own: unknown): unknown {
  if (own === undefined) return inherited;
  return isJsonObject(inherited) && isJsonObject(own) ? { ...inherited, ...own } : own;
}

function inheritInto(customer: unknown, inherited: JsonObject): unknown {
  if (!isJsonObject(customer)) return customer;
  const blocks = Object.entries(inherited).map(([key, block]) => [key, overlay(block, customer[key])]);
  return { ...customer, ...Object.fromEntries(blocks) };
}

/**
 * Gives each customer the `defaults` under its own settings. Wrong defaults are inherited by nobody, so that
 * their mistakes are told once.
 */
export function inherit(written: unknown): unknown {
  if (!isJsonObject(written) || !Array.isArray(written.customers)) return written;
  const inherited = defaults.safeParse(written.defaults ?? {});
  if (!inherited.success) return written;
  const customers = written.customers.map((customer) => inheritInto(customer, inherited.data));
  return { ...written, customers };
}
