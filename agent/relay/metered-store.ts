import type { CheckpointStore } from '../checkpoint/store.ts';
import type { CommitMeter } from '../health/commit-meter.ts';

/** A store whose commits are counted. */
export function meteredStore(store: CheckpointStore, meter: Pick<CommitMeter, 'committed'>): CheckpointStore {
  return {
    ...store,
    async commit(items) {
      try {
        const results = await store.commit(items);
        for (const result of results) meter.committed(result, 1);
        return results;
      } catch (error) {
        meter.committed('failed', items.length);
        throw error;
      }
    },
  };
}
