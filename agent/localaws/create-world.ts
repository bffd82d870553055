import { createHash } from 'node:crypto';

import type { Clock } from '../model/clock.ts';
import { createAccounts } from './accounts.ts';
import { createFaults } from './faults.ts';
import { createOrganizations } from './organizations.ts';
import { createPrincipals } from './principals.ts';
import type { World } from './world.ts';

/** Ids that differ between calls and, by the start time, between worlds; the same run gives the same ids. */
function createIds(seed: string): () => string {
  let count = 0;
  return () => {
    count += 1;
    const hex = createHash('sha256').update(`${seed}/${count}`).digest('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  };
}

/** A world without accounts. */
export function createWorld(clock: Clock): World {
  const nextId = createIds(`${clock.now()}`);
  const accounts = createAccounts();
  const principals = createPrincipals({ clock, accounts, nextId });
  const organizations = createOrganizations();
  return { clock, accounts, principals, organizations, faults: createFaults(), nextId };
}
