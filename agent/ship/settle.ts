import type { Grade } from '../model/outcome.ts';
import type { Batch } from './custody.ts';

interface Settling {
  readonly batch: Batch;
  readonly grade: Grade;
  /** By the monotonic clock. */
  readonly finalAt: number;
}

/**
 * Batches that the destination took but that are not final: it may still die with them in its memory.
 * They become final by a proof of life after their time, and go back, all of them, by any failure before.
 */
export interface SettleWindow {
  readonly size: number;
  /** When the first needs a proof of life. */
  readonly dueAt: number | undefined;
  add(settling: Settling): void;
  /** The destination was asked something at `askedAt`, and answered: takes out what that makes final. */
  proved(askedAt: number): readonly Settling[];
  /** The destination failed: takes out everything, oldest first. */
  failed(): readonly Batch[];
  remove(batch: Batch): void;
}

export function createSettleWindow(): SettleWindow {
  let settling: readonly Settling[] = [];

  return {
    get size() {
      return settling.length;
    },
    get dueAt() {
      return settling[0]?.finalAt;
    },
    add(entry) {
      entry.batch.place = 'settling';
      settling = [...settling, entry].sort((one, other) => one.finalAt - other.finalAt);
    },
    proved(askedAt) {
      const final = settling.filter(({ finalAt }) => finalAt <= askedAt);
      if (final.length > 0) settling = settling.slice(final.length);
      return final;
    },
    failed() {
      const batches = settling.map(({ batch }) => batch);
      settling = [];
      return batches;
    },
    remove(batch) {
      settling = settling.filter((entry) => entry.batch !== batch);
    },
  };
}
