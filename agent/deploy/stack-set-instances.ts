import type { StackInstanceSummary } from '@aws-sdk/client-cloudformation';

import { meetsLogGroup } from './adoption.ts';
import type { Blueprint } from './blueprint.ts';
import type { Place } from './places.ts';
import { placeKey } from './places.ts';
import type { LiveInstance } from './plan.ts';

const WILL_ADOPT = 'its log group is there already and will be adopted';

/** Nothing, where AWS left out what makes it a place. */
export function placeOf({ Account: account, Region: region }: StackInstanceSummary): Place[] {
  return account && region ? [{ account, region }] : [];
}

/** An instance as the next deployment finds it. `upToDate`: the set itself has our definition. */
export function toInstance(
  summary: StackInstanceSummary,
  blueprint: Blueprint,
  upToDate: boolean,
): LiveInstance[] {
  const adopted = meetsLogGroup(summary.StatusReason, blueprint) && { reason: WILL_ADOPT };
  const stack = summary.StackId !== undefined && { stackId: summary.StackId };
  return placeOf(summary).map((place) => ({ ...place, ...stack, ...adopted, ...stateOf(summary, upToDate) }));
}

/** All other instances are fewer, and have nothing to do. */
export function areMost(places: readonly Place[], instances: readonly StackInstanceSummary[]): boolean {
  const meant = new Set(places.map(placeKey));
  const others = instances.filter((summary) => placeOf(summary).some((place) => !meant.has(placeKey(place))));
  return others.length < places.length && others.every(({ Status }) => Status === 'CURRENT');
}

function stateOf(
  { Status, StatusReason, StackInstanceStatus, StackId }: StackInstanceSummary,
  upToDate: boolean,
): Pick<LiveInstance, 'state' | 'reason'> {
  if (Status === 'INOPERABLE') {
    const why = StatusReason ?? 'CloudFormation changes its stack no more';
    return { state: 'stuck', reason: `inoperable: ${why}` };
  }
  if (StackInstanceStatus?.DetailedStatus === 'SKIPPED_SUSPENDED_ACCOUNT') {
    return { state: 'stuck', reason: 'the account is suspended' };
  }
  if (Status === 'CURRENT' && upToDate) return { state: 'current' };
  return { state: upToDate && !StackId ? 'unborn' : 'outdated' };
}
