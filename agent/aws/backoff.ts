const BASE_MS = 5_000;
const CAP_MS = 5 * 60_000;

/** Full jitter: anything up to 5 s × 2^attempt, at most 5 minutes. `attempt` counts from 0. */
export function fullJitterMs(attempt: number, random: () => number): number {
  return Math.round(random() * Math.min(CAP_MS, BASE_MS * 2 ** attempt));
}
