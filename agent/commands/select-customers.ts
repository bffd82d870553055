import { closest } from '../config/closest.ts';
import type { Config } from '../config/config.ts';
import { EXIT, GuardrelayError } from '../model/error.ts';

/** The configuration with only the customers of `--customer`; absent means all. */
export function selectCustomers(config: Config, ids: readonly string[] | undefined): Config {
  if (ids === undefined) return config;
  const known = config.customers.map(({ id }) => id);
  const unknown = ids.find((id) => !known.includes(id));
  if (unknown !== undefined) {
    const meant = closest(unknown, known);
    const guess = meant === undefined ? '.' : `; did you mean ${meant}?`;
    throw new GuardrelayError('CLI-001', `The configuration has no customer "${unknown}"${guess}`, {
      exitCode: EXIT.usage,
      fix: `Name one or more of: ${known.join(', ')}`,
    });
  }
  return { ...config, customers: config.customers.filter(({ id }) => ids.includes(id)) };
}
