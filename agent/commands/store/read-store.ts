import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { openSqliteStore } from '../../checkpoint/sqlite-store.ts';
import type { CheckpointStore } from '../../checkpoint/store.ts';
import { systemClock } from '../../model/clock.ts';
import { EXIT, GuardrelayError } from '../../model/error.ts';

/** Looks into the store of an agent, running or not; changes nothing. */
export async function readStore<T>(
  dataDir: string,
  look: (
    store: Pick<CheckpointStore, 'inspect' | 'snapshot' | 'secret' | 'mutes' | 'regionsOff'>,
  ) => Promise<T>,
): Promise<T> {
  if (!hasStore(dataDir)) throw neverRan(dataDir);
  const path = join(dataDir, 'state.db');
  const store = await openSqliteStore({ path, clock: systemClock, readOnly: true });
  try {
    return await look(store);
  } finally {
    await store.close();
  }
}

/** Some agent has run with this data directory. */
export function hasStore(dataDir: string): boolean {
  return existsSync(join(dataDir, 'state.db'));
}

/** No agent has run with this data directory. */
export function neverRan(dataDir: string): GuardrelayError {
  return new GuardrelayError(
    'AGT-002',
    `There is no store in ${dataDir}: no agent has run with this configuration`,
    {
      exitCode: EXIT.attention,
      fix: 'Start the agent with: guardrelay run',
    },
  );
}
