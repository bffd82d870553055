import type { AwsClients } from '../../aws/clients.ts';
import type { Config } from '../../config/config.ts';
import { proxiesFrom } from '../../config/proxies.ts';
import { readSecret } from '../../config/secret.ts';
import { systemClock } from '../../model/clock.ts';
import { openFinder } from '../../relay/open-finder.ts';
import type { Finder } from '../../ship/finder.ts';
import type { Sight } from './await-ends.ts';

/** How the test looks into each SIEM. */
export interface Sights extends AsyncDisposable {
  of(destination: string): Sight;
}

const CLOSE_MS = 1_000;
const NO_ACCESS = 'no search access configured';

/** Opens what can look into these destinations; `isAsked`: whether anybody wants to know. */
export function openSights(
  { destinations }: Pick<Config, 'destinations'>,
  { clients, isAsked }: { readonly clients: AwsClients; readonly isAsked: boolean },
): Sights {
  const parts = { clock: systemClock, readSecret, clients, proxyFor: proxiesFrom(process.env) };
  const finders = new Map<string, Finder>();
  for (const options of isAsked ? destinations : []) {
    const finder = openFinder(options, parts);
    if (finder) finders.set(options.id, finder);
  }
  return {
    of(destination) {
      if (!isAsked) return { kind: 'unasked' };
      const finder = finders.get(destination);
      return finder ? { kind: 'finder', finder } : { kind: 'none', why: NO_ACCESS };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...finders.values()].map((finder) => finder.close(CLOSE_MS)));
    },
  };
}
