import type { LogEvent } from '../model/log-event.ts';

/** What a read has seen so far of its window. */
export interface WindowRead {
  add(events: readonly LogEvent[], bytes: number): void;
  /** As far as positions may follow page by page; undefined once events have come out of order. */
  safeHighWater(): number | undefined;
  totals(): WindowTotals;
}

interface WindowTotals {
  /** Absent: no events. */
  readonly highWater?: number;
  readonly pages: number;
  readonly bytes: number;
}

export function createWindowRead(): WindowRead {
  let pages = 0;
  let bytes = 0;
  let latest = Number.NEGATIVE_INFINITY;
  let highWater = Number.NEGATIVE_INFINITY;
  let isSorted = true;

  function see({ timestamp, ingestionTime }: LogEvent): void {
    isSorted &&= timestamp >= latest;
    latest = Math.max(latest, timestamp);
    // The smaller of the two: an event stamped ahead of its time must not push the window past now.
    highWater = Math.max(highWater, Math.min(timestamp, ingestionTime));
  }

  function safeHighWater(): number | undefined {
    return isSorted && Number.isFinite(highWater) ? highWater : undefined;
  }

  return {
    add(events, pageBytes) {
      pages += 1;
      bytes += pageBytes;
      events.forEach(see);
    },
    safeHighWater,
    totals: () => ({ pages, bytes, ...(Number.isFinite(highWater) ? { highWater } : {}) }),
  };
}
