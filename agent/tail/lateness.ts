import type { LogEvent } from '../model/log-event.ts';

const SECOND_MS = 1_000;
const LONGEST_MS = 14 * 24 * 3_600 * SECOND_MS;
/** Thirty late events in a row take it from a second to five minutes. */
const STEP = 0.2;
const SHARE_ABOVE = 0.01;

/**
 * The running 99th percentile of how late AWS took events, after some more of them. It rises by each that is later
 * and falls by each that is not, 99 times less: so it rests where one in a hundred is later, and one number is all
 * that is kept.
 */
export function latenessAfter(p99Ms: number | undefined, events: readonly LogEvent[]): number {
  let estimate = p99Ms ?? SECOND_MS;
  for (const { timestamp, ingestionTime } of events) {
    const isLater = ingestionTime - timestamp > estimate;
    estimate *= Math.exp(STEP * (isLater ? 1 - SHARE_ABOVE : -SHARE_ABOVE));
    estimate = Math.min(LONGEST_MS, Math.max(SECOND_MS, estimate));
  }
  return Math.round(estimate);
}
