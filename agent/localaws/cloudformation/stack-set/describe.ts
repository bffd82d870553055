import { describeParameters } from '../stack/describe.ts';
import { describeSetDrift, instanceDrift, summarizeSetDrift } from './describe-drift.ts';
import type { OperationResult, SetOperation, StackInstance, StackSet } from './stack-set.ts';

/** A set as ListStackSets shows it. */
export function summarizeSet(set: StackSet) {
  return {
    StackSetName: set.name,
    StackSetId: set.id,
    Description: set.description,
    Status: set.status,
    PermissionModel: set.permissions.model,
    ...describeAutoDeployment(set),
    ...summarizeSetDrift(set.drift, set.instances.values()),
    ManagedExecution: { Active: set.isManaged },
  };
}

/** A set as DescribeStackSet shows it. */
export function describeSet(set: StackSet) {
  const { DriftStatus: _status, LastDriftCheckTimestamp: _timestamp, ...summary } = summarizeSet(set);
  return {
    ...summary,
    StackSetARN: set.arn,
    TemplateBody: set.spec.body,
    Parameters: describeParameters(set.spec.parameters),
    Capabilities: set.spec.capabilities,
    Tags: set.spec.tags,
    StackSetDriftDetectionDetails: describeSetDrift(set, set.drift),
    ...describeRoles(set),
    OrganizationalUnitIds:
      set.permissions.model === 'SERVICE_MANAGED' ? [...set.permissions.unitRegions.keys()] : [],
    Regions: [...new Set([...set.instances.values()].map(({ region }) => region))],
  };
}

/** An instance as ListStackInstances shows it. */
export function summarizeInstance(set: StackSet, instance: StackInstance) {
  return {
    StackSetId: set.id,
    Account: instance.account,
    Region: instance.region,
    StackId: instance.stack?.id,
    Status: instance.status,
    StatusReason: instance.reason,
    StackInstanceStatus: { DetailedStatus: instance.detailedStatus },
    OrganizationalUnitId: instance.unit,
    ...instanceDrift(instance),
    LastOperationId: instance.lastOperationId,
  };
}

/** An operation as ListStackSetOperations shows it. */
export function summarizeOperation(operation: SetOperation) {
  const failed = [...operation.results.values()].filter(({ status }) => status === 'FAILED');
  return {
    OperationId: operation.id,
    Action: operation.action,
    Status: operation.status,
    CreationTimestamp: new Date(operation.createdAt),
    EndTimestamp: operation.endedAt === undefined ? undefined : new Date(operation.endedAt),
    StatusDetails: { FailedStackInstancesCount: failed.length },
    OperationPreferences: operation.preferences,
  };
}

/** An operation as DescribeStackSetOperation shows it. */
export function describeOperation(set: StackSet, operation: SetOperation) {
  return {
    ...summarizeOperation(operation),
    StackSetId: set.id,
    RetainStacks: operation.retainStacks,
    StackSetDriftDetectionDetails:
      operation.action === 'DETECT_DRIFT' ? describeSetDrift(set, operation) : undefined,
    ...describeRoles(set),
  };
}

function describeAutoDeployment({ permissions }: StackSet) {
  if (permissions.model === 'SELF_MANAGED') return {};
  const { isEnabled, retainsStacks } = permissions.autoDeployment;
  return { AutoDeployment: { Enabled: isEnabled, RetainStacksOnAccountRemoval: retainsStacks } };
}

function describeRoles({ permissions }: StackSet) {
  if (permissions.model === 'SERVICE_MANAGED') return {};
  const { administrationRoleArn, executionRoleName } = permissions.roles;
  return { AdministrationRoleARN: administrationRoleArn, ExecutionRoleName: executionRoleName };
}

/** One target's result as ListStackSetOperationResults shows it. */
export function describeResult({ account, region, unit, status, reason }: OperationResult) {
  return {
    Account: account,
    Region: region,
    Status: status,
    StatusReason: reason,
    AccountGateResult: { Status: 'SKIPPED', StatusReason: 'There is no account gate function' },
    OrganizationalUnitId: unit,
  };
}
