import { keepNewest } from '../model/keep-newest.ts';
import type { Batch } from './custody.ts';

// Of those that came again: their owner withdrew them while they were written, and read them anew.
const MAX_CONDEMNED = 10_000;

interface Held {
  /** A single record. */
  readonly batch: Batch;
  readonly why: string;
}

type Verdict = 'split' | 'quarantine' | 'hold';

/** What becomes of a single record that is rejected while the destination takes no other one. */
export type LoneVerdict = Exclude<Verdict, 'split'>;

/**
 * The poison rule. A rejected batch is halved down to single records. A single record is given up only if the
 * destination has taken another one since it first rejected this one; before that the fault may lie in the
 * destination, and the record is held. One that was given up before needs no other one again.
 */
export interface PoisonRule {
  /** Held records. */
  readonly size: number;
  /** What the destination said of the last held record. */
  readonly why: string;
  /** The destination accepted records: the held ones get another chance, and now they can be judged. */
  accepted(records: number): readonly Batch[];
  /** Notes the first rejection of what stands in a batch. */
  rejected(batch: Batch): void;
  verdict(batch: Batch): Verdict;
  hold(batch: Batch, why: string): void;
  /** Takes out the record that was held the longest. */
  next(): Batch | undefined;
  remove(batch: Batch): void;
}

export function createPoisonRule(lone: LoneVerdict = 'hold'): PoisonRule {
  let held: readonly Held[] = [];
  let acceptedRecords = 0;
  const condemned = new Set<string>();

  function condemn(id: string): void {
    condemned.add(id);
    keepNewest(condemned, MAX_CONDEMNED);
  }

  return {
    get size() {
      return held.length;
    },
    get why() {
      return held.at(-1)?.why ?? '';
    },
    accepted(records) {
      acceptedRecords += records;
      const batches = held.map(({ batch }) => batch);
      held = [];
      return batches;
    },
    rejected(batch) {
      batch.rejectedAt ??= acceptedRecords;
    },
    verdict(batch) {
      const [item, ...others] = batch.items;
      if (!item || others.length > 0) return 'split';
      const { id } = item.submission.record;
      if (acceptedRecords > (batch.rejectedAt ?? acceptedRecords)) condemn(id);
      return condemned.has(id) ? 'quarantine' : lone;
    },
    hold(batch, why) {
      batch.place = 'held';
      held = [...held, { batch, why }];
    },
    next() {
      const [first, ...rest] = held;
      held = rest;
      return first?.batch;
    },
    remove(batch) {
      held = held.filter((entry) => entry.batch !== batch);
    },
  };
}
