import type { Place } from '../../service.ts';
import type { StackDrift } from '../stack/drift.ts';
import type { Stack, StackSpec } from '../stack/stack.ts';
import type { GivenParameter } from '../template/parameters.ts';
import type { Preferences } from './rollout.ts';

/** An account and region of a set. */
export interface Target {
  readonly account: string;
  readonly region: string;
}

export const targetKey = ({ account, region }: Target): string => `${account}/${region}`;

/** The roles by which a self-managed set reaches its accounts. */
export interface SetRoles {
  readonly administrationRoleArn: string;
  readonly executionRoleName: string;
  /** The caller named the administration role, and must name it again in each update. */
  readonly isCustom: boolean;
}

/** Whose rights a set works with. */
export type Permissions = SelfManaged | ServiceManaged;

interface SelfManaged {
  readonly model: 'SELF_MANAGED';
  readonly roles: SetRoles;
}

/** CloudFormation makes the roles itself, in the accounts of an organization. */
export interface ServiceManaged {
  readonly model: 'SERVICE_MANAGED';
  readonly autoDeployment: AutoDeployment;
  /** The regions of each unit that instances were asked for: accounts that join it get them too. */
  readonly unitRegions: Map<string, Set<string>>;
}

export interface AutoDeployment {
  readonly isEnabled: boolean;
  /** The stacks of an account that leaves are kept. */
  readonly retainsStacks: boolean;
}

export type ResultStatus = 'PENDING' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED';

/** What became of one target in one operation. */
export interface OperationResult extends Target {
  readonly unit: string;
  readonly status: ResultStatus;
  readonly reason?: string | undefined;
  /** Epoch ms. */
  readonly changedAt: number;
}

export interface SetOperation {
  readonly id: string;
  readonly action: 'CREATE' | 'UPDATE' | 'DELETE' | 'DETECT_DRIFT';
  /** What was asked: the same again is the same operation. */
  readonly request: unknown;
  readonly preferences: Preferences;
  readonly retainStacks?: boolean | undefined;
  /** Epoch ms. */
  readonly createdAt: number;
  endedAt?: number;
  status: 'QUEUED' | 'RUNNING' | 'STOPPING' | 'STOPPED' | 'SUCCEEDED' | 'FAILED';
  readonly results: Map<string, OperationResult>;
}

/** One stack of a set, there or to be. */
export interface StackInstance extends Place {
  /** The unit that was named when it was made; empty: the set is self-managed. */
  unit: string;
  overrides: readonly GivenParameter[];
  stack?: Stack | undefined;
  status: 'CURRENT' | 'OUTDATED' | 'INOPERABLE';
  detailedStatus: ResultStatus | 'INOPERABLE' | 'SKIPPED_SUSPENDED_ACCOUNT';
  reason?: string | undefined;
  /** What the last drift detection of the set found. */
  drift?: StackDrift;
  lastOperationId: string;
}

export interface StackSet {
  readonly id: string;
  readonly name: string;
  readonly arn: string;
  /** The administrator's account, and the region where the set lives. */
  readonly home: Place;
  readonly requestToken: string | undefined;
  description: string | undefined;
  spec: StackSpec;
  permissions: Permissions;
  /** Operations wait for each other instead of being refused. */
  isManaged: boolean;
  status: 'ACTIVE' | 'DELETED';
  readonly instances: Map<string, StackInstance>;
  /** The last drift detection that has ended. */
  drift?: SetOperation;
  /** Oldest first. */
  readonly operations: SetOperation[];
  /** Ends when all operations have ended; never rejects. */
  work: Promise<void>;
}
