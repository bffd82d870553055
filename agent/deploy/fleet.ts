import type { DriftCheck } from './drift-check.ts';
import type { Place } from './places.ts';
import type { LiveInstance } from './plan.ts';
import type { InstanceResult } from './result.ts';

/** What AWS has of a deployment. */
export interface LiveFleet {
  readonly exists: boolean;
  readonly instances: readonly LiveInstance[];
  /** Work of an earlier run is still going on. */
  readonly busy: boolean;
  /** To change one of the stacks makes all others OUTDATED: the set has another definition than ours. */
  readonly changesAsOne?: boolean;
}

/** What AWS has once no earlier run's work is going on, and what became of that work. */
export interface SettledFleet {
  readonly live: LiveFleet;
  readonly results: readonly InstanceResult[];
}

/** Waits for the work of earlier runs, so that a plan can be made. */
export async function settle(fleet: Fleet): Promise<SettledFleet> {
  const live = await fleet.inspect();
  if (!live.busy) return { live, results: [] };
  const results = await fleet.attach();
  return { live: await fleet.inspect(), results };
}

/** All stacks of one deployment: a StackSet, or plain stacks, one in each region. */
export interface Fleet {
  /** Reads what exists. Refuses what belongs to somebody else. */
  inspect(): Promise<LiveFleet>;
  /** Waits for the work of an earlier run. */
  attach(): Promise<readonly InstanceResult[]>;
  create(places: readonly Place[]): Promise<readonly InstanceResult[]>;
  update(places: readonly Place[]): Promise<readonly InstanceResult[]>;
  /** What becomes of the log groups is for the template to say that the stacks have. */
  remove(places: readonly Place[]): Promise<readonly InstanceResult[]>;
  /** Takes what could not be removed out of the fleet, and leaves its stacks where they are. */
  release(places: readonly Place[]): Promise<readonly InstanceResult[]>;
  /** The places whose stack writes into a log group that was there before it. */
  adopters(): Promise<readonly Place[]>;
  /** Removes the StackSet itself, once it is empty. */
  dissolve(): Promise<void>;
  /** Lets CloudFormation compare these stacks with what they were made from, and waits. */
  detectDrift(places: readonly Place[]): Promise<readonly DriftCheck[]>;
}
