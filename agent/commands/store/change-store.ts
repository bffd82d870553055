import { join } from 'node:path';

import { openSqliteStore } from '../../checkpoint/sqlite-store.ts';
import type { CheckpointStore, Holder } from '../../checkpoint/store.ts';
import { systemClock } from '../../model/clock.ts';
import { EXIT, GuardrelayError } from '../../model/error.ts';

/** Changes checkpoints by hand, beside a running agent or without one; makes the store where there is none. */
export async function changeStore<T>(
  dataDir: string,
  change: (store: CheckpointStore) => Promise<T>,
): Promise<T> {
  const path = join(dataDir, 'state.db');
  const store = await openSqliteStore({ path, clock: systemClock, refuseDamaged: true });
  try {
    return await change(store);
  } finally {
    await store.close();
  }
}

/** An agent has what was to be changed. */
export function heldByAgent(holders: readonly Holder[]): GuardrelayError {
  const [first] = holders;
  const others = holders.length > 1 ? ` and ${holders.length - 1} more` : '';
  return new GuardrelayError(
    'AGT-003',
    `changing the checkpoint of ${first?.source}${others}: the agent ${first?.owner} reads it now. Nothing was changed`,
    {
      exitCode: EXIT.attention,
      fix: 'Stop the agent and repeat the command. Between two reads of a source it works beside a running agent, too.',
    },
  );
}
