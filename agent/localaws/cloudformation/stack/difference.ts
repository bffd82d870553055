import { isDeepStrictEqual } from 'node:util';

import type { JsonObject } from '../../../model/json.ts';
import type { Existing, PlannedResource } from '../template/planned-resource.ts';
import type { ResourceWork } from './resource-work.ts';
import type { Stack, StackResource } from './stack.ts';
import { existingIn } from './stack.ts';
import type { Target } from './stack-work.ts';

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

/** Compares stacks with what they are to become. */
export function createComparison(work: Pick<ResourceWork, 'findImportable'>) {
  async function appearing(stack: Stack, planned: PlannedResource, properties: JsonObject | undefined) {
    const found = properties && (await work.findImportable(stack, planned, properties));
    return { action: found ? 'Import' : 'Add', physicalId: found?.physicalId } as const;
  }

  async function changeOf(
    stack: Stack,
    planned: PlannedResource,
    options: { existing: Existing; imports: boolean },
  ) {
    const properties = planned.properties(options.existing);
    const before = stack.resources.get(planned.logicalId);
    if (!before) return appearing(stack, planned, options.imports ? properties : undefined);
    if (!isModified(before, planned, properties)) return undefined;
    return { action: 'Modify', physicalId: before.physicalId } as const;
  }

  return async (stack: Stack, { spec, blueprint, imports = false }: Target): Promise<Difference> => {
    const existing = existingIn(stack, () => KNOWN_AFTER_APPLY);
    const resources: ResourceChange[] = [];
    for (const planned of blueprint.resources) {
      const change = await changeOf(stack, planned, { existing, imports });
      if (change) resources.push({ ...identityOf(planned), ...change });
    }
    const wanted = new Set(blueprint.resources.map(({ logicalId }) => logicalId));
    for (const { planned, physicalId } of stack.resources.values()) {
      if (!wanted.has(planned.logicalId))
        resources.push({ ...identityOf(planned), action: 'Remove', physicalId });
    }
    const isEmpty =
      resources.length === 0 &&
      isDeepStrictEqual(blueprint.outputs(existing), stack.outputs) &&
      isDeepStrictEqual(spec.tags, stack.spec?.tags ?? []);
    return { resources, isEmpty };
  };
}

function identityOf({ logicalId, declaration }: PlannedResource) {
  return { logicalId, type: declaration.Type, isRetained: declaration.DeletionPolicy !== 'Delete' };
}
