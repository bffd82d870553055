import type { z } from 'zod';
import type { Operation } from '../../operation.ts';
import { operationsRefusing } from '../../operation.ts';
import { invalid } from '../invalid.ts';
import { ensureInstances } from './ensure-instance.ts';
import { changeInstances, deleteInstances } from './input.ts';
import type { SetEngine } from './set-engine.ts';
import { beginOperation } from './set-engine.ts';
import type { StackInstance, StackSet } from './stack-set.ts';
import { existingInstances, namedInstances, newTargets } from './targets.ts';

const operation = operationsRefusing('ValidationError');

type Change = z.output<typeof changeInstances>;
type Deletion = z.output<typeof deleteInstances>;

/** Only what the set's template declares can be overridden. */
function checkOverrides({ spec }: StackSet, { ParameterOverrides = [] }: Change): void {
  const unknown = ParameterOverrides.map(({ ParameterKey }) => ParameterKey).filter(
    (name) => !spec.template.Parameters.has(name),
  );
  if (unknown.length > 0) throw invalid(`Parameters: [${unknown.join(', ')}] do not exist in the template`);
}

/** An override that keeps its previous value stands as it was; one that is left out of a list is gone. */
function override(instance: StackInstance, { ParameterOverrides }: Change): StackInstance {
  const before = instance.overrides;
  instance.overrides =
    ParameterOverrides?.flatMap((given) =>
      given.UsePreviousValue
        ? before.filter(({ ParameterKey }) => ParameterKey === given.ParameterKey)
        : [given],
    ) ?? before;
  return instance;
}

/** From now on accounts that join these units get instances in these regions. */
function remember({ permissions }: StackSet, { DeploymentTargets, Regions }: Change): void {
  if (permissions.model === 'SELF_MANAGED') return;
  for (const unit of DeploymentTargets?.OrganizationalUnitIds ?? []) {
    const known = permissions.unitRegions.get(unit) ?? new Set();
    permissions.unitRegions.set(unit, known.union(new Set(Regions)));
  }
}

/** Whole units whose instances are deleted are no targets any more. */
function forget({ permissions }: StackSet, { DeploymentTargets, Regions }: Deletion): void {
  if (permissions.model === 'SELF_MANAGED' || !DeploymentTargets) return;
  if (DeploymentTargets.Accounts.length > 0) return;
  for (const unit of DeploymentTargets.OrganizationalUnitIds) {
    const left = permissions.unitRegions.get(unit)?.difference(new Set(Regions)) ?? new Set();
    if (left.size > 0) permissions.unitRegions.set(unit, left);
    else permissions.unitRegions.delete(unit);
  }
}

/** Operations on the instances of sets. */
export function instanceOperations(engine: SetEngine): Readonly<Record<string, Operation>> {
  const { world } = engine;
  return {
    CreateStackInstances: operation(changeInstances, (request, caller) =>
      beginOperation(engine, caller, {
        action: 'CREATE',
        request,
        prepare(set) {
          checkOverrides(set, request);
          const targets = newTargets(world, set, request);
          remember(set, request);
          return ensureInstances(set, targets).map((instance) => override(instance, request));
        },
      }),
    ),
    UpdateStackInstances: operation(changeInstances, (request, caller) =>
      beginOperation(engine, caller, {
        action: 'UPDATE',
        request,
        prepare(set) {
          checkOverrides(set, request);
          return namedInstances(world, set, request).map((instance) => override(instance, request));
        },
      }),
    ),
    DeleteStackInstances: operation(deleteInstances, (request, caller) =>
      beginOperation(engine, caller, {
        action: 'DELETE',
        request,
        prepare(set) {
          forget(set, request);
          return existingInstances(world, set, request);
        },
      }),
    ),
  };
}
