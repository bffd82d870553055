import { ADOPTED, adoptionOverrides, isAdoptable, isAdopter } from './adoption.ts';
import type { Blueprint } from './blueprint.ts';
import { isUpToDate, operationPrefix, parametersOf, requireOwn } from './blueprint.ts';
import type { DeployContext } from './context.ts';
import type { Fleet, LiveFleet } from './fleet.ts';
import type { Begun, OperationLog } from './operation.ts';
import { createOperationLog } from './operation.ts';
import type { Operation } from './operation-results.ts';
import type { Place } from './places.ts';
import { groupPlaces, placeKey } from './places.ts';
import type { InstanceResult } from './result.ts';
import type { OperationScope, StackSetCalls, StackSetSettings } from './stack-set-calls.ts';
import { createStackSetCalls } from './stack-set-calls.ts';
import { detectSetDrift } from './stack-set-drift.ts';
import { areMost, placeOf, toInstance } from './stack-set-instances.ts';
import type { StackSetPermissions } from './stack-set-permissions.ts';
import { callAsOf, followsAsWanted, requireModel } from './stack-set-permissions.ts';

/** What the functions below share of one StackSet. */
interface SetSite {
  readonly blueprint: Blueprint;
  readonly permissions: StackSetPermissions;
  readonly calls: StackSetCalls;
  readonly log: OperationLog;
  readonly context: DeployContext;
}

/** A kind of operation: its name in the operation's id, and the call that begins it. */
interface Work {
  readonly action: 'define' | 'follow' | 'create' | 'update' | 'update-all' | 'adopt' | 'delete' | 'release';
  begin(scope: OperationScope): Promise<Begun>;
}

/** Well below the rate at which CloudFormation throttles. */
const ASKED_AT_ONCE = 8;

/** A StackSet: the set in the home region, and one stack in each region of each account. */
export function createStackSetFleet(
  blueprint: Blueprint,
  settings: StackSetSettings,
  context: DeployContext,
): Fleet {
  const client = context.cloudformation(settings.homeRegion);
  const calls = createStackSetCalls(client, blueprint, { settings, signal: context.signal });
  const { permissions } = settings;
  const set = { StackSetName: blueprint.name, ...callAsOf(permissions) };
  const site = { blueprint, permissions, calls, log: createOperationLog(client, set, context), context };
  return {
    inspect: () => inspect(site),
    attach: () => attach(site),
    async create(places) {
      await define(site);
      return adopt(site, await operate(site, places, { action: 'create', begin: calls.createInstances }));
    },
    update: async (places) => adopt(site, await update(site, places)),
    remove: (places) => remove(site, places),
    release: (places) => operate(site, places, { action: 'release', begin: calls.releaseInstances }),
    adopters: () => adopters(site),
    async dissolve() {
      await calls.deleteSet();
    },
    async detectDrift(places) {
      const prefix = await prefixOf(site, 'drift', places);
      return detectSetDrift({ ...site, prefix }, places);
    },
  };
}

async function inspect({ blueprint, permissions, calls, log }: SetSite): Promise<LiveFleet> {
  const set = await calls.describe();
  if (!set) return { exists: false, instances: [], busy: false };
  requireOwn(blueprint, `StackSet ${blueprint.name}`, set.Tags);
  requireModel(blueprint, permissions, set);
  const upToDate = isUpToDate(blueprint, set) && followsAsWanted(permissions, set);
  const instances = (await calls.listInstances()).flatMap((summary) =>
    toInstance(summary, blueprint, upToDate),
  );
  const busy = (await log.running()).length > 0;
  return { exists: true, instances, busy, changesAsOne: !upToDate };
}

async function attach({ calls, log, context }: SetSite): Promise<readonly InstanceResult[]> {
  const ids = await log.running();
  const instances = await calls.listInstances();
  const operations = ids.map((id) => ({
    id,
    places: instances.filter(({ LastOperationId }) => LastOperationId === id).flatMap(placeOf),
  }));
  context.progress.begin(operations.flatMap(({ places }) => places).length);
  for (const id of ids)
    context.progress.note(`operation ${id} of an earlier run goes on: waiting for its end`);
  return watchAll(log, operations);
}

/** Makes the set, or gives it our definition, before instances are made from it. */
async function define(site: SetSite): Promise<void> {
  const { blueprint, calls } = site;
  const set = await calls.describe();
  if (!set) await calls.createSet();
  else {
    if (!followsAsWanted(site.permissions, set)) await follow(site, []);
    if (!isUpToDate(blueprint, set)) await operateOnAll(site, [], { action: 'define', begin: calls.update });
  }
}

/** Automatic deployment is switched alone, before anything else: with it AWS takes no targets (API reference, AutoDeployment). */
function follow(site: SetSite, places: readonly Place[]): Promise<readonly InstanceResult[]> {
  return operateOnAll(site, places, { action: 'follow', begin: site.calls.follow });
}

