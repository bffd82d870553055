import type { ParameterTexts } from '../template/parameters.ts';
import type { ChangeSet } from './change-set.ts';
import { driftInformation, resourceDriftInformation } from './describe-drift.ts';
import type { Stack, StackEvent, StackResource } from './stack.ts';

const date = (ms: number | undefined): Date | undefined => (ms === undefined ? undefined : new Date(ms));

/** Parameters as the API lists them. */
export function describeParameters(texts: ParameterTexts) {
  return [...texts].map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue }));
}

/** A stack as DescribeStacks shows it. */
export function describeStack(stack: Stack) {
  return {
    StackId: stack.id,
    StackName: stack.name,
    Description: stack.spec?.template.Description,
    Parameters: describeParameters(stack.spec?.parameters ?? new Map()),
    CreationTime: date(stack.createdAt),
    LastUpdatedTime: date(stack.updatedAt),
    DeletionTime: date(stack.deletedAt),
    StackStatus: stack.status,
    StackStatusReason: stack.reason,
    DisableRollback: false,
    NotificationARNs: [],
    Capabilities: stack.spec?.capabilities ?? [],
    Outputs: stack.outputs,
    Tags: stack.spec?.tags ?? [],
    EnableTerminationProtection: false,
    DriftInformation: driftInformation(stack.drift),
  };
}

/** One event as DescribeStackEvents shows it. */
export function describeEvent(stack: Stack, event: StackEvent) {
  return {
    StackId: stack.id,
    StackName: stack.name,
    EventId: event.id,
    LogicalResourceId: event.logicalId,
    PhysicalResourceId: event.physicalId,
    ResourceType: event.type,
    Timestamp: date(event.at),
    ResourceStatus: event.status,
    ResourceStatusReason: event.reason,
  };
}

/** One resource as DescribeStackResources shows it. */
export function describeResource(stack: Stack, { planned, physicalId, status, updatedAt }: StackResource) {
  return {
    StackId: stack.id,
    StackName: stack.name,
    LogicalResourceId: planned.logicalId,
    PhysicalResourceId: physicalId,
    ResourceType: planned.declaration.Type,
    Timestamp: date(updatedAt),
    ResourceStatus: status,
    DriftInformation: resourceDriftInformation(stack, planned.logicalId),
  };
}

/** A change set as DescribeChangeSet shows it. */
export function describeChangeSet(stack: Stack, changeSet: ChangeSet) {
  const { spec, imports } = changeSet.plan;
  return {
    ...summarizeChangeSet(stack, changeSet),
    Parameters: describeParameters(spec.parameters),
    NotificationARNs: [],
    Capabilities: spec.capabilities,
    Tags: spec.tags,
    ImportExistingResources: imports ?? false,
    Changes: changeSet.changes.map(({ action, logicalId, physicalId, type }) => ({
      Type: 'Resource',
      ResourceChange: {
        Action: action,
        LogicalResourceId: logicalId,
        PhysicalResourceId: physicalId,
        ResourceType: type,
        // Only the handler knows, when it is asked to change the resource.
        Replacement: action === 'Modify' ? 'Conditional' : undefined,
        Scope: action === 'Modify' ? ['Properties'] : [],
        Details: [],
      },
    })),
  };
}

/** A change set as ListChangeSets shows it. */
export function summarizeChangeSet(stack: Stack, changeSet: ChangeSet) {
  return {
    StackId: stack.id,
    StackName: stack.name,
    ChangeSetId: changeSet.id,
    ChangeSetName: changeSet.name,
    Description: changeSet.description,
    CreationTime: date(changeSet.createdAt),
    Status: changeSet.status,
    StatusReason: changeSet.reason,
    ExecutionStatus: changeSet.executionStatus,
  };
}
