import type { SetOperation, StackInstance, StackSet } from './stack-set.ts';

/** An instance by the set's last drift detection. */
export function instanceDrift({ drift }: StackInstance) {
  if (!drift) return { DriftStatus: 'NOT_CHECKED' };
  return { DriftStatus: drift.status, LastDriftCheckTimestamp: new Date(drift.checkedAt) };
}

/** A set by its last drift detection, as ListStackSets shows it. */
export function summarizeSetDrift(detection: SetOperation | undefined, instances: Iterable<StackInstance>) {
  if (!detection) return { DriftStatus: 'NOT_CHECKED' };
  const isDrifted = [...instances].some(({ drift }) => drift?.status === 'DRIFTED');
  const LastDriftCheckTimestamp = new Date(detection.createdAt);
  return { DriftStatus: isDrifted ? 'DRIFTED' : 'IN_SYNC', LastDriftCheckTimestamp };
}

/** API reference, StackSetDriftDetectionDetails. */
export function describeSetDrift({ instances }: StackSet, detection: SetOperation | undefined) {
  if (!detection) return { DriftStatus: 'NOT_CHECKED' };
  const results = [...detection.results.values()];
  const failed = results.filter(({ status }) => status === 'FAILED').length;
  const compared = [...instances.values()].filter(({ lastOperationId }) => lastOperationId === detection.id);
  const countOf = (wanted: string): number =>
    compared.filter(({ drift, detailedStatus }) => detailedStatus === 'SUCCEEDED' && drift?.status === wanted)
      .length;
  return {
    ...summarizeSetDrift(detection, instances.values()),
    DriftDetectionStatus: detectionStatus(detection, failed),
    TotalStackInstancesCount: results.length,
    DriftedStackInstancesCount: countOf('DRIFTED'),
    InSyncStackInstancesCount: countOf('IN_SYNC'),
    InProgressStackInstancesCount: results.filter(
      ({ status }) => status === 'RUNNING' || status === 'PENDING',
    ).length,
    FailedStackInstancesCount: failed,
  };
}

function detectionStatus({ status }: SetOperation, failed: number): string {
  switch (status) {
    case 'QUEUED':
    case 'RUNNING':
    case 'STOPPING':
      return 'IN_PROGRESS';
    case 'STOPPED':
      return 'STOPPED';
    case 'FAILED':
      return 'FAILED';
    case 'SUCCEEDED':
      return failed === 0 ? 'COMPLETED' : 'PARTIAL_SUCCESS';
  }
}
