import { fullJitterMs } from '../aws/backoff.ts';
import type { ReadCause } from '../model/source-facts.ts';

const MINUTE_MS = 60_000;
const DENIED_MS = [1 * MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS] as const;

/** The least wait after the `failures`-th failure in a row, counted from 1. */
export function leastWaitMs(cause: ReadCause, failures: number): number {
  switch (cause) {
    case 'denied':
      return DENIED_MS[Math.min(failures, DENIED_MS.length) - 1] ?? DENIED_MS[0];
    case 'wrong-class':
      return 15 * MINUTE_MS;
    case 'no-group':
      return MINUTE_MS;
    case 'throttled':
    case 'region-off':
    case 'unreachable':
    case 'kms':
    case 'credentials':
    case 'token':
    case 'service':
      return 0;
  }
}

/** How long a source waits before it is read again, by failures in a row and what the reader asked for. */
export function backoffMs(failures: number, leastMs: number, random: () => number): number {
  return Math.max(leastMs, fullJitterMs(failures - 1, random));
}
