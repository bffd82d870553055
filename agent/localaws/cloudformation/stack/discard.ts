import { needsOf } from '../template/order.ts';
import type { ResourceDesk } from './resource-desk.ts';
import { failureOf, identityOf } from './resource-desk.ts';
import type { ResourceFailure, Stack, StackResource } from './stack.ts';

/** Deletes a resource, or leaves it where it is; answers why it could not. */
export async function discard(
  desk: ResourceDesk,
  stack: Stack,
  { resource, retain }: { resource: StackResource; retain: boolean },
): Promise<ResourceFailure | undefined> {
  const { planned, physicalId } = resource;
  const step = { ...identityOf(planned), physicalId };
  if (retain) {
    desk.record(stack, { ...step, status: 'DELETE_SKIPPED' });
    return undefined;
  }
  desk.record(stack, { ...step, status: 'DELETE_IN_PROGRESS' });
  try {
    await desk.handlerOf(planned).delete(stack.place, physicalId);
    desk.record(stack, { ...step, status: 'DELETE_COMPLETE' });
    return undefined;
  } catch (error) {
    const failure = failureOf(planned, error);
    desk.record(stack, { ...step, status: 'DELETE_FAILED', reason: failure.reason });
    return failure;
  }
}

/**
 * Takes resources out of a stack, last made first, and nothing that one which stays needs; answers why the first of those
 * could not go.
 */
export async function discardAll(
  desk: ResourceDesk,
  stack: Stack,
  { leaving, retain = [] }: { leaving: readonly StackResource[]; retain?: readonly string[] },
): Promise<ResourceFailure | undefined> {
  let failure: ResourceFailure | undefined;
  let needed: ReadonlySet<string> = new Set();
  for (const resource of leaving.toReversed()) {
    const { logicalId, declaration } = resource.planned;
    const isNeeded = needed.has(logicalId);
    const isRetained = declaration.DeletionPolicy !== 'Delete' || retain.includes(logicalId);
    const failed = isNeeded ? undefined : await discard(desk, stack, { resource, retain: isRetained });
    failure ??= failed;
    if (isNeeded || failed) needed = needed.union(needsOf(resource.planned));
    else stack.resources.delete(logicalId);
  }
  return failure;
}
