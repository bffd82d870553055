import type { Clock } from '../model/clock.ts';
import type { CommitCall } from './commits.ts';
import type { CommitItem, StoreResult } from './store.ts';

const MAX_ITEMS = 200;

/** Collects commits that come at about the same time, so that many sources share one fsync. */
export interface CommitQueue {
  add(items: readonly CommitItem[]): Promise<readonly StoreResult[]>;
  /** Stores what has been collected, now. */
  flush(): void;
}

interface CommitQueueOptions {
  readonly clock: Clock;
  /** How long the first of a group waits for others. */
  readonly waitMs: number;
  /** Settles each call; never throws. */
  store(calls: readonly CommitCall[]): void;
}

export function createCommitQueue({ clock, waitMs, store }: CommitQueueOptions): CommitQueue {
  let calls: CommitCall[] = [];
  let items = 0;

  function flush(): void {
    if (calls.length === 0) return;
    const group = calls;
    calls = [];
    items = 0;
    store(group);
  }

  return {
    add(added) {
      const { promise, resolve, reject } = Promise.withResolvers<readonly StoreResult[]>();
      calls.push({ items: added, askedAt: clock.monotonic(), resolve, reject });
      items += added.length;
      if (items >= MAX_ITEMS || waitMs === 0) flush();
      else if (calls.length === 1) void clock.sleep(waitMs).then(flush);
      return promise;
    },
    flush,
  };
}