/**
 * The first update gives the set its definition, which makes every other instance OUTDATED; to give it once more with
 * some places named would do so again. So what follows updates the whole set, or names a few to CreateStackInstances,
 * which brings outdated instances up and leaves the others as they are.
 */
async function update(site: SetSite, places: readonly Place[]): Promise<readonly InstanceResult[]> {
  const { blueprint, calls, permissions } = site;
  const live = await calls.describe();
  if (live && !followsAsWanted(permissions, live)) {
    const results = await follow(site, places);
    if (isUpToDate(blueprint, live)) return results;
  }
  if (areMost(places, await calls.listInstances())) {
    return operateOnAll(site, places, { action: 'update-all', begin: calls.update });
  }
  return operate(site, places, {
    action: 'update',
    async begin(scope) {
      const set = await calls.describe();
      return isUpToDate(blueprint, set) ? calls.createInstances(scope) : calls.update(scope);
    },
  });
}

/**
 * A StackSet cannot import. Where a log group was there already, the stack is made once more, to write into that one:
 * repeated with a new id, CreateStackInstances takes up every OUTDATED instance (API reference, OperationId).
 */
async function adopt(site: SetSite, results: readonly InstanceResult[]): Promise<readonly InstanceResult[]> {
  const { blueprint, calls, context } = site;
  const refused = results.filter((result) => isAdoptable(result, blueprint));
  if (refused.length === 0) return results;
  context.progress.note(`log groups that were there: adopting them, in ${refused.length} stacks`);
  const overrides = adoptionOverrides(blueprint);
  const adopted = await operate(site, refused, {
    action: 'adopt',
    begin: (scope) => calls.createInstances({ ...scope, overrides }),
  });
  const others = results.filter((result) => !refused.includes(result));
  return [...others, ...adopted.map(tellAdopted)];
}

function tellAdopted(result: InstanceResult): InstanceResult {
  return result.status === 'succeeded' ? { ...result, reason: ADOPTED } : result;
}

/** Asks for each instance, because the list of instances does not tell. */
async function adopters({ calls }: SetSite): Promise<readonly Place[]> {
  const parameters = parametersOf((await calls.describe())?.Parameters);
  const places = (await calls.listInstances()).flatMap(placeOf);
  const found: Place[] = [];
  for (let at = 0; at < places.length; at += ASKED_AT_ONCE) {
    const asked = places.slice(at, at + ASKED_AT_ONCE).map(async (place) => {
      const isOne = isAdopter({ ...parameters, ...(await calls.overrides(place)) });
      return isOne ? [place] : [];
    });
    found.push(...(await Promise.all(asked)).flat());
  }
  return found;
}

/** Where nothing is to stay, whole units go: who joins one of them meanwhile shall get no stack. */
async function remove(site: SetSite, places: readonly Place[]): Promise<readonly InstanceResult[]> {
  const { calls, permissions } = site;
  const meant = new Set(places.map(placeKey));
  const all = (await calls.listInstances()).flatMap(placeOf);
  if (permissions.model === 'SELF_MANAGED' || !all.every((place) => meant.has(placeKey(place)))) {
    return operate(site, places, { action: 'delete', begin: calls.deleteInstances });
  }
  const regions = [...new Set(all.map(({ region }) => region))];
  const begin = (scope: OperationScope) => calls.deleteInstances({ ...scope, regions });
  return operateOnAll(site, places, { action: 'delete', begin });
}

/** One operation for each group of accounts with the same regions; they run side by side. */
async function operate(
  site: SetSite,
  places: readonly Place[],
  { action, begin }: Work,
): Promise<readonly InstanceResult[]> {
  const started: Operation[] = [];
  for (const group of groupPlaces(places)) {
    const prefix = await prefixOf(site, action, group.places);
    started.push(await site.log.start(prefix, group.places, (id) => begin({ id, ...group })));
  }
  return watchAll(site.log, started);
}

/** One operation on the whole set. Answers for the places that are meant, and for whatever else failed. */
async function operateOnAll(
  site: SetSite,
  places: readonly Place[],
  { action, begin }: Work,
): Promise<readonly InstanceResult[]> {
  const prefix = await prefixOf(site, action, places);
  const all = { accounts: [], regions: [] };
  const results = await site.log.watch(await site.log.start(prefix, places, (id) => begin({ id, ...all })));
  const meant = new Set(places.map(placeKey));
  return results.filter((result) => meant.has(placeKey(result)) || result.status !== 'succeeded');
}

/** A set that was deleted and made again has another id, and so have its operations. */
async function prefixOf(
  { blueprint, calls }: SetSite,
  action: string,
  places: readonly Place[],
): Promise<string> {
  const setId = (await calls.describe())?.StackSetId ?? blueprint.name;
  return operationPrefix(action, setId, blueprint.tags, places);
}

async function watchAll(log: OperationLog, operations: readonly Operation[]): Promise<InstanceResult[]> {
  return (await Promise.all(operations.map(log.watch))).flat();
}
