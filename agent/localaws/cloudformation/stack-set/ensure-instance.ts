import { AwsError } from '../../service.ts';
import type { StackInstance, StackSet } from './stack-set.ts';
import { targetKey } from './stack-set.ts';
import type { NamedTarget } from './targets.ts';

/** Quota "Stack instances per stack set" (page `cloudformation-limits`). */
const MAX_INSTANCES = 100_000;

/** The instances of targets, made where there are none. */
export function ensureInstances(set: StackSet, targets: readonly NamedTarget[]): readonly StackInstance[] {
  const wanted = new Set([...set.instances.keys(), ...targets.map(targetKey)]).size;
  if (wanted > MAX_INSTANCES) {
    const limit = `A stack set can have at most ${MAX_INSTANCES} stack instances, not ${wanted}`;
    throw new AwsError('LimitExceededException', limit);
  }
  return targets.map((target) => ensureInstance(set, target));
}

function ensureInstance(set: StackSet, target: NamedTarget): StackInstance {
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
