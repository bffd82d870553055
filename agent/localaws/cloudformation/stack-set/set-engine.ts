import type { Caller, Place } from '../../service.ts';
import { AwsError } from '../../service.ts';
import type { World } from '../../world.ts';
import type { Specifications } from '../specification.ts';
import type { StackEngine } from '../stack/engine.ts';
import { followOrganizations } from './auto-deployment.ts';
import { createInstanceWork } from './instance-work.ts';
import type { CallAs } from './organization-access.ts';
import { administeredOrganization } from './organization-access.ts';
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
  const sets = createStackSets(world);
  const work = createSetWork({ clock: world.clock, instances, signal });
  followOrganizations({ world, sets, work });
  return { world, specifications: engine.specifications, sets, work };
}

/** A call about sets, by its caller for itself or for the organization that it administers. */
export interface SetsCall {
  readonly CallAs: CallAs;
}

/** Where the sets live that a call is about: those of an organization belong to its management account. */
export function homeOf({ world }: SetEngine, caller: Caller, { CallAs }: SetsCall): Place {
  if (CallAs === 'SELF') return caller;
  const { management } = administeredOrganization(world, caller, CallAs);
  return { ...caller, account: management };
}

/** The set that a call names, if the caller may work with it. Delegated administrators see no self-managed ones. */
export function findSet(
  engine: SetEngine,
  caller: Caller,
  call: SetsCall & { readonly StackSetName: string },
): StackSet | undefined {
  const set = engine.sets.find(homeOf(engine, caller, call), call.StackSetName);
  if (set?.permissions.model === 'SERVICE_MANAGED')
    administeredOrganization(engine.world, caller, call.CallAs);
  return set && isShown(set, call) ? set : undefined;
}

/** The same; throws StackSetNotFoundException. */
export function getSet(engine: SetEngine, caller: Caller, call: Parameters<typeof findSet>[2]): StackSet {
  const set = findSet(engine, caller, call);
  if (set) return set;
  throw new AwsError('StackSetNotFoundException', `StackSet ${call.StackSetName} not found`, 404);
}

export function isShown({ permissions }: StackSet, { CallAs }: SetsCall): boolean {
  return CallAs === 'SELF' || permissions.model === 'SERVICE_MANAGED';
}

/** A call that begins an operation. */
export interface SetCall {
  readonly action: SetOperation['action'];
  readonly request: SetsCall & {
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
  engine: SetEngine,
  caller: Caller,
  { action, request, prepare }: SetCall,
): { readonly OperationId: string } {
  const set = getSet(engine, caller, request);
  const { OperationId: id = engine.world.nextId(), OperationPreferences: preferences } = request;
  const retainStacks = request.RetainStacks;
  const asked = { id, action, request, preferences, retainStacks };
  return { OperationId: engine.work.begin(set, { ...asked, prepare: () => prepare(set) }).id };
}
