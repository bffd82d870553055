import type { Blueprint } from './blueprint.ts';
import { operationPrefix } from './blueprint.ts';
import type { DeployContext } from './context.ts';
import type { Begun, OperationLog } from './operation.ts';
import type { Operation } from './operation-results.ts';
import type { Place } from './places.ts';
import { groupPlaces, placeKey } from './places.ts';
import type { InstanceResult } from './result.ts';
import type { OperationScope, StackSetCalls } from './stack-set-calls.ts';
import type { StackSetPermissions } from './stack-set-permissions.ts';

/** What everything that is done to one StackSet needs. */
export interface SetSite {
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

/** One operation for each group of accounts with the same regions; they run side by side. */
export async function operate(
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
export async function operateOnAll(
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
export async function prefixOf(
  { blueprint, calls }: SetSite,
  action: string,
  places: readonly Place[],
): Promise<string> {
  const setId = (await calls.describe())?.StackSetId ?? blueprint.name;
  return operationPrefix(action, setId, blueprint.tags, places);
}

export async function watchAll(
  log: OperationLog,
  operations: readonly Operation[],
): Promise<InstanceResult[]> {
  return (await Promise.all(operations.map(log.watch))).flat();
}
