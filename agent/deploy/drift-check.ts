import type { PropertyDifference, StackResourceDriftStatus } from '@aws-sdk/client-cloudformation';

import type { Place } from './places.ts';

/** What CloudFormation found when it compared one stack with the template that it was made from. */
export type DriftCheck = Place & DriftVerdict;

export type DriftVerdict =
  | { readonly kind: 'in-sync'; readonly checkedAt: number }
  | DriftedStack
  /** It could not compare. */
  | { readonly kind: 'unknown'; readonly reason: string };

interface DriftedStack {
  readonly kind: 'drifted';
  readonly resources: readonly DriftedResource[];
  /** Epoch ms. */
  readonly checkedAt: number;
  /** Why others of its resources could not be compared. */
  readonly reason?: string;
}

/** A resource that somebody has changed or deleted behind CloudFormation's back. */
export interface DriftedResource {
  /** In the template. */
  readonly logicalId: string;
  readonly type: string;
  /** In AWS. */
  readonly name: string;
  readonly change: 'modified' | 'deleted';
  readonly properties: readonly DriftedProperty[];
}

export interface DriftedProperty {
  /** Such as `Targets/0/Arn`. */
  readonly path: string;
  readonly expected: string;
  readonly actual: string;
}

/** The drifts that are worth telling, as both calls that list them filter. */
export const TOLD: StackResourceDriftStatus[] = ['MODIFIED', 'DELETED'];

interface ResourceDrift {
  readonly LogicalResourceId?: string | undefined;
  readonly PhysicalResourceId?: string | undefined;
  readonly ResourceType?: string | undefined;
  readonly StackResourceDriftStatus?: StackResourceDriftStatus | undefined;
  readonly PropertyDifferences?: readonly PropertyDifference[] | undefined;
}

/** A drift as either call lists it. */
export function toResource(drift: ResourceDrift): DriftedResource {
  const { LogicalResourceId: logicalId = '', PhysicalResourceId: name = logicalId } = drift;
  return {
    logicalId,
    name,
    type: drift.ResourceType ?? '',
    change: drift.StackResourceDriftStatus === 'DELETED' ? 'deleted' : 'modified',
    properties: toProperties(drift.PropertyDifferences ?? []),
  };
}

/** A member of a list that was changed comes as one that is gone and one that was added. */
function toProperties(differences: readonly PropertyDifference[]): DriftedProperty[] {
  const byPath = Map.groupBy(differences, ({ PropertyPath = '' }) => PropertyPath.replace(/^\//, ''));
  return [...byPath].map(([path, same]) => ({
    path,
    expected: (same.find(({ DifferenceType }) => DifferenceType !== 'ADD') ?? same[0])?.ExpectedValue ?? '',
    actual: (same.find(({ DifferenceType }) => DifferenceType !== 'REMOVE') ?? same[0])?.ActualValue ?? '',
  }));
}
