import type { Blueprint } from './blueprint.ts';
import { isUpToDate, requireOwn } from './blueprint.ts';
import type { DeployContext } from './context.ts';
import type { Fleet, LiveFleet } from './fleet.ts';
import { createOperationLog } from './operation.ts';
import type { Place } from './places.ts';
import { placeKey } from './places.ts';
import type { InstanceResult } from './result.ts';
import { adopt, adopters, patient } from './stack-set-adoption.ts';
import type { OperationScope, StackSetSettings } from './stack-set-calls.ts';
import { createStackSetCalls } from './stack-set-calls.ts';
import { detectSetDrift } from './stack-set-drift.ts';
import { areMost, placeOf, toInstance } from './stack-set-instances.ts';
import { callAsOf, followsAsWanted, requireModel } from './stack-set-permissions.ts';
import type { SetSite } from './stack-set-work.ts';
import { operate, operateOnAll, prefixOf, watchAll } from './stack-set-work.ts';

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
  const log = createOperationLog(client, set, { ...context, progress: patient(context.progress, blueprint) });
  const site = { blueprint, permissions, calls, log, context };
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
  const wait = context.detached ? '' : ': waiting for its end';
  for (const id of ids) context.progress.note(`operation ${id} of an earlier run goes on${wait}`);
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
