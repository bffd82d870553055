import type { World } from '../../world.ts';
import type { Blueprint } from '../template/blueprint.ts';
import type { Journal } from './converge.ts';
import { converge } from './converge.ts';
import { discard, discardAll } from './discard.ts';
import type { ResourceDesk } from './resource-desk.ts';
import type { ResourceFailure, Stack, StackSpec, StackStatus } from './stack.ts';
import { existingIn } from './stack.ts';

/** What a stack is to become. */
export interface Target {
  readonly spec: StackSpec;
  readonly blueprint: Blueprint;
  /** Adopt what exists under a static name. */
  readonly imports?: boolean;
}

export type OnFailure = 'ROLLBACK' | 'DELETE' | 'DO_NOTHING';

/** The operations on whole stacks. Each begins at once and ends later, on the clock: `stack.work` is its end. */
export interface StackWork {
  create(stack: Stack, target: Target, onFailure: OnFailure): void;
  update(stack: Stack, target: Target): void;
  /** `retain`: logical ids to leave beside those whose policy says so. */
  delete(stack: Stack, retain?: readonly string[]): void;
}

export interface StackWorkOptions {
  readonly world: World;
  readonly desk: ResourceDesk;
  /** How long an operation takes, by the clock. */
  readonly stackMs: number;
  /** Ends what waits. */
  readonly signal: AbortSignal;
  setStatus(stack: Stack, status: StackStatus, reason?: string): void;
}

/** Makes all that is planned, then the outputs; answers the first failure. */
async function convergeAll(
  desk: ResourceDesk,
  stack: Stack,
  { target, journal }: { target: Target; journal: Journal },
): Promise<ResourceFailure | undefined> {
  const { blueprint, imports = false, spec } = target;
  for (const planned of blueprint.resources) {
    const failure = await converge(desk, stack, { planned, imports, journal });
    if (failure) return failure;
  }
  try {
    stack.outputs = blueprint.outputs(existingIn(stack));
  } catch (error) {
    return { logicalId: stack.name, type: 'AWS::CloudFormation::Stack', reason: String(error) };
  }
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
  desk: ResourceDesk,
  stack: Stack,
  { target, journal }: { target: Target; journal: Journal },
): Promise<void> {
  for (const resource of journal.replaced) {
    const { UpdateReplacePolicy } = resource.planned.declaration;
    await discard(desk, stack, { resource, retain: UpdateReplacePolicy === 'Retain' });
  }
  const wanted = new Set(target.blueprint.resources.map(({ logicalId }) => logicalId));
  const leaving = [...stack.resources.values()].filter(({ planned }) => !wanted.has(planned.logicalId));
  await discardAll(desk, stack, { leaving });
  for (const { planned } of leaving) stack.resources.delete(planned.logicalId);
}

export function createStackWork({ world, desk, stackMs, signal, setStatus }: StackWorkOptions): StackWork {
  /** After what the stack is busy with. What handlers throw is a failure of the stack, so this never rejects. */
  function begin(stack: Stack, job: () => Promise<void>): void {
    stack.failure = undefined;
    stack.work = stack.work
      .then(() => world.clock.sleep(stackMs, signal))
      .then(() => (signal.aborted ? undefined : job()));
  }

  async function create(stack: Stack, target: Target, onFailure: OnFailure): Promise<void> {
    // Deleted before it began: there is nothing to make any more.
    if (stack.status === 'DELETE_IN_PROGRESS') return;
    const journal: Journal = { undo: [], replaced: [] };
    const failure = await convergeAll(desk, stack, { target, journal });
    if (!failure) {
      setStatus(stack, 'CREATE_COMPLETE');
      return;
    }
    stack.failure = failure;
    const reason = `The following resource(s) failed to create: [${failure.logicalId}].`;
    if (onFailure === 'DO_NOTHING') {
      setStatus(stack, 'CREATE_FAILED', reason);
      return;
    }
    setStatus(stack, 'ROLLBACK_IN_PROGRESS', `${reason} Rollback requested by user.`);
    setStatus(stack, (await unwind(journal)) ? 'ROLLBACK_COMPLETE' : 'ROLLBACK_FAILED');
    if (onFailure === 'DELETE') await remove(stack, []);
  }

  async function update(stack: Stack, target: Target): Promise<void> {
    const journal: Journal = { undo: [], replaced: [] };
    const failure = await convergeAll(desk, stack, { target, journal });
    if (failure) {
      stack.failure = failure;
      const reason = `The following resource(s) failed to update: [${failure.logicalId}].`;
      setStatus(stack, 'UPDATE_ROLLBACK_IN_PROGRESS', reason);
      setStatus(stack, (await unwind(journal)) ? 'UPDATE_ROLLBACK_COMPLETE' : 'UPDATE_ROLLBACK_FAILED');
      return;
    }
    setStatus(stack, 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS');
    await cleanUp(desk, stack, { target, journal });
    setStatus(stack, 'UPDATE_COMPLETE');
  }

  async function remove(stack: Stack, retain: readonly string[]): Promise<void> {
    setStatus(stack, 'DELETE_IN_PROGRESS');
    const failure = await discardAll(desk, stack, { leaving: [...stack.resources.values()], retain });
    if (failure) {
      stack.failure = failure;
      const reason = `The following resource(s) failed to delete: [${failure.logicalId}].`;
      setStatus(stack, 'DELETE_FAILED', reason);
      return;
    }
    stack.deletedAt = world.clock.now();
    setStatus(stack, 'DELETE_COMPLETE');
  }

  return {
    create(stack, target, onFailure) {
      setStatus(stack, 'CREATE_IN_PROGRESS', 'User Initiated');
      stack.spec = target.spec;
      begin(stack, () => create(stack, target, onFailure));
    },
    update(stack, target) {
      setStatus(stack, 'UPDATE_IN_PROGRESS', 'User Initiated');
      stack.updatedAt = world.clock.now();
      begin(stack, () => update(stack, target));
    },
    delete(stack, retain = []) {
      stack.status = 'DELETE_IN_PROGRESS';
      begin(stack, () => remove(stack, retain));
    },
  };
}
