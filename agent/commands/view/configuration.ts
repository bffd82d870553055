import type { Config } from '../../config/config.ts';
import { shownConfig } from '../../config/shown-config.ts';

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
  return shownConfig(value, () => HIDDEN);
}
