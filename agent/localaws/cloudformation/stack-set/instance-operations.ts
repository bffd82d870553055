import type { z } from 'zod';
import type { Operation } from '../../operation.ts';
import { operationsRefusing } from '../../operation.ts';
import { changeInstances, deleteInstances, targetsIn } from './input.ts';
import type { SetEngine } from './set-engine.ts';
import { beginOperation } from './set-engine.ts';
import type { StackInstance, StackSet, Target } from './stack-set.ts';
import { targetKey } from './stack-set.ts';
import { instanceOf } from './stack-sets.ts';

const operation = operationsRefusing('ValidationError');

type Change = z.output<typeof changeInstances>;

/** The instance of a target, made if there is none. */
function ensureInstance(set: StackSet, target: Target): StackInstance {
  const existing = set.instances.get(targetKey(target));
  if (existing) return existing;
  const instance: StackInstance = {
    ...target,
    partition: set.home.partition,
    overrides: [],
    status: 'OUTDATED',
    detailedStatus: 'PENDING',
    lastOperationId: '',
  };
  set.instances.set(targetKey(target), instance);
  return instance;
}

/** An override that keeps its previous value stands as it was. */
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

/** Operations on the instances of sets. */
export function instanceOperations(engine: SetEngine): Readonly<Record<string, Operation>> {
  return {
    CreateStackInstances: operation(changeInstances, (request, caller) =>
      beginOperation(engine, caller, {
        action: 'CREATE',
        request,
        prepare: (set) => targetsIn(request).map((target) => override(ensureInstance(set, target), request)),
      }),
    ),
    UpdateStackInstances: operation(changeInstances, (request, caller) =>
      beginOperation(engine, caller, {
        action: 'UPDATE',
        request,
        prepare: (set) =>
          targetsIn(request)
            .map((target) => instanceOf(set, target))
            .map((instance) => override(instance, request)),
      }),
    ),
    DeleteStackInstances: operation(deleteInstances, (request, caller) =>
      beginOperation(engine, caller, {
        action: 'DELETE',
        request,
        prepare: (set) => targetsIn(request).flatMap((target) => set.instances.get(targetKey(target)) ?? []),
      }),
    ),
  };
}
