import { isDeepStrictEqual } from 'node:util';

import type { JsonObject } from '../../../model/json.ts';
import { invalid } from '../invalid.ts';
import type { Existing, PlannedResource } from '../template/planned-resource.ts';
import { findImportable } from './import.ts';
import type { ResourceDesk } from './resource-desk.ts';
import { identityOf } from './resource-desk.ts';
import type { Stack, StackResource } from './stack.ts';
import { existingIn } from './stack.ts';
import type { StackPlan } from './stack-work.ts';

/** What an operation would do to one resource. */
export interface ResourceChange {
  readonly action: 'Add' | 'Modify' | 'Remove' | 'Import';
  readonly logicalId: string;
  readonly type: string;
  readonly physicalId?: string | undefined;
  /** It stays when it leaves the stack. */
  readonly isRetained: boolean;
}

/** What an operation on a stack would do. */
export interface Difference {
  readonly resources: readonly ResourceChange[];
  /** No resource, output or tag would change. */
  readonly isEmpty: boolean;
}

/** Stands for what only the making of a resource will tell. */
const KNOWN_AFTER_APPLY = '{{changeSet:KNOWN_AFTER_APPLY}}';

function isModified(before: StackResource, after: PlannedResource, properties: JsonObject): boolean {
  const { DeletionPolicy, UpdateReplacePolicy } = before.planned.declaration;
  return (
    DeletionPolicy !== after.declaration.DeletionPolicy ||
    UpdateReplacePolicy !== after.declaration.UpdateReplacePolicy ||
    !isDeepStrictEqual(before.properties, properties)
  );
}

/** The type of a resource is for life. */
function checkTypes({ resources }: Stack, { blueprint }: StackPlan): void {
  const changed = blueprint.resources
    .filter(({ logicalId, declaration }) => {
      const before = resources.get(logicalId)?.planned.declaration.Type;
      return before !== undefined && before !== declaration.Type;
    })
    .map(({ logicalId }) => logicalId);
  if (changed.length === 0) return;
  throw invalid(
    `Update of resource type is not permitted. The new template modifies resource type of the following resources: [${changed.join(', ')}]`,
  );
}

/** Answers what would become of one resource; undefined: nothing. */
async function changeOf(
  desk: ResourceDesk,
  stack: Stack,
  { planned, existing, imports }: { planned: PlannedResource; existing: Existing; imports: boolean },
): Promise<ResourceChange | undefined> {
  const properties = planned.properties(existing);
  const before = stack.resources.get(planned.logicalId);
  if (before) return isModified(before, planned, properties) ? changeTo('Modify', before) : undefined;
  const found = imports ? await findImportable(desk, stack, { planned, properties }) : undefined;
  return changeTo(found ? 'Import' : 'Add', { planned, physicalId: found?.physicalId });
}

function changeTo(
  action: ResourceChange['action'],
  { planned, physicalId }: { planned: PlannedResource; physicalId?: string | undefined },
): ResourceChange {
  const isRetained = planned.declaration.DeletionPolicy !== 'Delete';
  return { ...identityOf(planned), action, physicalId, isRetained };
}

/** Compares stacks with what they are to become. */
export function createComparison(desk: ResourceDesk) {
  return async (stack: Stack, plan: StackPlan): Promise<Difference> => {
    const { spec, blueprint, imports = false } = plan;
    checkTypes(stack, plan);
    const existing = existingIn(stack, () => KNOWN_AFTER_APPLY);
    const resources: ResourceChange[] = [];
    for (const planned of blueprint.resources) {
      const change = await changeOf(desk, stack, { planned, existing, imports });
      if (change) resources.push(change);
    }
    const wanted = new Set(blueprint.resources.map(({ logicalId }) => logicalId));
    const leaving = [...stack.resources.values()].filter(({ planned }) => !wanted.has(planned.logicalId));
    resources.push(...leaving.map((resource) => changeTo('Remove', resource)));
    const isEmpty =
      resources.length === 0 &&
      isDeepStrictEqual(blueprint.outputs(existing), stack.outputs) &&
      isDeepStrictEqual(spec.tags, stack.spec?.tags ?? []);
    return { resources, isEmpty };
  };
}
