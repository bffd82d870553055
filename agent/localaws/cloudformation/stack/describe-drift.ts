import type { ResourceDrift, StackDrift } from './drift.ts';
import type { DriftDetection } from './drift-operations.ts';
import type { Stack } from './stack.ts';

/** A detection as DescribeStackDriftDetectionStatus shows it. */
export function describeDetection({ id, stack, begunAt, drift }: DriftDetection) {
  const identity = { StackId: stack.id, StackDriftDetectionId: id, Timestamp: new Date(begunAt) };
  if (!drift) return { ...identity, DetectionStatus: 'DETECTION_IN_PROGRESS' };
  const { status, reason, resources } = drift;
  const drifted = resources.filter(({ status: each }) => each === 'MODIFIED' || each === 'DELETED');
  return {
    ...identity,
    StackDriftStatus: status,
    DetectionStatus: reason === undefined ? 'DETECTION_COMPLETE' : 'DETECTION_FAILED',
    DetectionStatusReason: reason,
    DriftedStackResourceCount: drifted.length,
  };
}

/** A resource as DescribeStackResourceDrifts shows it. */
export function describeDrift(stack: Stack, drift: ResourceDrift) {
  const { resource, actual, reason } = drift;
  return {
    ...summarizeDrift(stack, drift),
    ExpectedProperties: JSON.stringify(resource.properties),
    ActualProperties: actual && JSON.stringify(actual),
    DriftStatusReason: reason,
  };
}

/** A resource as ListStackInstanceResourceDrifts shows it. */
export function summarizeDrift({ id }: Stack, { resource, status, differences, checkedAt }: ResourceDrift) {
  const { planned, physicalId } = resource;
  return {
    StackId: id,
    LogicalResourceId: planned.logicalId,
    PhysicalResourceId: physicalId,
    ResourceType: planned.declaration.Type,
    PropertyDifferences: differences.map(({ path, expected, actual, type }) => ({
      PropertyPath: path,
      ExpectedValue: expected,
      ActualValue: actual,
      DifferenceType: type,
    })),
    StackResourceDriftStatus: status,
    Timestamp: new Date(checkedAt),
  };
}

/** The last detection, as stacks show it. */
export function driftInformation(drift: StackDrift | undefined) {
  if (!drift) return { StackDriftStatus: 'NOT_CHECKED' };
  return { StackDriftStatus: drift.status, LastCheckTimestamp: new Date(drift.checkedAt) };
}

/** The same of one resource. */
export function resourceDriftInformation({ drift }: Stack, logicalId: string) {
  const found = drift?.resources.find(({ resource }) => resource.planned.logicalId === logicalId);
  if (!found) return { StackResourceDriftStatus: 'NOT_CHECKED' };
  return { StackResourceDriftStatus: found.status, LastCheckTimestamp: new Date(found.checkedAt) };
}
