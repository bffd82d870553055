import { keepNewest } from '../../model/keep-newest.ts';

/** More single records than any window leaves unanswered. */
const MAX_RECORDS = 4_096;
const SUSPECT_AT = 2;
const OUT_AT = 3;

/**
 * What speaks against single records: that the receiver refused them, or hung up while they were unanswered.
 * A suspect is sent alone, so that its last strike can mean no other.
 */
export interface Strikes {
  isSuspect(recordId: string): boolean;
  /** Answers whether it is out. */
  add(recordId: string): boolean;
  clear(recordId: string): void;
}

export function createStrikes(): Strikes {
  const counts = new Map<string, number>();

  return {
    isSuspect: (id) => (counts.get(id) ?? 0) >= SUSPECT_AT,
    add(id) {
      const count = (counts.get(id) ?? 0) + 1;
      counts.delete(id);
      counts.set(id, count);
      keepNewest(counts, MAX_RECORDS);
      return count >= OUT_AT;
    },
    clear(id) {
      counts.delete(id);
    },
  };
}
