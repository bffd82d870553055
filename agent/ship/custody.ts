import type { SealedBatch } from '../model/batch.ts';
import type { Logger } from '../model/logger.ts';
import type { Delivered, Submission } from './shipper.ts';

/** One submitted record, from `submit` until it is told, or withdrawn and forgotten. */
export interface Item {
  readonly submission: Submission;
  /** Milliseconds of the monotonic clock. */
  readonly queuedAt: number;
  /** Undefined while it waits to be sealed. */
  batch: Batch | undefined;
  withdrawn: boolean;
  gone: boolean;
}

/** Records sealed together. */
export interface Batch {
  readonly sealed: SealedBatch;
  readonly items: readonly Item[];
  /** Older batches have smaller numbers; the halves of a batch keep its number. */
  readonly order: number;
  /** Items that nobody has withdrawn. */
  live: number;
  place: 'waiting' | 'wire' | 'settling' | 'held' | 'gone';
  /** How many records the destination had accepted when it first rejected these. */
  rejectedAt: number | undefined;
}

/** Whose records the shipper holds, and how many bytes they are. */
export interface Custody {
  readonly records: number;
  readonly bytes: number;
  take(submission: Submission, nowMs: number): Item;
  /** The end of these items: frees them, then tells their owners. */
  finish(items: readonly Item[], result: Delivered): void;
  /** The end of withdrawn items: frees them. */
  drop(items: readonly Item[]): void;
  /** Marks everything of this owner as withdrawn. */
  withdraw(owner: object): readonly Item[];
}

export function createCustody(logger: Logger): Custody {
  const owned = new Map<object, Set<Item>>();
  let records = 0;
  let bytes = 0;

  function free(item: Item): void {
    if (item.gone) return;
    item.gone = true;
    records -= 1;
    bytes -= item.submission.record.bytes.length;
  }

  function disown(item: Item): void {
    const { owner } = item.submission;
    const items = owned.get(owner);
    items?.delete(item);
    if (items?.size === 0) owned.delete(owner);
  }

  function tell(item: Item, result: Delivered): void {
    // An owner may withdraw while it is being told of another record.
    if (item.withdrawn) return;
    disown(item);
    try {
      item.submission.done(result);
    } catch (error) {
      logger.error('an owner failed to note an outcome', { error });
    }
  }

  return {
    get records() {
      return records;
    },
    get bytes() {
      return bytes;
    },
    take(submission, nowMs) {
      const item: Item = { submission, queuedAt: nowMs, batch: undefined, withdrawn: false, gone: false };
      const items = owned.get(submission.owner);
      if (items) items.add(item);
      else owned.set(submission.owner, new Set([item]));
      records += 1;
      bytes += submission.record.bytes.length;
      return item;
    },
    finish(items, result) {
      for (const item of items) free(item);
      for (const item of items) tell(item, result);
    },
    drop(items) {
      for (const item of items) free(item);
    },
    withdraw(owner) {
      const items = [...(owned.get(owner) ?? [])];
      owned.delete(owner);
      for (const item of items) item.withdrawn = true;
      return items;
    },
  };
}
