import { CloudFormationServiceException } from '@aws-sdk/client-cloudformation';

import type { Blueprint } from './blueprint.ts';
import { requireOwn } from './blueprint.ts';
import type { DeployContext } from './context.ts';
import type { Fleet, LiveFleet } from './fleet.ts';
import type { Place } from './places.ts';
import { placeKey } from './places.ts';
import type { LiveInstance } from './plan.ts';
import { pollUntil } from './poll.ts';
import type { InstanceResult } from './result.ts';
import type { ChangeSetType, StackCalls, StackSettings } from './stack-calls.ts';
import { createStackCalls } from './stack-calls.ts';
import { failureReason } from './stack-events.ts';
import type { StackState } from './stack-status.ts';
import { isSettled, stackState } from './stack-status.ts';

/** What the functions below share of one stack in one region. */
interface Desk {
  readonly place: Place;
  readonly blueprint: Blueprint;
  readonly calls: StackCalls;
  readonly context: DeployContext;
}

type Work = (desk: Desk) => Promise<Verdict>;
type Verdict = Pick<InstanceResult, 'status' | 'reason'>;

/** A change set FAILED for want of anything to change. */
const NO_CHANGES = /didn't contain changes|No updates are to be performed/;

/** Plain stacks of one name, one in each region of the account whose credentials are used. */
export function createStackFleet(
  blueprint: Blueprint,
  places: readonly Place[],
  { settings, context }: { readonly settings: StackSettings; readonly context: DeployContext },
): Fleet {
  const desks = places.map((place): Desk => {
    const client = context.cloudformation(place.region);
    const calls = createStackCalls(client, blueprint, { settings, signal: context.signal });
    return { place, blueprint, calls, context };
  });
  const inEach = (some: readonly Place[], work: Work): Promise<InstanceResult[]> => {
    const keys = new Set(some.map(placeKey));
    const chosen = desks.filter(({ place }) => keys.has(placeKey(place)));
    return Promise.all(chosen.map((desk) => report(desk, work)));
  };

  return {
    inspect: () => inspect(desks),
    async attach() {
      const sights = await Promise.all(desks.map(look));
      const busy = sights.filter(({ state }) => state === 'busy').map(({ place }) => place);
      context.progress.begin(busy.length);
      return inEach(busy, (desk) => outcome(desk));
    },
    create: (some) => inEach(some, (desk) => apply(desk, 'CREATE')),
    update: (some) => inEach(some, (desk) => apply(desk, 'UPDATE')),
    remove: (some) => inEach(some, remove),
    dissolve: async () => {},
  };
}

type Sight = StackState & { readonly place: Place };

async function inspect(desks: readonly Desk[]): Promise<LiveFleet> {
  const sights = await Promise.all(desks.map(look));
  return {
    exists: sights.some(({ state }) => state !== 'absent'),
    instances: sights.flatMap(toInstance),
    busy: sights.some(({ state }) => state === 'busy'),
  };
}

function toInstance({ place, state, reason }: Sight): LiveInstance[] {
  if (state === 'absent' || state === 'busy') return [];
  return [{ ...place, state, ...(reason !== undefined && { reason }) }];
}

async function look({ place, blueprint, calls }: Desk): Promise<Sight> {
  try {
    const stack = await calls.describe();
    const state = stackState(stack, blueprint);
    if (stack && state.state !== 'unborn') {
      requireOwn(blueprint, `stack ${blueprint.name} in ${place.region}`, stack.Tags);
    }
    return { place, ...state };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return { place, state: 'stuck', reason: error.message };
  }
}

/** One refused region must not stop the others, so an error becomes this region's result. */
async function report(desk: Desk, work: Work): Promise<InstanceResult> {
  const { context, place, blueprint } = desk;
  const tell = (verdict: Verdict): InstanceResult => {
    const result = { ...place, stack: blueprint.name, ...verdict };
    context.progress.changed(result);
    return result;
  };
  try {
    return tell(await work(desk));
  } catch (error) {
    context.signal.throwIfAborted();
    if (!isRefusal(error)) throw error;
    return tell({ status: 'failed', reason: error.message });
  }
}

async function apply(desk: Desk, type: ChangeSetType): Promise<Verdict> {
  const { calls, context } = desk;
  const stackId = await calls.createChangeSet(type);
  const changeSet = await pollUntil(async () => {
    const state = await calls.describeChangeSet();
    return state.Status === 'CREATE_COMPLETE' || state.Status === 'FAILED' ? state : undefined;
  }, context);
  if (changeSet.Status === 'FAILED') return discard(desk, type, changeSet.StatusReason);
  await calls.executeChangeSet();
  return outcome(desk, stackId);
}

/** A change set that cannot be executed goes, and so does the empty stack that it made. */
async function discard({ calls }: Desk, type: ChangeSetType, reason = 'no reason given'): Promise<Verdict> {
  await calls.deleteChangeSet();
  if (NO_CHANGES.test(reason)) return { status: 'succeeded', reason: 'nothing to change' };
  if (type === 'CREATE') await calls.deleteStack();
  return { status: 'failed', reason };
}

/** Waits for the stack to come to rest. */
async function outcome({ calls, context }: Desk, stackId?: string): Promise<Verdict> {
  const stack = await pollUntil(async () => {
    const state = await calls.describe(stackId);
    return state?.StackStatus?.endsWith('_IN_PROGRESS') ? undefined : (state ?? 'gone');
  }, context);
  if (stack === 'gone') return { status: 'failed', reason: 'the stack is gone' };
  const { StackStatus = 'unknown', StackStatusReason, StackId = '' } = stack;
  if (isSettled(StackStatus)) return { status: 'succeeded' };
  const cause = failureReason(await calls.events(StackId));
  return { status: 'failed', reason: cause ?? StackStatusReason ?? `the stack is ${StackStatus}` };
}

async function remove(desk: Desk): Promise<Verdict> {
  const stackId = (await desk.calls.describe())?.StackId;
  if (!stackId) return { status: 'succeeded' };
  await desk.calls.deleteStack();
  const end = await pollUntil(async () => {
    const state = await desk.calls.describe(stackId);
    return state?.StackStatus?.endsWith('_IN_PROGRESS')
      ? undefined
      : (state?.StackStatus ?? 'DELETE_COMPLETE');
  }, desk.context);
  if (end === 'DELETE_COMPLETE') return { status: 'succeeded' };
  return {
    status: 'failed',
    reason: failureReason(await desk.calls.events(stackId)) ?? `the stack is ${end}`,
  };
}

function isRefusal(error: unknown): error is CloudFormationServiceException {
  return error instanceof CloudFormationServiceException && error.$fault === 'client';
}
