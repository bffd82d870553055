import type { Place } from '../../service.ts';
import type { World } from '../../world.ts';
import type { Specifications } from '../specification.ts';
import type { StackEngine } from '../stack/engine.ts';
import { createInstanceWork } from './instance-work.ts';
import type { Preferences } from './rollout.ts';
import type { SetWork } from './set-work.ts';
import { createSetWork } from './set-work.ts';
import type { SetOperation, StackInstance, StackSet } from './stack-set.ts';
import type { StackSets } from './stack-sets.ts';
import { createStackSets } from './stack-sets.ts';

/** All that works on StackSets. */
export interface SetEngine {
  readonly world: World;
  readonly specifications: Specifications;
  readonly sets: StackSets;
  readonly work: SetWork;
}

export function createSetEngine(world: World, engine: StackEngine, signal: AbortSignal): SetEngine {
  const instances = createInstanceWork({ world, engine, signal });
  return {
    world,
    specifications: engine.specifications,
    sets: createStackSets(world),
    work: createSetWork({ clock: world.clock, instances, signal }),
  };
}

/** A call that begins an operation. */
export interface SetCall {
  readonly action: SetOperation['action'];
  readonly request: {
    readonly StackSetName: string;
    readonly OperationId?: string | undefined;
    readonly OperationPreferences: Preferences;
    readonly RetainStacks?: boolean;
  };
  /** Called if the operation is new: changes the set, and answers with the instances to work on. */
  prepare(set: StackSet): readonly StackInstance[];
}

/** Begins the operation that a call asks for, and answers as the API does. */
export function beginOperation(
  { world, sets, work }: SetEngine,
  home: Place,
  { action, request, prepare }: SetCall,
): { readonly OperationId: string } {
  const set = sets.get(home, request.StackSetName);
  const { OperationId: id = world.nextId(), OperationPreferences: preferences } = request;
  const retainStacks = request.RetainStacks;
  const asked = { id, action, request, preferences, retainStacks };
  return { OperationId: work.begin(set, { ...asked, prepare: () => prepare(set) }).id };
}
