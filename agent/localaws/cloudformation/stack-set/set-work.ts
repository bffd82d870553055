import { isDeepStrictEqual } from 'node:util';

import type { Clock } from '../../../model/clock.ts';
import { AwsError } from '../../service.ts';
import type { InstanceWork } from './instance-work.ts';
import { rollOut } from './rollout.ts';
import type { ResultStatus, SetOperation, StackInstance, StackSet } from './stack-set.ts';
import { targetKey } from './stack-set.ts';

/** What is asked of a set. */
interface OperationRequest
  extends Pick<SetOperation, 'id' | 'action' | 'request' | 'preferences' | 'retainStacks'> {
  /** Nobody has asked: it waits for its turn in any case. */
  readonly isAutomatic?: boolean;
  /** Called when the operation is accepted: changes the set, and answers with the instances to work on. */
  prepare(): readonly StackInstance[];
}

/** Runs the operations of sets, of each set one at a time. */
export interface SetWork {
  /** A known id with the same request is the same operation. Throws where another one is in the way. */
  begin(set: StackSet, request: OperationRequest): SetOperation;
}

export interface SetWorkOptions {
  readonly clock: Clock;
  readonly instances: InstanceWork;
  readonly signal: AbortSignal;
}

/** One operation of one set on its way. */
interface Run {
  readonly set: StackSet;
  readonly operation: SetOperation;
  readonly targets: readonly StackInstance[];
}

const SUSPENDED =
  'This account is suspended. To remove this instance from the stack set, run DeleteStackInstances with the RetainStacks parameter.';

export function createSetWork(options: SetWorkOptions): SetWork {
  return {
    begin(set, { prepare, isAutomatic = false, ...asked }) {
      const known = knownOperation(set, asked);
      if (known) return known;
      if (!set.isManaged && !isAutomatic) checkFree(set);
      const targets = prepare();
      const status = set.operations.some(isUnended) ? 'QUEUED' : 'RUNNING';
      const createdAt = options.clock.now();
      const operation: SetOperation = { ...asked, createdAt, status, results: new Map() };
      set.operations.push(operation);
      for (const instance of targets) {
        note(options.clock, operation, { instance, status: 'PENDING' });
        if (makesStacks(operation)) instance.status = 'OUTDATED';
      }
      set.work = set.work.then(() => run(options, { set, operation, targets }));
      return operation;
    },
  };
}

function makesStacks({ action }: SetOperation): boolean {
  return action === 'CREATE' || action === 'UPDATE';
}

/** Whether an operation is still to come to its end. */
export function isUnended({ status }: SetOperation): boolean {
  return status === 'QUEUED' || status === 'RUNNING' || status === 'STOPPING';
}

/** Throws while an operation of the set runs or waits. */
export function checkFree({ operations, arn }: StackSet): void {
  const busy = operations.find(isUnended);
  if (!busy) return;
  const refusal = `Another Operation on StackSet ${arn} is in progress: ${busy.id}`;
  throw new AwsError('OperationInProgressException', refusal, 409);
}

function knownOperation(
  set: StackSet,
  { id, action, request }: Pick<OperationRequest, 'id' | 'action' | 'request'>,
): SetOperation | undefined {
  const known = set.operations.find((operation) => operation.id === id);
  if (!known || (known.action === action && isDeepStrictEqual(known.request, request))) return known;
  throw new AwsError('OperationIdAlreadyExistsException', `Operation with id ${id} already exists`, 409);
}

async function run(options: SetWorkOptions, { set, operation, targets }: Run): Promise<void> {
  const { clock, signal } = options;
  if (operation.status === 'QUEUED') operation.status = 'RUNNING';
  const isWithinTolerance = await rollOut({
    targets,
    preferences: operation.preferences,
    isStopping: () => operation.status === 'STOPPING' || signal.aborted,
    run: (instance) => attempt(options, { set, operation, instance }),
    cancel: (instance, reason) => note(clock, operation, { instance, status: 'CANCELLED', reason }),
  });
  operation.endedAt = clock.now();
  if (operation.status === 'STOPPING') operation.status = 'STOPPED';
  else operation.status = isWithinTolerance ? 'SUCCEEDED' : 'FAILED';
  if (operation.action === 'DETECT_DRIFT') set.drift = operation;
}

interface Attempt {
  readonly set: StackSet;
  readonly operation: SetOperation;
  readonly instance: StackInstance;
}

/** One instance; answers whether it did not fail. What its template or roles throw is its failure. */
async function attempt(options: SetWorkOptions, { set, operation, instance }: Attempt): Promise<boolean> {
  if (options.instances.isSuspended(instance) && operation.retainStacks !== true) {
    note(options.clock, operation, { instance, status: 'CANCELLED', reason: SUSPENDED });
    instance.detailedStatus = 'SKIPPED_SUSPENDED_ACCOUNT';
    return true;
  }
  note(options.clock, operation, { instance, status: 'RUNNING' });
  const reason = await work(options.instances, { set, operation, instance }).catch((error: unknown) =>
    error instanceof Error ? error.message : String(error),
  );
  const status = reason === undefined ? 'SUCCEEDED' : 'FAILED';
  note(options.clock, operation, { instance, status, reason });
  conclude(set, operation, instance);
  return reason === undefined;
}

async function work(
  instances: InstanceWork,
  { set, operation, instance }: Attempt,
): Promise<string | undefined> {
  switch (operation.action) {
    case 'CREATE':
    case 'UPDATE':
      return instances.deploy(set, instance);
    case 'DELETE':
      return operation.retainStacks ? undefined : instances.delete(set, instance);
    case 'DETECT_DRIFT':
      return instances.detectDrift(set, instance);
  }
}

/** What an ended attempt means for the instance itself. */
function conclude(set: StackSet, operation: SetOperation, instance: StackInstance): void {
  if (operation.action === 'DETECT_DRIFT') return;
  const isDone = instance.detailedStatus === 'SUCCEEDED';
  if (makesStacks(operation)) {
    instance.status = isDone ? 'CURRENT' : 'OUTDATED';
  } else if (isDone) {
    set.instances.delete(targetKey(instance));
  } else {
    instance.status = 'INOPERABLE';
    instance.detailedStatus = 'INOPERABLE';
  }
}

interface Progress {
  readonly instance: StackInstance;
  readonly status: ResultStatus;
  readonly reason?: string | undefined;
}

function note(clock: Clock, operation: SetOperation, { instance, status, reason }: Progress): void {
  const { account, region, unit } = instance;
  operation.results.set(targetKey(instance), {
    account,
    region,
    unit,
    status,
    reason,
    changedAt: clock.now(),
  });
  instance.detailedStatus = status;
  instance.reason = reason;
  instance.lastOperationId = operation.id;
}
