import type { Lease } from '../checkpoint/store.ts';
import type { Destination } from './destination.ts';

// A log group may be made anew under its name, or keep its events for another time, while it is read: so it is
// looked at again each hour or so. The looks are spread, so that thousands of sources do not begin with one each.
const EVERY_MS = 3_600_000;

/** No log group keeps its events for less. */
const LEAST_RETENTION_MS = 24 * 3_600_000;

type Saved = NonNullable<Lease['saved']>;

/** Ms until the group of a source that was read by an earlier run of the agent must be looked at; 0: before it is read. */
export function firstGroupCheckMs(saved: Saved, now: number, random: () => number): number {
  return isUnfinished(saved) || mayHaveExpired(saved, now) ? 0 : EVERY_MS * random();
}

/** Ms until it is looked at again. */
export function nextGroupCheckMs(random: () => number): number {
  return EVERY_MS * (0.5 + random());
}

/** What a destination has not had may have gone with the group: to be known before it is read for. */
function isUnfinished({ state, positions }: Saved): boolean {
  return positions.some(({ mode, floor }) => mode === 'behind' || floor < state.highWater);
}

/**
 * Whether events may be gone before they were read: then it must be known at once for how long the group keeps them.
 * A clock that stands before the last read proves nothing.
 */
function mayHaveExpired({ state }: Saved, now: number): boolean {
  return now < state.lastReadAt || now - state.lastReadAt >= LEAST_RETENTION_MS;
}

/** Whether a destination that is behind will be read for: it takes records again. */
export function isToCatchUp(
  saved: Saved | undefined,
  destinations: ReadonlyMap<string, Destination>,
): boolean {
  return (saved?.positions ?? []).some(
    ({ mode, destination }) =>
      mode === 'behind' && destinations.get(destination)?.shipper.status().circuit === 'closed',
  );
}
