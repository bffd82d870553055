import type { StackInstance, StackSet } from './stack-set.ts';
import { targetKey } from './stack-set.ts';
import type { NamedTarget } from './targets.ts';

/** The instance of a target, made if there is none. */
export function ensureInstance(set: StackSet, target: NamedTarget): StackInstance {
  const existing = set.instances.get(targetKey(target));
  if (existing) {
    existing.unit = target.unit;
    return existing;
  }
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
