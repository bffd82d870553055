import type { Lease } from '../checkpoint/store.ts';

// A log group may be made anew under its name, or keep its events for another time, while it is read: so it is
// looked at again each hour or so. The looks are spread, so that thousands of sources do not begin with one each.
const EVERY_MS = 3_600_000;

/** No log group keeps its events for less. */
const LEAST_RETENTION_MS = 24 * 3_600_000;

/** Ms until the group of a source that was read by an earlier run of the agent must be looked at; 0: before it is read. */
export function firstGroupCheckMs(
  saved: NonNullable<Lease['saved']>,
  now: number,
  random: () => number,
): number {
  return mayHaveExpired(saved, now) ? 0 : EVERY_MS * random();
}

/** Ms until it is looked at again. */
export function nextGroupCheckMs(random: () => number): number {
  return EVERY_MS * (0.5 + random());
}

/**
 * Whether events may be gone before a destination had them: then it must be known at once for how long the group
 * keeps them. A clock that stands before the last read proves nothing.
 */
function mayHaveExpired({ state, positions }: NonNullable<Lease['saved']>, now: number): boolean {
  const unfinished = positions.filter(({ mode, floor }) => mode === 'behind' || floor < state.highWater);
  const oldest = Math.min(state.lastReadAt, ...unfinished.map(({ floor }) => floor));
  return now < state.lastReadAt || now - oldest >= LEAST_RETENTION_MS;
}
