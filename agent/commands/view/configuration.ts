import type { Config } from '../../config/config.ts';
import { secretReference } from '../../model/secret.ts';

const HIDDEN = '***';

/** The configuration with every default. Not even the reference to a secret is shown: it may name a file of the host. */
export function shownConfiguration({
  agent,
  customers,
  destinations,
  http,
}: Config): Record<string, unknown> {
  return { agent, http: shown(http), customers: customers.map(shown), destinations: destinations.map(shown) };
}

function shown(value: unknown): unknown {
  if (secretReference.safeParse(value).success) return HIDDEN;
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shown(inner)]));
}
