import { isDeepStrictEqual } from 'node:util';

import type { JsonObject } from '../../../model/json.ts';
import type { Resource, ResourceHandler } from '../../service.ts';
import { AwsError } from '../../service.ts';
import { invalid } from '../invalid.ts';
import type { PlannedResource } from '../template/planned-resource.ts';
import type { ResourceFailure, ResourceStatus, Stack, StackResource } from './stack.ts';
import { existingIn } from './stack.ts';

/** What an operation leaves behind: how to take each step back, and what nobody wants once all have succeeded. */
export interface Journal {
  readonly undo: (() => Promise<void>)[];
  readonly replaced: StackResource[];
}

/** A step as the events tell it. */
export interface ResourceStep {
  readonly logicalId: string;
  readonly type: string;
  readonly physicalId?: string | undefined;
  readonly status: ResourceStatus;
  readonly reason?: string | undefined;
}

/** Makes, changes and deletes the resources of stacks, each step a line in the stack's events. */
export interface ResourceWork {
  /** Makes a resource, adopts it where the journal allows imports, or changes it; answers why it could not. */
  converge(
    stack: Stack,
    planned: PlannedResource,
    options: { journal: Journal; imports: boolean },
  ): Promise<ResourceFailure | undefined>;
  /** What exists already and may be imported: it has a static name and no other stack owns it. */
  findImportable(
    stack: Stack,
    planned: PlannedResource,
    properties: JsonObject,
  ): Promise<Resource | undefined>;
  /** Deletes a resource or, where its policy says so, leaves it; answers why it could not. */
  discard(stack: Stack, resource: StackResource, retain: boolean): Promise<ResourceFailure | undefined>;
}

export interface ResourceWorkOptions {
  readonly handlers: readonly ResourceHandler[];
  record(stack: Stack, step: ResourceStep): void;
  isOwned(stack: Stack, type: string, physicalId: string): boolean;
  now(): number;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof AwsError)) return String(error);
  if (error.code === 'ValidationError') return error.message;
  return `Resource handler returned message: "${error.message}" (HandlerErrorCode: ${error.code})`;
}

function notThere(name: string): never {
  throw invalid(`Template error: ${name} is not known of any resource of this stack`);
}

export function createResourceWork({ handlers, record, isOwned, now }: ResourceWorkOptions): ResourceWork {
  const byType = new Map(handlers.map((handler) => [handler.type, handler]));

  function handlerOf(type: string): ResourceHandler {
    const handler = byType.get(type);
    if (!handler) throw invalid(`Template format error: Unrecognized resource types: [${type}]`);
    return handler;
  }

  function store(stack: Stack, made: Omit<StackResource, 'updatedAt'>): void {
    const { logicalId, declaration } = made.planned;
    stack.resources.set(logicalId, { ...made, updatedAt: now() });
    const { physicalId, status } = made;
    record(stack, { logicalId, type: declaration.Type, physicalId, status });
  }

  const works: ResourceWork = {
    async converge(stack, planned, { journal, imports }) {
      const { logicalId, declaration } = planned;
      const existing = stack.resources.get(logicalId);
      const verb = existing ? 'UPDATE' : 'CREATE';
      const step = { logicalId, type: declaration.Type, physicalId: existing?.physicalId };
      try {
        const properties = planned.properties(existingIn(stack, notThere));
        if (existing) await change(stack, { planned, properties, existing }, journal);
        else await make(stack, { planned, properties, imports }, journal);
        return undefined;
      } catch (error) {
        const reason = reasonOf(error);
        record(stack, { ...step, status: `${verb}_FAILED`, reason });
        return { logicalId, type: declaration.Type, reason };
      }
    },
    async findImportable(stack, { declaration, literalProperties }, properties) {
      const found = await handlerOf(declaration.Type).find?.(stack.place, properties);
      if (!found || !Object.values(literalProperties).includes(found.physicalId)) return undefined;
      return isOwned(stack, declaration.Type, found.physicalId) ? undefined : found;
    },
    async discard(stack, resource, retain) {
      const { physicalId, planned } = resource;
      const step = { logicalId: planned.logicalId, type: planned.declaration.Type, physicalId };
      if (retain) {
        record(stack, { ...step, status: 'DELETE_SKIPPED' });
        return undefined;
      }
      record(stack, { ...step, status: 'DELETE_IN_PROGRESS' });
      try {
        await handlerOf(step.type).delete(stack.place, physicalId);
        record(stack, { ...step, status: 'DELETE_COMPLETE' });
        return undefined;
      } catch (error) {
        const reason = reasonOf(error);
        record(stack, { ...step, status: 'DELETE_FAILED', reason });
        return { logicalId: step.logicalId, type: step.type, reason };
      }
    },
  };

  interface Making {
    readonly planned: PlannedResource;
    readonly properties: JsonObject;
    readonly imports: boolean;
  }

  async function make(
    stack: Stack,
    { planned, properties, imports }: Making,
    journal: Journal,
  ): Promise<void> {
    const { logicalId, declaration } = planned;
    const found = imports ? await works.findImportable(stack, planned, properties) : undefined;
    const verb = found ? 'IMPORT' : 'CREATE';
    record(stack, { logicalId, type: declaration.Type, status: `${verb}_IN_PROGRESS` });
    const made = found ?? (await handlerOf(declaration.Type).create(stack.place, properties, logicalId));
    const resource: StackResource = {
      ...made,
      planned,
      properties,
      status: `${verb}_COMPLETE`,
      updatedAt: now(),
    };
    store(stack, resource);
    journal.undo.push(async () => {
      stack.resources.delete(logicalId);
      const failure = await works.discard(
        stack,
        resource,
        found !== undefined || declaration.DeletionPolicy === 'Retain',
      );
      if (failure) throw new Error(failure.reason);
    });
  }

  interface Changing {
    readonly planned: PlannedResource;
    readonly properties: JsonObject;
    readonly existing: StackResource;
  }

  async function change(
    stack: Stack,
    { planned, properties, existing }: Changing,
    journal: Journal,
  ): Promise<void> {
    const { logicalId, declaration } = planned;
    if (isDeepStrictEqual(properties, existing.properties)) {
      stack.resources.set(logicalId, { ...existing, planned });
      return;
    }
    const handler = handlerOf(declaration.Type);
    const { physicalId } = existing;
    record(stack, { logicalId, type: declaration.Type, physicalId, status: 'UPDATE_IN_PROGRESS' });
    const changed = await handler.update(stack.place, physicalId, properties, logicalId);
    const isReplaced = changed.physicalId !== physicalId;
    if (isReplaced) journal.replaced.push(existing);
    store(stack, { ...changed, planned, properties, status: 'UPDATE_COMPLETE' });
    journal.undo.push(async () => {
      if (isReplaced) await handler.delete(stack.place, changed.physicalId);
      else await handler.update(stack.place, physicalId, existing.properties, logicalId);
      store(stack, { ...existing, status: 'UPDATE_COMPLETE' });
    });
  }

  return works;
}
