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
  /** The same where nobody waits for it: an fsync for each quiet poll would keep a disk busy. */
  readonly releaseWaitMs: number;
  /** Settles each call; never throws. */
  store(calls: readonly CommitCall[]): void;
}

export function createCommitQueue({ clock, store, ...waits }: CommitQueueOptions): CommitQueue {
  let calls: CommitCall[] = [];
  let items = 0;
  let flushAt = Number.POSITIVE_INFINITY;

  function flush(): void {
    flushAt = Number.POSITIVE_INFINITY;
    if (calls.length === 0) return;
    const group = calls;
    calls = [];
    items = 0;
    store(group);
  }

  /** A timer that comes too early for a later group does no harm. */
  function flushWithin(waitMs: number): void {
    const at = clock.monotonic() + waitMs;
    if (at >= flushAt) return;
    flushAt = at;
    void clock.sleep(waitMs).then(flush);
  }

  return {
    add(added) {
      const { promise, resolve, reject } = Promise.withResolvers<readonly StoreResult[]>();
      calls.push({ items: added, askedAt: clock.monotonic(), resolve, reject });
      items += added.length;
      const waitMs = added.every(({ after }) => after.kind === 'release')
        ? waits.releaseWaitMs
        : waits.waitMs;
      if (items >= MAX_ITEMS || waitMs === 0) flush();
      else flushWithin(waitMs);
      return promise;
    },
    flush,
  };
}
