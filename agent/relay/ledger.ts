import { Buffer } from 'node:buffer';

import type { LogEvent } from '../model/log-event.ts';
import type { EventCounts } from '../model/position.ts';

/** An event that one destination has finished, ready to be committed. */
export interface FinishedEvent extends EventTimes {
  readonly key: Uint8Array;
  readonly counts?: EventCounts;
  /** The destination refused a record of it. */
  readonly isRefused?: true;
}

/** Epoch ms. What does not come from the log group was never ingested. */
type EventTimes = Pick<LogEvent, 'timestamp'> & Partial<Pick<LogEvent, 'ingestionTime'>>;

/** How many records of an event a destination gets, and what they are. */
interface Parts {
  readonly records: number;
  /** Absent: nothing that is counted. */
  readonly counts?: EventCounts | undefined;
}

/**
 * What one destination has been handed of one source and not finished. Counts log events, not records:
 * an event is finished when the last record made from it is. No I/O.
 */
export interface Ledger {
  enter(key: Uint8Array, times: EventTimes, parts: Parts): void;
  /** In flight, or finished and not yet in the store: a read that looked there before must not send it again. */
  knows(key: Uint8Array): boolean;
  /** One record of the event became final or, refused, stands in quarantine. */
  settle(key: Uint8Array, isRefused?: boolean): void;
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
  event: FinishedEvent;
  readonly number: number;
  parts: number;
}

/** Of a whole log event, without its text. */
function timesOf({ timestamp, ingestionTime }: EventTimes): EventTimes {
  return ingestionTime === undefined ? { timestamp } : { timestamp, ingestionTime };
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
    enter(key, times, { records, counts }) {
      const event = { key, ...timesOf(times), ...(counts && { counts }) };
      entries.set(nameOf(key), { event, parts: records, number: entered });
      entered += 1;
    },
    knows(key) {
      const name = nameOf(key);
      return entries.has(name) || uncommitted.has(name);
    },
    settle(key, isRefused = false) {
      const name = nameOf(key);
      const entry = entries.get(name);
      if (!entry) return;
      if (isRefused) entry.event = { ...entry.event, isRefused };
      entry.parts -= 1;
      if (entry.parts > 0) return;
      entries.delete(name);
      uncommitted.add(name);
      finished.push(entry.event);
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
      for (const { event } of entries.values()) {
        if (oldest === undefined || event.timestamp < oldest) oldest = event.timestamp;
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
