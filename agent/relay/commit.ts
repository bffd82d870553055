import type { After } from '../checkpoint/store.ts';
import type { Change } from '../model/position.ts';
import { tellRisks } from './retention-alarm.ts';
import type { RunContext } from './run-context.ts';
import { currentFacts } from './source-memory.ts';

const RETRY_MS = 500;

interface Commit {
  readonly changes: readonly Change[];
  readonly after: After;
}

/**
 * Stores changes and facts under the lease of a run. A throw means "result unknown": the identical commit is
 * repeated while the lease lasts, then given up. False: `fenced`, now or before, so another owner has the source.
 */
export async function commit(
  context: RunContext,
  { changes, after }: Commit,
  fenced: AbortController,
): Promise<boolean> {
  const { store, lease, memory, progress, destinations, clock, wake, logger } = context;
  context.beforeCommit();
  const facts = currentFacts(memory, progress, [...destinations.values()]);
  tellRisks(context);
  const all = [...changes, ...memory.heartbeats.changes(lease.source)];
  while (!fenced.signal.aborted) {
    try {
      const [result] = await store.commit([{ lease, changes: all, facts, after }]);
      if (result === 'fenced') {
        fenced.abort();
        return false;
      }
      progress.committed();
      memory.heartbeats.committed();
      return true;
    } catch (error) {
      logger.error('checkpoint could not be written', { source: lease.source, error: String(error) });
      if (clock.monotonic() >= lease.deadline) fenced.abort();
      await wake.wait(RETRY_MS, fenced.signal);
    }
  }
  return false;
}
