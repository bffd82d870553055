import type { Config } from '../../config/config.ts';
import { shownConfig } from '../../config/shown-config.ts';

const HIDDEN = '***';

/** The configuration with every default. Not even the reference to a secret is shown: it may name a file of the host. */
export function shownConfiguration({
  agent,
  customers,
  destinations,
  notify,
  http,
}: Config): Record<string, unknown> {
  const lists = {
    customers: customers.map(shown),
    destinations: destinations.map(shown),
    notify: notify.map(shown),
  };
  return { agent, http: shown(http), ...lists };
}

function shown(value: unknown): unknown {
  return shownConfig(value, () => HIDDEN);
}
