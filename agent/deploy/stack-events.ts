import type { StackEvent } from '@aws-sdk/client-cloudformation';

/** Consequences of another failure, not causes. */
const CONSEQUENCE = /cancelled|The following resource\(s\) failed/i;

/** Why the last operation on a stack failed: the first resource that did. Events come newest first. */
export function failureReason(events: readonly StackEvent[]): string | undefined {
  const begun = events.findIndex(({ ResourceStatusReason }) => ResourceStatusReason === 'User Initiated');
  const lastOperation = begun === -1 ? events : events.slice(0, begun);
  const cause = lastOperation.findLast(
    ({ ResourceStatus, ResourceStatusReason }) =>
      ResourceStatus?.endsWith('_FAILED') && ResourceStatusReason && !CONSEQUENCE.test(ResourceStatusReason),
  );
  return cause && `${cause.LogicalResourceId}: ${cause.ResourceStatusReason}`;
}
