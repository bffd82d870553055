import { closest } from '../config/closest.ts';
import type { Config } from '../config/config.ts';
import { EXIT, GuardrelayError } from '../model/error.ts';

/** The configuration with only one destination, and the routes to it; absent means all. */
export function selectDestination(config: Config, id: string | undefined): Config {
  if (id === undefined) return config;
  const known = config.destinations.map((destination) => destination.id);
  if (!known.includes(id)) throw unknownDestination(id, known);
  return {
    ...config,
    destinations: config.destinations.filter((destination) => destination.id === id),
    customers: config.customers.map((customer) => ({
      ...customer,
      destinations: customer.destinations.filter((route) => route.id === id),
    })),
  };
}

/** Nobody knows a destination of this id; perhaps it is mistyped. */
export function unknownDestination(id: string, known: readonly string[]): GuardrelayError {
  const meant = closest(id, known);
  const guess = meant === undefined ? '.' : `; did you mean ${meant}?`;
  return new GuardrelayError('CLI-001', `The configuration has no destination "${id}"${guess}`, {
    exitCode: EXIT.usage,
    fix: `Name one of: ${known.join(', ')}`,
  });
}
