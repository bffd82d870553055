import type { World } from '../../world.ts';
import type { Specifications } from '../specification.ts';
import type { StackEngine } from '../stack/engine.ts';
import { createInstanceWork } from './instance-work.ts';
import type { SetWork } from './set-work.ts';
import { createSetWork } from './set-work.ts';
import type { StackSets } from './stack-sets.ts';
import { createStackSets } from './stack-sets.ts';

/** All that works on StackSets. */
export interface SetEngine {
  readonly world: World;
  readonly specifications: Specifications;
  readonly sets: StackSets;
  readonly work: SetWork;
}

export function createSetEngine(world: World, stacks: StackEngine, signal: AbortSignal): SetEngine {
  const instances = createInstanceWork(world, stacks, signal);
  return {
    world,
    specifications: stacks.specifications,
    sets: createStackSets(world),
    work: createSetWork(world, instances, signal),
  };
}
