import type { Config, ResolvedCustomer } from './config.ts';
import { type ConfigPath, pathText } from './mistake.ts';

/** Something that is allowed but seldom meant. */
export interface Warning {
  readonly path: string;
  /** A sentence whose subject is the path. */
  readonly text: string;
}

/** The 25 hour sweep and a destination that is down over a weekend need as much. */
const LEAST_RETENTION_DAYS = 3;

function warning(path: ConfigPath, text: string): Warning {
  return { path: pathText(path), text };
}

function shortRetention({ stack }: ResolvedCustomer, path: ConfigPath): readonly Warning[] {
  if (stack.mode === 'existing' || stack.retentionDays >= LEAST_RETENTION_DAYS) return [];
  const text = `loses what a destination has not taken after ${stack.retentionDays} days; 30 is usual`;
  return [warning([...path, 'stack', 'retentionDays'], text)];
}

function unknownRegions(
  customer: ResolvedCustomer,
  path: ConfigPath,
  known: ReadonlySet<string>,
): readonly Warning[] {
  const named = Array.isArray(customer.regions) ? customer.regions : [];
  return named.flatMap((region, at) => {
    const text = `is no region with GuardDuty that this release knows: ${region}`;
    return known.has(region) ? [] : [warning([...path, 'regions', at], text)];
  });
}

function unusedDestinations({ customers, destinations }: Config): readonly Warning[] {
  const used = new Set(customers.flatMap((customer) => customer.destinations.map(({ id }) => id)));
  return destinations.flatMap(({ id }, at) =>
    used.has(id) ? [] : [warning(['destinations', at], `gets nothing: no customer names ${id}`)],
  );
}

/** What is odd in a valid configuration; `regions` are those with GuardDuty that this release knows. */
export function warningsOf(config: Config, regions: ReadonlySet<string>): readonly Warning[] {
  const ofCustomers = config.customers.flatMap((customer, at) => [
    ...shortRetention(customer, ['customers', at]),
    ...unknownRegions(customer, ['customers', at], regions),
  ]);
  return [...ofCustomers, ...unusedDestinations(config)];
}
