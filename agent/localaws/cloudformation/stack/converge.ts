import { isDeepStrictEqual } from 'node:util';

import type { JsonObject } from '../../../model/json.ts';
import type { PlannedResource } from '../template/planned-resource.ts';
import { discard } from './discard.ts';
import { findImportable } from './import.ts';
import type { ResourceDesk } from './resource-desk.ts';
import { failureOf, identityOf } from './resource-desk.ts';
import type { ResourceFailure, Stack, StackResource } from './stack.ts';
import { existingIn } from './stack.ts';

/** What an operation leaves behind: how to take each step back, and what nobody wants once all have succeeded. */
export interface Journal {
  readonly undo: (() => Promise<void>)[];
  readonly replaced: StackResource[];
}

/** One resource as it shall be. */
export interface Goal {
  readonly planned: PlannedResource;
  readonly imports: boolean;
  readonly journal: Journal;
}

interface ResolvedGoal extends Goal {
  readonly properties: JsonObject;
}

/** Makes a resource, adopts it, or changes it; answers why it could not. */
export async function converge(
  desk: ResourceDesk,
  stack: Stack,
  goal: Goal,
): Promise<ResourceFailure | undefined> {
  const { planned } = goal;
  const existing = stack.resources.get(planned.logicalId);
  try {
    const resolved = { ...goal, properties: planned.properties(existingIn(stack)) };
    if (existing) await change(desk, stack, { ...resolved, existing });
    else await make(desk, stack, resolved);
    return undefined;
  } catch (error) {
    const failure = failureOf(planned, error);
    const status = existing ? 'UPDATE_FAILED' : 'CREATE_FAILED';
    desk.record(stack, { ...failure, physicalId: existing?.physicalId, status });
    return failure;
  }
}

function store(desk: ResourceDesk, stack: Stack, resource: StackResource): void {
  const { planned, physicalId, status } = resource;
  stack.resources.set(planned.logicalId, resource);
  desk.record(stack, { ...identityOf(planned), physicalId, status });
}

/** On a rollback an adopted resource is let go, and what says Retain is kept: RetainExceptOnCreate is not. */
async function make(desk: ResourceDesk, stack: Stack, goal: ResolvedGoal): Promise<void> {
  const { planned, properties, imports, journal } = goal;
  const { logicalId, declaration } = planned;
  const found = imports ? await findImportable(desk, stack, goal) : undefined;
  const verb = found ? 'IMPORT' : 'CREATE';
  desk.record(stack, { ...identityOf(planned), status: `${verb}_IN_PROGRESS` });
  const made = found ?? (await desk.handlerOf(planned).create(stack.place, properties, logicalId));
  const status = `${verb}_COMPLETE` as const;
  const resource: StackResource = { ...made, planned, properties, status, updatedAt: desk.now() };
  store(desk, stack, resource);
  journal.undo.push(async () => {
    const retain = found !== undefined || declaration.DeletionPolicy === 'Retain';
    stack.resources.delete(logicalId);
    const failure = await discard(desk, stack, { resource, retain });
    if (failure) throw new Error(failure.reason);
  });
}

async function change(
  desk: ResourceDesk,
  stack: Stack,
  { planned, properties, existing, journal }: ResolvedGoal & { readonly existing: StackResource },
): Promise<void> {
  const { logicalId } = planned;
  if (isDeepStrictEqual(properties, existing.properties)) {
    stack.resources.set(logicalId, { ...existing, planned });
    return;
  }
  const { place } = stack;
  const { physicalId } = existing;
  const handler = desk.handlerOf(planned);
  desk.record(stack, { ...identityOf(planned), physicalId, status: 'UPDATE_IN_PROGRESS' });
  const changed = await handler.update(place, physicalId, properties, logicalId);
  const isReplaced = changed.physicalId !== physicalId;
  if (isReplaced) journal.replaced.push(existing);
  const kept = isReplaced ? {} : { tags: existing.tags };
  const updated = { ...changed, ...kept, planned, properties, updatedAt: desk.now() };
  store(desk, stack, { ...updated, status: 'UPDATE_COMPLETE' });
  journal.undo.push(async () => {
    if (isReplaced) await handler.delete(place, changed.physicalId);
    else await handler.update(place, physicalId, existing.properties, logicalId);
    store(desk, stack, { ...existing, status: 'UPDATE_COMPLETE', updatedAt: desk.now() });
  });
}
