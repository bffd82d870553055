import { ADOPTED, adoptionOverrides, isAdoptable, isAdopter } from './adoption.ts';
import type { Blueprint } from './blueprint.ts';
import { parametersOf } from './blueprint.ts';
import type { DeployProgress } from './context.ts';
import type { Place } from './places.ts';
import type { InstanceResult } from './result.ts';
import { placeOf } from './stack-set-instances.ts';
import type { SetSite } from './stack-set-work.ts';
import { operate } from './stack-set-work.ts';

/** Well below the rate at which CloudFormation throttles. */
const ASKED_AT_ONCE = 8;

/**
 * A StackSet cannot import. Where a log group was there already, the stack is made once more, to write into that one:
 * repeated with a new id, CreateStackInstances takes up every OUTDATED instance (API reference, OperationId).
 */
export async function adopt(
  site: SetSite,
  results: readonly InstanceResult[],
): Promise<readonly InstanceResult[]> {
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

/** To those who watch, what is about to be adopted has not failed. */
export function patient(progress: DeployProgress, blueprint: Blueprint): DeployProgress {
  return {
    ...progress,
    changed: (result) =>
      progress.changed(isAdoptable(result, blueprint) ? { ...result, status: 'running' } : result),
  };
}

function tellAdopted(result: InstanceResult): InstanceResult {
  return result.status === 'succeeded' ? { ...result, reason: ADOPTED } : result;
}

/** Asks for each instance, because the list of instances does not tell. */
export async function adopters({ calls }: SetSite): Promise<readonly Place[]> {
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
