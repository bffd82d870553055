import type { World } from '../../world.ts';
import type { Blueprint } from '../template/blueprint.ts';
import type { Journal, ResourceWork } from './resource-work.ts';
import type { ResourceFailure, Stack, StackResource, StackSpec, StackStatus } from './stack.ts';
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
  readonly resources: ResourceWork;
  /** How long an operation takes, by the clock. */
  readonly stackMs: number;
  /** Ends what waits. */
  readonly signal: AbortSignal;
  setStatus(stack: Stack, status: StackStatus, reason?: string): void;
}

export function createStackWork({
  world,
  resources,
  stackMs,
  signal,
  setStatus,
}: StackWorkOptions): StackWork {
  /** After what the stack is busy with. Handlers' errors are failures of the stack; this never rejects. */
  function begin(stack: Stack, job: () => Promise<void>): void {
    stack.work = stack.work
      .then(() => world.clock.sleep(stackMs, signal))
      .then(() => (signal.aborted ? undefined : job()));
  }

  async function converge(
    stack: Stack,
    target: Target,
    journal: Journal,
  ): Promise<ResourceFailure | undefined> {
    const imports = target.imports ?? false;
    for (const planned of target.blueprint.resources) {
      const failure = await resources.converge(stack, planned, { journal, imports });
      if (failure) return failure;
    }
    return undefined;
  }

  function settle(stack: Stack, { spec, blueprint }: Target): void {
    stack.spec = spec;
    stack.failure = undefined;
    stack.outputs = blueprint.outputs(existingIn(stack, (name) => name));
  }

  /** Takes the steps back, last first; answers whether all could be. */
  async function unwind(journal: Journal): Promise<boolean> {
    const results = [];
    for (const undo of journal.undo.toReversed()) results.push(...(await Promise.allSettled([undo()])));
    return results.every(({ status }) => status === 'fulfilled');
  }

  async function discardAll(stack: Stack, leaving: readonly StackResource[], retain: readonly string[]) {
    let failure: ResourceFailure | undefined;
    for (const resource of leaving.toReversed()) {
      const { logicalId, declaration } = resource.planned;
      const isRetained = declaration.DeletionPolicy !== 'Delete' || retain.includes(logicalId);
      const failed = await resources.discard(stack, resource, isRetained);
      if (failed) failure ??= failed;
      else stack.resources.delete(logicalId);
    }
    return failure;
  }

  async function runCreate(stack: Stack, target: Target, onFailure: OnFailure): Promise<void> {
    const journal: Journal = { undo: [], replaced: [] };
    const failure = await converge(stack, target, journal);
    if (!failure) {
      settle(stack, target);
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
    if (onFailure === 'DELETE') await runDelete(stack, []);
  }

  async function runUpdate(stack: Stack, target: Target): Promise<void> {
    const journal: Journal = { undo: [], replaced: [] };
    const failure = await converge(stack, target, journal);
    if (failure) {
      stack.failure = failure;
      const reason = `The following resource(s) failed to update: [${failure.logicalId}].`;
      setStatus(stack, 'UPDATE_ROLLBACK_IN_PROGRESS', reason);
      setStatus(stack, (await unwind(journal)) ? 'UPDATE_ROLLBACK_COMPLETE' : 'UPDATE_ROLLBACK_FAILED');
      return;
    }
    setStatus(stack, 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS');
    await cleanUp(stack, target, journal);
    settle(stack, target);
    setStatus(stack, 'UPDATE_COMPLETE');
  }

  /** A failure to delete what is no longer wanted does not fail an update; it stands in the events. */
  async function cleanUp(stack: Stack, { blueprint }: Target, { replaced }: Journal): Promise<void> {
    for (const resource of replaced) {
      const { UpdateReplacePolicy } = resource.planned.declaration;
      await resources.discard(stack, resource, UpdateReplacePolicy === 'Retain');
    }
    const wanted = new Set(blueprint.resources.map(({ logicalId }) => logicalId));
    const leaving = [...stack.resources.values()].filter(({ planned }) => !wanted.has(planned.logicalId));
    await discardAll(stack, leaving, []);
    for (const { planned } of leaving) stack.resources.delete(planned.logicalId);
  }

  async function runDelete(stack: Stack, retain: readonly string[]): Promise<void> {
    const failure = await discardAll(stack, [...stack.resources.values()], retain);
    if (failure) {
      stack.failure = failure;
      setStatus(
        stack,
        'DELETE_FAILED',
        `The following resource(s) failed to delete: [${failure.logicalId}].`,
      );
      return;
    }
    stack.deletedAt = world.clock.now();
    setStatus(stack, 'DELETE_COMPLETE');
  }

  return {
    create(stack, target, onFailure) {
      setStatus(stack, 'CREATE_IN_PROGRESS', 'User Initiated');
      stack.spec = target.spec;
      begin(stack, () => runCreate(stack, target, onFailure));
    },
    update(stack, target) {
      setStatus(stack, 'UPDATE_IN_PROGRESS', 'User Initiated');
      stack.updatedAt = world.clock.now();
      begin(stack, () => runUpdate(stack, target));
    },
    delete(stack, retain = []) {
      setStatus(stack, 'DELETE_IN_PROGRESS', 'User Initiated');
      begin(stack, () => runDelete(stack, retain));
    },
  };
}
