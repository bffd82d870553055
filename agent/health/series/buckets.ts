/** Upper bounds of durations in seconds; what is longer than the last counts as that long. */
export const BOUNDS = [
  ...[
    0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 3, 5, 8, 12, 20, 30, 45, 60, 90, 120, 180, 300, 600,
  ],
  ...[900, 1_800, 3_600, 7_200, 21_600, 86_400],
] as const;

/** Percentiles of one cell, in seconds. */
export interface Quantiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** In which place of a row a duration is counted. */
export function bucketOf(seconds: number): number {
  const at = BOUNDS.findIndex((bound) => seconds <= bound);
  return at === -1 ? BOUNDS.length - 1 : at;
}

/** As exact as the bounds are; undefined: nothing was counted. */
export function quantilesOf(counts: readonly number[]): Quantiles | undefined {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return undefined;
  const at = (share: number): number => quantile(counts, share * total);
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

/** Within a bucket the durations are taken to lie evenly. */
function quantile(counts: readonly number[], rank: number): number {
  let below = 0;
  for (const [at, count] of counts.entries()) {
    if (below + count >= rank && count > 0) {
      const from = BOUNDS[at - 1] ?? 0;
      const to = BOUNDS[at] ?? from;
      return from + ((rank - below) / count) * (to - from);
    }
    below += count;
  }
  return BOUNDS[BOUNDS.length - 1] ?? 0;
}
