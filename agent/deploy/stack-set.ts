import type { StackInstanceSummary } from '@aws-sdk/client-cloudformation';

import type { Blueprint } from './blueprint.ts';
import { isUpToDate, operationPrefix, requireOwn } from './blueprint.ts';
import type { DeployContext } from './context.ts';
import type { Fleet, LiveFleet } from './fleet.ts';
import type { Begun, OperationLog } from './operation.ts';
import { createOperationLog } from './operation.ts';
import type { Operation } from './operation-results.ts';
import type { Place } from './places.ts';
import { groupPlaces } from './places.ts';
import type { LiveInstance } from './plan.ts';
import type { InstanceResult } from './result.ts';
import type { OperationScope, StackSetCalls, StackSetSettings } from './stack-set-calls.ts';
import { createStackSetCalls } from './stack-set-calls.ts';

/** What the functions below share of one StackSet. */
interface SetSite {
  readonly blueprint: Blueprint;
  readonly calls: StackSetCalls;
  readonly log: OperationLog;
  readonly context: DeployContext;
}

/** A self-managed StackSet: the set in the home region, and one stack in each region of each account. */
export function createStackSetFleet(
  blueprint: Blueprint,
  settings: StackSetSettings,
  context: DeployContext,
): Fleet {
  const client = context.cloudformation(settings.homeRegion);
  const calls = createStackSetCalls(client, blueprint, { settings, signal: context.signal });
  const site = { blueprint, calls, log: createOperationLog(client, blueprint.name, context), context };
  return {
    inspect: () => inspect(site),
    attach: () => attach(site),
    async create(places) {
      await define(site);
      return operate(site, places, { action: 'create', begin: calls.createInstances });
    },
    update: (places) => operate(site, places, { action: 'update', begin: (scope) => update(site, scope) }),
    remove: (places) => operate(site, places, { action: 'delete', begin: calls.deleteInstances }),
    async dissolve() {
      await calls.deleteSet();
    },
  };
}

async function inspect({ blueprint, calls, log }: SetSite): Promise<LiveFleet> {
  const set = await calls.describe();
  if (!set) return { exists: false, instances: [], busy: false };
  requireOwn(blueprint, `StackSet ${blueprint.name}`, set.Tags);
  const upToDate = isUpToDate(blueprint, set.Tags);
  const instances = (await calls.listInstances()).flatMap((summary) => toInstance(summary, upToDate));
  return { exists: true, instances, busy: (await log.running()).length > 0 };
}

async function attach({ calls, log, context }: SetSite): Promise<readonly InstanceResult[]> {
  const ids = await log.running();
  const instances = await calls.listInstances();
  const operations = ids.map((id) => ({
    id,
    places: instances.filter(({ LastOperationId }) => LastOperationId === id).flatMap(toPlace),
  }));
  context.progress.begin(operations.flatMap(({ places }) => places).length);
  for (const id of ids)
    context.progress.note(`operation ${id} of an earlier run is not over: waiting for it to end`);
  return watchAll(log, operations);
}

/** Makes the set, or gives it our definition, before instances are made from it. */
async function define({ blueprint, calls, log }: SetSite): Promise<void> {
  const set = await calls.describe();
  if (!set) await calls.createSet();
  if (!set || isUpToDate(blueprint, set.Tags)) return;
  const prefix = operationPrefix('define', set.StackSetId ?? blueprint.name, blueprint.tags, []);
  await log.watch(await log.start(prefix, [], (id) => calls.update({ id, accounts: [], regions: [] })));
}

/**
 * The first update gives the set its definition, which makes every other instance OUTDATED; giving it once more
 * would do so again. CreateStackInstances brings outdated instances up and leaves the others as they are.
 */
async function update({ blueprint, calls }: SetSite, scope: OperationScope): Promise<Begun> {
  const set = await calls.describe();
  return isUpToDate(blueprint, set?.Tags) ? calls.createInstances(scope) : calls.update(scope);
}

interface Work {
  readonly action: 'create' | 'update' | 'delete';
  begin(scope: OperationScope): Promise<Begun>;
}

/** One operation for each group of accounts with the same regions; they run side by side. */
async function operate(
  { blueprint, calls, log }: SetSite,
  places: readonly Place[],
  { action, begin }: Work,
): Promise<readonly InstanceResult[]> {
  // A set that was deleted and made again has another id, and so have its operations.
  const setId = (await calls.describe())?.StackSetId ?? blueprint.name;
  const started: Operation[] = [];
  for (const group of groupPlaces(places)) {
    const prefix = operationPrefix(action, setId, blueprint.tags, group.places);
    const operation = await log.start(prefix, group.places, (id) => begin({ id, ...group }));
    started.push(operation);
  }
  return watchAll(log, started);
}

async function watchAll(log: OperationLog, operations: readonly Operation[]): Promise<InstanceResult[]> {
  return (await Promise.all(operations.map(log.watch))).flat();
}

function toPlace({ Account: account, Region: region }: StackInstanceSummary): Place[] {
  return account && region ? [{ account, region }] : [];
}

function toInstance(summary: StackInstanceSummary, upToDate: boolean): LiveInstance[] {
  return toPlace(summary).map((place) => ({ ...place, ...stateOf(summary, upToDate) }));
}

function stateOf(summary: StackInstanceSummary, upToDate: boolean): Pick<LiveInstance, 'state' | 'reason'> {
  if (summary.Status === 'INOPERABLE') {
    return {
      state: 'stuck',
      reason: `inoperable: ${summary.StatusReason ?? 'its stack can no longer be changed'}`,
    };
  }
  if (summary.StackInstanceStatus?.DetailedStatus === 'SKIPPED_SUSPENDED_ACCOUNT') {
    return { state: 'stuck', reason: 'the account is suspended' };
  }
  if (summary.Status === 'CURRENT' && upToDate) return { state: 'current' };
  return { state: upToDate && !summary.StackId ? 'unborn' : 'outdated' };
}
