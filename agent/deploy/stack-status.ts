import type { Stack } from '@aws-sdk/client-cloudformation';

import type { ErrorCode } from '../model/error.ts';
import type { Blueprint } from './blueprint.ts';
import { isUpToDate } from './blueprint.ts';
import type { LiveInstance } from './plan.ts';

/** A stack as the next deployment finds it; `busy`: an earlier run's work is going on. */
export interface StackState {
  readonly state: LiveInstance['state'] | 'absent' | 'busy';
  readonly reason?: string;
  readonly code?: ErrorCode;
}

/** What a stack's status means for the next deployment. */
export function stackState(stack: Stack | undefined, blueprint: Blueprint): StackState {
  if (!stack) return { state: 'absent' };
  const status = stack.StackStatus ?? 'unknown';
  // A change set that was never executed leaves a stack without resources.
  if (status === 'REVIEW_IN_PROGRESS') return { state: 'unborn' };
  if (status.endsWith('_IN_PROGRESS')) return { state: 'busy' };
  if (status === 'UPDATE_ROLLBACK_COMPLETE') return { state: 'outdated' };
  if (isSettled(status)) return { state: isUpToDate(blueprint, stack) ? 'current' : 'outdated' };
  return { state: 'stuck', reason: `its stack is ${status}` };
}

/** The stack has what was asked for: neither failed nor rolled back. */
export function isSettled(status: string): boolean {
  return ['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'IMPORT_COMPLETE'].includes(status);
}
