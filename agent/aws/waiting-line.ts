/** What a call is for, the most urgent first. */
export type Rank = 'poll' | 'sweep' | 'catch-up' | 'replay';

/** One call that waits. */
export interface Waiter {
  readonly rank: Rank;
  readonly logGroup: string;
  /** Its turn has come, or it gives up: it is out of the line by then. */
  readonly leave: () => void;
}

/** Who goes next: by rank, within a rank the log groups in turn, within a group first come, first served. */
export interface WaitingLine {
  readonly isEmpty: boolean;
  enter(waiter: Waiter): void;
  remove(waiter: Waiter): void;
  next(): Waiter | undefined;
}

const RANKS: readonly Rank[] = ['poll', 'sweep', 'catch-up', 'replay'];
/** Who goes first at each of five turns, if it waits: so each rank that waits gets at least one of five. */
const TURNS: readonly Rank[] = ['poll', 'poll', 'sweep', 'catch-up', 'replay'];

export function createWaitingLine(): WaitingLine {
  const ranks = new Map<Rank, Map<string, Set<Waiter>>>();
  let turn = 0;

  function groupsOf(rank: Rank): Map<string, Set<Waiter>> {
    const groups = ranks.get(rank) ?? new Map<string, Set<Waiter>>();
    ranks.set(rank, groups);
    return groups;
  }

  function enter(waiter: Waiter): void {
    const groups = groupsOf(waiter.rank);
    const waiters = groups.get(waiter.logGroup) ?? new Set();
    groups.set(waiter.logGroup, waiters.add(waiter));
  }

  function remove(waiter: Waiter): void {
    const groups = groupsOf(waiter.rank);
    const waiters = groups.get(waiter.logGroup);
    waiters?.delete(waiter);
    if (waiters?.size === 0) groups.delete(waiter.logGroup);
    if (groups.size === 0) ranks.delete(waiter.rank);
  }

  function firstOf(rank: Rank): Waiter | undefined {
    return first(first(ranks.get(rank)?.values())?.values());
  }

  /** The others of its group go behind those of the other groups. */
  function step({ rank, logGroup }: Waiter): void {
    const groups = ranks.get(rank);
    const waiters = groups?.get(logGroup);
    if (!waiters) return;
    groups?.delete(logGroup);
    groups?.set(logGroup, waiters);
  }

  return {
    get isEmpty() {
      return ranks.size === 0;
    },
    enter,
    remove,
    next() {
      const favoured = TURNS[turn % TURNS.length] ?? 'poll';
      turn += 1;
      const waiter = [favoured, ...RANKS].map(firstOf).find((each) => each !== undefined);
      if (waiter) {
        remove(waiter);
        step(waiter);
      }
      return waiter;
    },
  };
}

function first<T>(values: Iterator<T> | undefined): T | undefined {
  const step = values?.next();
  return step?.done === false ? step.value : undefined;
}
