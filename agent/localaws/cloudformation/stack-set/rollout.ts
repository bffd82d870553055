import type { Target } from './stack-set.ts';

/** How a set's operation goes through its targets (API reference, StackSetOperationPreferences). */
export interface Preferences {
  readonly RegionConcurrencyType?: 'SEQUENTIAL' | 'PARALLEL' | undefined;
  readonly RegionOrder?: readonly string[] | undefined;
  readonly FailureToleranceCount?: number | undefined;
  readonly FailureTolerancePercentage?: number | undefined;
  readonly MaxConcurrentCount?: number | undefined;
  readonly MaxConcurrentPercentage?: number | undefined;
  readonly ConcurrencyMode?: 'STRICT_FAILURE_TOLERANCE' | 'SOFT_FAILURE_TOLERANCE' | undefined;
}

/** What is to be done, target by target. */
export interface Rollout<Item extends Target> {
  readonly targets: readonly Item[];
  readonly preferences: Preferences;
  /** Answers whether it succeeded. */
  run(target: Item): Promise<boolean>;
  cancel(target: Item, reason: string): void;
  isStopping(): boolean;
}

const percentOf = (percentage: number, accounts: number): number => Math.floor((accounts * percentage) / 100);

function tolerated({ FailureToleranceCount, FailureTolerancePercentage = 0 }: Preferences, accounts: number) {
  return FailureToleranceCount ?? percentOf(FailureTolerancePercentage, accounts);
}

/** Strict: never more at a time than may fail, plus one. */
function concurrency(preferences: Preferences, accounts: number): number {
  const { MaxConcurrentCount, MaxConcurrentPercentage, ConcurrencyMode } = preferences;
  const byPercentage =
    MaxConcurrentPercentage === undefined ? 1 : percentOf(MaxConcurrentPercentage, accounts);
  const wanted = Math.max(1, MaxConcurrentCount ?? byPercentage);
  return ConcurrencyMode === 'SOFT_FAILURE_TOLERANCE'
    ? wanted
    : Math.min(wanted, tolerated(preferences, accounts) + 1);
}

/** The accounts of one region; answers whether failures stayed within the tolerance. */
async function rollOutRegion<Item extends Target>(
  rollout: Rollout<Item>,
  targets: readonly Item[],
): Promise<boolean> {
  const { preferences, run, cancel, isStopping } = rollout;
  const waiting = targets.values();
  let failuresLeft = tolerated(preferences, targets.length);

  async function work(): Promise<void> {
    for (const target of waiting) {
      if (isStopping()) cancel(target, 'Cancelled since the operation was stopped');
      else if (failuresLeft < 0) cancel(target, 'Cancelled since failure tolerance has exceeded');
      else if (!(await run(target))) failuresLeft -= 1;
    }
  }
  await Promise.all(Array.from({ length: concurrency(preferences, targets.length) }, work));
  return failuresLeft >= 0;
}

function inOrder<Item extends Target>(targets: readonly Item[], { RegionOrder = [] }: Preferences) {
  const regions = new Set([...RegionOrder, ...targets.map(({ region }) => region)]);
  return [...regions].map((wanted) => targets.filter(({ region }) => region === wanted));
}

/**
 * Goes through all targets, region by region or all regions at once; answers whether failures stayed within the
 * tolerance. Sequential regions after one that did not are cancelled.
 */
export async function rollOut<Item extends Target>(rollout: Rollout<Item>): Promise<boolean> {
  const { targets, preferences, cancel } = rollout;
  const regions = inOrder(targets, preferences);
  if (preferences.RegionConcurrencyType === 'PARALLEL') {
    const results = await Promise.all(regions.map((region) => rollOutRegion(rollout, region)));
    return results.every(Boolean);
  }
  let isWithin = true;
  for (const region of regions) {
    if (isWithin) isWithin = await rollOutRegion(rollout, region);
    else for (const target of region) cancel(target, 'Cancelled since failure tolerance has exceeded');
  }
  return isWithin;
}
