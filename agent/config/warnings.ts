import type { ErrorCode } from '../model/error.ts';
import type { Config, ResolvedCustomer } from './config.ts';
import type { ConfigPath } from './mistake.ts';

/** Something that is allowed but seldom meant. */
export interface Warning {
  readonly path: ConfigPath;
  /** A sentence whose subject is the path. */
  readonly text: string;
  /** The page that says more. */
  readonly code?: ErrorCode;
}

/** A destination that is down over a weekend needs as much, and so does whoever wants it replayed. */
const LEAST_RETENTION_DAYS = 3;
const DAY_MINUTES = 24 * 60;

/**
 * Why the log groups of a customer forget too soon: a sentence whose subject is `stack.retentionDays`. Of the log group
 * of others nothing is known here.
 */
export function retentionFault({ stack, late }: ResolvedCustomer): string | undefined {
  const { mode, retentionDays: days } = stack;
  if (mode === 'existing') return undefined;
  if (days < LEAST_RETENTION_DAYS) {
    return `loses what a destination has not taken after ${days} days; 30 is usual`;
  }
  const sweepDays = Math.max(...late.sweeps.map(({ windowMinutes }) => windowMinutes)) / DAY_MINUTES;
  if (days >= sweepDays) return undefined;
  return `is ${days} days, but the longest of late.sweeps looks ${sweepDays.toFixed(1)} days back`;
}

function shortRetention(customer: ResolvedCustomer, path: ConfigPath): readonly Warning[] {
  const text = retentionFault(customer);
  if (text === undefined) return [];
  return [{ path: [...path, 'stack', 'retentionDays'], text, code: 'CFG-008' }];
}

function unknownRegions(
  customer: ResolvedCustomer,
  path: ConfigPath,
  known: ReadonlySet<string>,
): readonly Warning[] {
  const named = Array.isArray(customer.regions) ? customer.regions : [];
  return named.flatMap((region, at) => {
    const text = `is no region with GuardDuty that this release knows: ${region}`;
    return known.has(region) ? [] : [{ path: [...path, 'regions', at], text }];
  });
}

function unusedDestinations({ customers, destinations }: Config): readonly Warning[] {
  const used = new Set(customers.flatMap((customer) => customer.destinations.map(({ id }) => id)));
  return destinations.flatMap(({ id }, at) =>
    used.has(id) ? [] : [{ path: ['destinations', at], text: `gets nothing: no customer names ${id}` }],
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
