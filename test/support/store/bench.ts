import type { Test } from 'tap';

import type { CheckpointStore } from '../../../agent/checkpoint/store.ts';
import type { VirtualClock } from '../virtual-clock.ts';

/** An empty store of one kind, and the clock that it lives by. */
export interface StoreBench {
  readonly clock: VirtualClock;
  /** One more handle on the same rows, closed after the test. */
  open(): Promise<CheckpointStore>;
  /** Leaves the schema number of a release to come. */
  raiseSchema(): Promise<void>;
}

export type Bench = (t: Test) => StoreBench;
