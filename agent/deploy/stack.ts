import { ADOPTED, isAdopter } from './adoption.ts';
import type { Blueprint } from './blueprint.ts';
import { parametersOf, requireOwn } from './blueprint.ts';
import { refusalText } from './call-error.ts';
import type { DeployContext } from './context.ts';
import { explainFailure } from './failure.ts';
import type { Fleet, LiveFleet } from './fleet.ts';
import type { Place } from './places.ts';
import { placeKey } from './places.ts';
import type { LiveInstance } from './plan.ts';
import { pollUntil } from './poll.ts';
import type { InstanceResult } from './result.ts';
import type { ChangeSetType, StackCalls, StackSettings } from './stack-calls.ts';
import { createStackCalls } from './stack-calls.ts';
import { detectStackDrift } from './stack-drift.ts';
import { failureReason } from './stack-events.ts';
import type { StackState } from './stack-status.ts';
import { isSettled, stackState } from './stack-status.ts';

/** What the functions below share of one stack in one region. */
interface StackSite {
  readonly place: Place;
  readonly blueprint: Blueprint;
  readonly calls: StackCalls;
  readonly context: DeployContext;
}

type Work = (site: StackSite) => Promise<Verdict>;
type Verdict = Pick<InstanceResult, 'status' | 'reason'>;

/** A change set FAILED for want of anything to change. */
const NO_CHANGES = /didn't contain changes|No updates are to be performed/;

/** Plain stacks of one name, one in each region of the account whose credentials are used. */
export function createStackFleet(
  blueprint: Blueprint,
  places: readonly Place[],
  { settings, context }: { readonly settings: StackSettings; readonly context: DeployContext },
): Fleet {
  const sites = places.map((place): StackSite => {
    const client = context.cloudformation(place.region);
    const calls = createStackCalls(client, blueprint, { settings, signal: context.signal });
    return { place, blueprint, calls, context };
  });
  const sitesIn = (some: readonly Place[]): StackSite[] => {
    const keys = new Set(some.map(placeKey));
    return sites.filter(({ place }) => keys.has(placeKey(place)));
  };
  const inEach = (some: readonly Place[], work: Work): Promise<InstanceResult[]> =>
    Promise.all(sitesIn(some).map((site) => report(site, work)));

  return {
    inspect: () => inspect(sites),
    async attach() {
      const sights = await Promise.all(sites.map(look));
      const busy = sights.filter(({ state }) => state === 'busy').map(({ place }) => place);
      context.progress.begin(busy.length);
      return inEach(busy, (site) => outcome(site));
    },
    create: (some) => inEach(some, (site) => apply(site, 'CREATE')),
    update: (some) => inEach(some, (site) => apply(site, 'UPDATE')),
    remove: (some) => inEach(some, remove),
    // Nothing holds plain stacks together.
    release: async () => [],
    async adopters() {
      const isOne = async ({ calls }: StackSite) =>
        isAdopter(parametersOf((await calls.describe())?.Parameters));
      const found = await Promise.all(sites.map(async (site) => ((await isOne(site)) ? [site.place] : [])));
      return found.flat();
    },
    dissolve: async () => {},
    detectDrift: (some) =>
      Promise.all(
        sitesIn(some).map(({ place }) => detectStackDrift({ name: blueprint.name, place, context })),
      ),
  };
}

type Sight = StackState & { readonly place: Place };

async function inspect(sites: readonly StackSite[]): Promise<LiveFleet> {
  const sights = await Promise.all(sites.map(look));
  return {
    exists: sights.some(({ state }) => state !== 'absent'),
    instances: sights.flatMap(toInstance),
    busy: sights.some(({ state }) => state === 'busy'),
  };
}

function toInstance({ place, state, ...why }: Sight): LiveInstance[] {
  return state === 'absent' || state === 'busy' ? [] : [{ ...place, state, ...why }];
}

async function look({ place, blueprint, calls, context }: StackSite): Promise<Sight> {
  try {
    const stack = await calls.describe();
    const state = stackState(stack, blueprint);
    if (stack && state.state !== 'unborn') {
      requireOwn(blueprint, `stack ${blueprint.name} in ${place.region}`, stack.Tags);
    }
    return { place, ...state };
  } catch (error) {
    context.signal.throwIfAborted();
    const reason = refusalText(error);
    if (reason === undefined) throw error;
    return { place, state: 'stuck', reason, code: explainFailure(reason).code };
  }
}

/** One refused region must not stop the others, so an error becomes this region's result. */
async function report(site: StackSite, work: Work): Promise<InstanceResult> {
  const { context, place, blueprint } = site;
  const tell = (verdict: Verdict): InstanceResult => {
    const result = { ...place, stack: blueprint.name, ...verdict };
    context.progress.changed(result);
    return result;
  };
  try {
    return tell(await work(site));
  } catch (error) {
    context.signal.throwIfAborted();
    const reason = refusalText(error);
    if (reason === undefined) throw error;
    return tell({ status: 'failed', reason });
  }
}

async function apply(site: StackSite, type: ChangeSetType): Promise<Verdict> {
  const { calls, context } = site;
  const stackId = await calls.createChangeSet(type);
  const changeSet = await pollUntil(async () => {
    const state = await calls.describeChangeSet();
    return state.Status === 'CREATE_COMPLETE' || state.Status === 'FAILED' ? state : undefined;
  }, context);
  if (changeSet.Status === 'FAILED') return discard(site, type, changeSet.StatusReason);
  await calls.executeChangeSet();
  const verdict = await outcome(site, stackId);
  const imports = changeSet.Changes?.some(({ ResourceChange }) => ResourceChange?.Action === 'Import');
  return imports && verdict.status === 'succeeded' ? { ...verdict, reason: ADOPTED } : verdict;
}

/** A change set that cannot be executed goes, and so does the empty stack that it made. */
async function discard(
  { calls }: StackSite,
  type: ChangeSetType,
  reason = 'no reason given',
): Promise<Verdict> {
  await calls.deleteChangeSet();
  if (NO_CHANGES.test(reason)) return { status: 'succeeded', reason: 'nothing to change' };
  if (type === 'CREATE') await calls.deleteStack();
  return { status: 'failed', reason };
}

/** Waits for the stack to come to rest. */
async function outcome({ calls, context }: StackSite, stackId?: string): Promise<Verdict> {
  if (context.detached) return { status: 'running' };
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

async function remove(site: StackSite): Promise<Verdict> {
  const stackId = (await site.calls.describe())?.StackId;
  if (!stackId) return { status: 'succeeded' };
  await site.calls.deleteStack();
  const end = await pollUntil(async () => {
    const state = await site.calls.describe(stackId);
    return state?.StackStatus?.endsWith('_IN_PROGRESS')
      ? undefined
      : (state?.StackStatus ?? 'DELETE_COMPLETE');
  }, site.context);
  if (end === 'DELETE_COMPLETE') return { status: 'succeeded' };
  return {
    status: 'failed',
    reason: failureReason(await site.calls.events(stackId)) ?? `the stack is ${end}`,
  };
}
