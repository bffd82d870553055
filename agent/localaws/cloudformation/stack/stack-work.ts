import type { World } from '../../world.ts';
import type { Blueprint } from '../template/blueprint.ts';
import type { Journal } from './converge.ts';
import { converge } from './converge.ts';
import { discard, discardAll } from './discard.ts';
import type { ResourceDesk } from './resource-desk.ts';
import { tagResources } from './resource-tags.ts';
import type { ResourceFailure, Stack, StackSpec, StackStatus } from './stack.ts';
import { existingIn } from './stack.ts';

/** What a stack is to become. */
export interface StackPlan {
  readonly spec: StackSpec;
  readonly blueprint: Blueprint;
  /** Adopt what exists under a static name. */
  readonly imports?: boolean;
}

export type OnFailure = 'ROLLBACK' | 'DELETE' | 'DO_NOTHING';

/** The operations on whole stacks. Each begins at once and ends later, on the clock: `stack.work` is its end. */
export interface StackWork {
  create(stack: Stack, plan: StackPlan, onFailure: OnFailure): void;
  update(stack: Stack, plan: StackPlan): void;
  /** `retain`: logical ids to leave beside those whose policy says so. */
  delete(stack: Stack, retain?: readonly string[]): void;
}

export interface StackWorkOptions extends StackDesk {
  /** How long an operation takes, by the clock. */
  readonly stackMs: number;
  /** Ends what waits. */
  readonly signal: AbortSignal;
}

/** What the operations share. */
interface StackDesk {
  readonly world: World;
  readonly resources: ResourceDesk;
  setStatus(stack: Stack, status: StackStatus, reason?: string): void;
}

export function createStackWork({ stackMs, signal, ...desk }: StackWorkOptions): StackWork {
  const { world, setStatus } = desk;

  /** After what the stack is busy with. What handlers throw is a failure of the stack, so this never rejects. */
  function begin(stack: Stack, job: () => Promise<void>): void {
    stack.failure = undefined;
    stack.work = stack.work
      .then(() => world.clock.sleep(stackMs, signal))
      .then(() => (signal.aborted ? undefined : job()));
  }

  return {
    create(stack, plan, onFailure) {
      setStatus(stack, 'CREATE_IN_PROGRESS', 'User Initiated');
      stack.spec = plan.spec;
      begin(stack, () => create(desk, stack, { plan, onFailure }));
    },
    update(stack, plan) {
      setStatus(stack, 'UPDATE_IN_PROGRESS', 'User Initiated');
      stack.updatedAt = world.clock.now();
      begin(stack, () => update(desk, stack, plan));
    },
    delete(stack, retain = []) {
      setStatus(stack, 'DELETE_IN_PROGRESS', 'User Initiated');
      begin(stack, () => remove(desk, stack, retain));
    },
  };
}

async function create(
  desk: StackDesk,
  stack: Stack,
  { plan, onFailure }: { plan: StackPlan; onFailure: OnFailure },
): Promise<void> {
  // Deleted before it began: there is nothing to make any more.
  if (stack.status === 'DELETE_IN_PROGRESS') return;
  const journal: Journal = { undo: [], replaced: [] };
  const failure = await convergeAll(desk, stack, { plan, journal });
  if (!failure) {
    desk.setStatus(stack, 'CREATE_COMPLETE');
    return;
  }
  stack.failure = failure;
  const reason = `The following resource(s) failed to create: [${failure.logicalId}].`;
  if (onFailure === 'DO_NOTHING') {
    desk.setStatus(stack, 'CREATE_FAILED', reason);
    return;
  }
  desk.setStatus(stack, 'ROLLBACK_IN_PROGRESS', `${reason} Rollback requested by user.`);
  desk.setStatus(stack, (await unwind(journal)) ? 'ROLLBACK_COMPLETE' : 'ROLLBACK_FAILED');
  if (onFailure !== 'DELETE') return;
  desk.setStatus(stack, 'DELETE_IN_PROGRESS');
  await remove(desk, stack, []);
}

async function update(desk: StackDesk, stack: Stack, plan: StackPlan): Promise<void> {
  const journal: Journal = { undo: [], replaced: [] };
  const failure = await convergeAll(desk, stack, { plan, journal });
  if (failure) {
    stack.failure = failure;
    const reason = `The following resource(s) failed to update: [${failure.logicalId}].`;
    desk.setStatus(stack, 'UPDATE_ROLLBACK_IN_PROGRESS', reason);
    const isUndone = await unwind(journal);
    tagResources(desk.resources, stack, stack.spec?.tags ?? []);
    desk.setStatus(stack, isUndone ? 'UPDATE_ROLLBACK_COMPLETE' : 'UPDATE_ROLLBACK_FAILED');
    return;
  }
  desk.setStatus(stack, 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS');
  await cleanUp(desk, stack, { plan, journal });
  desk.setStatus(stack, 'UPDATE_COMPLETE');
}

async function remove(desk: StackDesk, stack: Stack, retain: readonly string[]): Promise<void> {
  const leaving = [...stack.resources.values()];
  const failure = await discardAll(desk.resources, stack, { leaving, retain });
  if (failure) {
    stack.failure = failure;
    const reason = `The following resource(s) failed to delete: [${failure.logicalId}].`;
    desk.setStatus(stack, 'DELETE_FAILED', reason);
    return;
  }
  stack.deletedAt = desk.world.clock.now();
  desk.setStatus(stack, 'DELETE_COMPLETE');
}

/** Makes all that is planned, then the outputs; answers the first failure. */
async function convergeAll(
  { resources }: StackDesk,
  stack: Stack,
  { plan, journal }: { plan: StackPlan; journal: Journal },
): Promise<ResourceFailure | undefined> {
  const { blueprint, imports = false, spec } = plan;
  for (const planned of blueprint.resources) {
    const failure = await converge(resources, stack, { planned, imports, journal });
    if (failure) {
      tagResources(resources, stack, spec.tags);
      return failure;
    }
  }
  try {
    stack.outputs = blueprint.outputs(existingIn(stack));
  } catch (error) {
    return { logicalId: stack.name, type: 'AWS::CloudFormation::Stack', reason: String(error) };
  }
  tagResources(resources, stack, spec.tags);
  stack.spec = spec;
  return undefined;
}

/** Takes the steps back, last first; answers whether all could be. */
async function unwind({ undo }: Journal): Promise<boolean> {
  const results = [];
  for (const takeBack of undo.toReversed()) results.push(...(await Promise.allSettled([takeBack()])));
  return results.every(({ status }) => status === 'fulfilled');
}

/** What an update no longer wants. That it could not be deleted stands in the events and fails nothing. */
async function cleanUp(
  { resources }: StackDesk,
  stack: Stack,
  { plan, journal }: { plan: StackPlan; journal: Journal },
): Promise<void> {
  for (const resource of journal.replaced) {
    const { UpdateReplacePolicy } = resource.planned.declaration;
    await discard(resources, stack, { resource, retain: UpdateReplacePolicy === 'Retain' });
  }
  const wanted = new Set(plan.blueprint.resources.map(({ logicalId }) => logicalId));
  const leaving = [...stack.resources.values()].filter(({ planned }) => !wanted.has(planned.logicalId));
  await discardAll(resources, stack, { leaving });
  for (const { planned } of leaving) stack.resources.delete(planned.logicalId);
}
