import type { JsonObject } from '../../../model/json.ts';
import type { Place, Resource, Tags } from '../../service.ts';
import { invalid } from '../invalid.ts';
import type { Output } from '../template/blueprint.ts';
import type { ParameterTexts } from '../template/parameters.ts';
import type { Existing, PlannedResource } from '../template/planned-resource.ts';
import type { Template } from '../template/template.ts';
import type { StackDrift } from './drift.ts';

type Progress = 'IN_PROGRESS' | 'COMPLETE' | 'FAILED';

export type StackStatus =
  | 'REVIEW_IN_PROGRESS'
  | `${'CREATE' | 'DELETE' | 'ROLLBACK' | 'UPDATE' | 'UPDATE_ROLLBACK'}_${Progress}`
  | 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS';

export type ResourceStatus = `${'CREATE' | 'UPDATE' | 'DELETE' | 'IMPORT'}_${Progress}` | 'DELETE_SKIPPED';

export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

/** A resource that a stack owns. */
export interface StackResource extends Resource {
  readonly planned: PlannedResource;
  /** As it was made, functions resolved. */
  readonly properties: JsonObject;
  readonly status: ResourceStatus;
  /** Epoch ms. */
  readonly updatedAt: number;
  /** Those that CloudFormation gave it. */
  readonly tags?: Tags | undefined;
}

/** One line of a stack's history. */
export interface StackEvent {
  readonly id: string;
  /** Epoch ms. */
  readonly at: number;
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
  readonly status: StackStatus | ResourceStatus;
  readonly reason?: string | undefined;
}

/** Why a resource could not be made, changed or deleted. */
export interface ResourceFailure {
  readonly logicalId: string;
  readonly type: string;
  readonly reason: string;
}

/** What a caller asks a stack to be. */
export interface StackSpec {
  readonly body: string;
  /** The body, read once: that takes a while. */
  readonly template: Template;
  readonly parameters: ParameterTexts;
  readonly tags: readonly Tag[];
  readonly capabilities: readonly string[];
}

/** A stack as it stands. Times are epoch ms. */
export interface Stack {
  readonly id: string;
  readonly name: string;
  readonly place: Place;
  readonly createdAt: number;
  readonly requestToken?: string | undefined;
  updatedAt?: number;
  deletedAt?: number;
  status: StackStatus;
  reason?: string | undefined;
  /** Absent while only a change set exists. */
  spec?: StackSpec;
  outputs: readonly Output[];
  /** In the order in which they were made. */
  readonly resources: Map<string, StackResource>;
  readonly events: StackEvent[];
  /** What the last drift detection found. */
  drift?: StackDrift;
  /** Of the last operation that failed. */
  failure?: ResourceFailure | undefined;
  /** Ends when the last operation that was begun has ended; never rejects. */
  work: Promise<void>;
}

const UPDATABLE: readonly StackStatus[] = ['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE'];

/** Whether a stack rests in a state from which it can be updated. */
export function isUpdatable({ status }: Stack): boolean {
  return UPDATABLE.includes(status);
}

function unsupported(name: string): never {
  throw invalid(`Template error: no resource of this stack has ${name}`);
}

/** The resources of a stack, for those that refer to them. `unknown` answers for what is not there. */
export function existingIn({ resources }: Stack, unknown: (name: string) => string = unsupported): Existing {
  return {
    physicalId: (logicalId) => resources.get(logicalId)?.physicalId ?? unknown(logicalId),
    attribute: (logicalId, name) =>
      resources.get(logicalId)?.attributes[name] ?? unknown(`${logicalId}.${name}`),
  };
}
