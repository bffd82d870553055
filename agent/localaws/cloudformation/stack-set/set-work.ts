import { isDeepStrictEqual } from 'node:util';

import { AwsError } from '../../service.ts';
import type { World } from '../../world.ts';
import type { InstanceWork } from './instance-work.ts';
import { rollOut } from './rollout.ts';
import type { ResultStatus, SetOperation, StackInstance, StackSet } from './stack-set.ts';
import { targetKey } from './stack-set.ts';

/** What is asked of a set. */
interface OperationRequest
  extends Pick<SetOperation, 'id' | 'action' | 'request' | 'preferences' | 'retainStacks'> {
  /** Called when the operation is accepted: changes the set, and answers with the instances to work on. */
  prepare(): readonly StackInstance[];
}

/** Runs the operations of sets, of each set one at a time. */
export interface SetWork {
  /** A known id with the same request is the same operation. Throws where another one is in the way. */
  begin(set: StackSet, request: OperationRequest): SetOperation;
}

/** Whether an operation is still to come to its end. */
export function isUnended({ status }: SetOperation): boolean {
  return status === 'QUEUED' || status === 'RUNNING' || status === 'STOPPING';
}

function knownOperation(set: StackSet, { id, action, request }: OperationRequest): SetOperation | undefined {
  const known = set.operations.find((operation) => operation.id === id);
  if (!known || (known.action === action && isDeepStrictEqual(known.request, request))) return known;
  throw new AwsError('OperationIdAlreadyExistsException', `Operation with id ${id} already exists`, 409);
}

function checkFree({ operations, isManaged, arn }: StackSet): void {
  const busy = operations.find(isUnended);
  if (!busy || isManaged) return;
  const refusal = `Another Operation on StackSet ${arn} is in progress: ${busy.id}`;
  throw new AwsError('OperationInProgressException', refusal, 409);
}

/** What an ended attempt means for the instance itself. */
function conclude(set: StackSet, action: SetOperation['action'], instance: StackInstance): void {
  const isDone = instance.detailedStatus === 'SUCCEEDED';
  if (action !== 'DELETE') {
    instance.status = isDone ? 'CURRENT' : 'OUTDATED';
  } else if (isDone) {
    set.instances.delete(targetKey(instance));
  } else {
    instance.status = 'INOPERABLE';
    instance.detailedStatus = 'INOPERABLE';
  }
}

export function createSetWork(world: World, instances: InstanceWork, signal: AbortSignal): SetWork {
  const { clock } = world;

  function note(
    operation: SetOperation,
    instance: StackInstance,
    status: ResultStatus,
    reason?: string,
  ): void {
    const { account, region } = instance;
    operation.results.set(targetKey(instance), { account, region, status, reason, changedAt: clock.now() });
    instance.detailedStatus = status;
    instance.reason = reason;
    instance.lastOperationId = operation.id;
  }

  async function attempt(set: StackSet, operation: SetOperation, instance: StackInstance): Promise<boolean> {
    const { action, retainStacks = false } = operation;
    note(operation, instance, 'RUNNING');
    const failure = await (action === 'DELETE'
      ? instances.delete(set, instance, retainStacks)
      : instances.deploy(set, instance));
    note(operation, instance, failure === undefined ? 'SUCCEEDED' : 'FAILED', failure);
    conclude(set, action, instance);
    return failure === undefined;
  }

  async function run(
    set: StackSet,
    operation: SetOperation,
    targets: readonly StackInstance[],
  ): Promise<void> {
    if (operation.status === 'QUEUED') operation.status = 'RUNNING';
    const isWithinTolerance = await rollOut({
      targets,
      preferences: operation.preferences,
      isStopping: () => operation.status === 'STOPPING' || signal.aborted,
      run: (instance) => attempt(set, operation, instance),
      cancel: (instance, reason) => note(operation, instance, 'CANCELLED', reason),
    });
    operation.endedAt = clock.now();
    if (operation.status === 'STOPPING') operation.status = 'STOPPED';
    else operation.status = isWithinTolerance ? 'SUCCEEDED' : 'FAILED';
  }

  return {
    begin(set, asked) {
      const known = knownOperation(set, asked);
      if (known) return known;
      checkFree(set);
      const targets = asked.prepare();
      const { id, action, request, preferences, retainStacks } = asked;
      const operation: SetOperation = {
        ...{ id, action, request, preferences, retainStacks },
        createdAt: clock.now(),
        status: set.operations.some(isUnended) ? 'QUEUED' : 'RUNNING',
        results: new Map(),
      };
      set.operations.push(operation);
      for (const instance of targets) {
        note(operation, instance, 'PENDING');
        if (action !== 'DELETE') instance.status = 'OUTDATED';
      }
      set.work = set.work.then(() => run(set, operation, targets));
      return operation;
    },
  };
}
