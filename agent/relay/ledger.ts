import { Buffer } from 'node:buffer';

/** An event that one destination has finished, ready to be committed. */
interface FinishedEvent {
  readonly key: Uint8Array;
  /** Event time, epoch ms. */
  readonly timestamp: number;
}

/**
 * What one destination has been handed of one source and not finished. Counts log events, not records:
 * an event is finished when the last record made from it is. No I/O.
 */
export interface Ledger {
  /** `parts`: how many records of the event this destination gets. */
  enter(key: Uint8Array, timestamp: number, parts: number): void;
  /** In flight, or finished and not yet in the store: a read that looked there before must not send it again. */
  knows(key: Uint8Array): boolean;
  /** One record of the event became final or stands in quarantine. */
  settle(key: Uint8Array): void;
  readonly waiting: number;
  /** How many events were entered so far: a mark for `settledBefore`. */
  readonly entered: number;
  /** Whether every event entered before this mark is finished. */
  settledBefore(mark: number): boolean;
  /** Smallest event time that is not finished. */
  oldest(): number | undefined;
  /** The destination was split off: what it has in flight is no longer waited for. */
  forget(): void;
  /** Events finished since the last call; they stay known until they are `committed`. */
  takeFinished(): readonly FinishedEvent[];
  /** The store has what was taken. */
  committed(): void;
}

interface Entry {
  readonly key: Uint8Array;
  readonly timestamp: number;
  readonly number: number;
  parts: number;
}

function nameOf(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1');
}

export function createLedger(): Ledger {
  const entries = new Map<string, Entry>();
  const uncommitted = new Set<string>();
  let finished: FinishedEvent[] = [];
  let taken: readonly FinishedEvent[] = [];
  let entered = 0;

  return {
    enter(key, timestamp, parts) {
      entries.set(nameOf(key), { key, timestamp, parts, number: entered });
      entered += 1;
    },
    knows(key) {
      const name = nameOf(key);
      return entries.has(name) || uncommitted.has(name);
    },
    settle(key) {
      const name = nameOf(key);
      const entry = entries.get(name);
      if (!entry) return;
      entry.parts -= 1;
      if (entry.parts > 0) return;
      entries.delete(name);
      uncommitted.add(name);
      finished.push({ key: entry.key, timestamp: entry.timestamp });
    },
    get waiting() {
      return entries.size;
    },
    get entered() {
      return entered;
    },
    // A Map keeps the order of entry, so its first entry is the oldest one.
    settledBefore(mark) {
      const first = entries.values().next();
      return first.done === true || first.value.number >= mark;
    },
    // A walk per commit: the entries are bounded by the destination's room, and commits by the store's fsync.
    oldest() {
      let oldest: number | undefined;
      for (const { timestamp } of entries.values()) {
        if (oldest === undefined || timestamp < oldest) oldest = timestamp;
      }
      return oldest;
    },
    forget() {
      entries.clear();
    },
    takeFinished() {
      taken = finished;
      finished = [];
      return taken;
    },
    committed() {
      for (const { key } of taken) uncommitted.delete(nameOf(key));
      taken = [];
    },
  };
}
