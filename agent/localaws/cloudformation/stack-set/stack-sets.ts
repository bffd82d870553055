import type { Place } from '../../service.ts';
import { AwsError } from '../../service.ts';
import type { World } from '../../world.ts';
import type { SetOperation, StackInstance, StackSet, Target } from './stack-set.ts';
import { targetKey } from './stack-set.ts';

/** The StackSets of all administrators, deleted ones too. */
export interface StackSets {
  add(
    home: Place,
    made: Pick<StackSet, 'name' | 'requestToken' | 'description' | 'spec' | 'permissions' | 'isManaged'>,
  ): StackSet;
  /** By name or id, without deleted ones. */
  find(home: Place, nameOrId: string): StackSet | undefined;
  /** Throws StackSetNotFoundException. */
  get(home: Place, nameOrId: string): StackSet;
  list(home: Place): readonly StackSet[];
  /** Those of every administrator. */
  all(): readonly StackSet[];
}

/** Throws OperationNotFoundException. */
export function operationOf(set: StackSet, id: string): SetOperation {
  const operation = set.operations.find((candidate) => candidate.id === id);
  if (operation) return operation;
  throw new AwsError('OperationNotFoundException', `Operation ${id} not found`, 404);
}

/** Throws StackInstanceNotFoundException. */
export function instanceOf(set: StackSet, target: Target): StackInstance {
  const instance = set.instances.get(targetKey(target));
  if (instance) return instance;
  const where = `account ${target.account}, region ${target.region}`;
  throw new AwsError('StackInstanceNotFoundException', `Stack instance not found for ${where}`, 404);
}

/** No StackSets to begin with. */
export function createStackSets({ nextId }: Pick<World, 'nextId'>): StackSets {
  const all: StackSet[] = [];

  function list({ account, region }: Place): readonly StackSet[] {
    return all.filter(({ home }) => home.account === account && home.region === region);
  }

  function find(home: Place, nameOrId: string): StackSet | undefined {
    return list(home).find(
      ({ id, name, status }) => status === 'ACTIVE' && (id === nameOrId || name === nameOrId),
    );
  }

  return {
    add({ account, region, partition }, made) {
      const id = `${made.name}:${nextId()}`;
      const set: StackSet = {
        ...made,
        id,
        arn: `arn:${partition}:cloudformation:${region}:${account}:stackset/${id}`,
        home: { account, region, partition },
        status: 'ACTIVE',
        instances: new Map(),
        operations: [],
        work: Promise.resolve(),
      };
      all.push(set);
      return set;
    },
    find,
    get(home, nameOrId) {
      const set = find(home, nameOrId);
      if (set) return set;
      throw new AwsError('StackSetNotFoundException', `StackSet ${nameOrId} not found`, 404);
    },
    list,
    all: () => all,
  };
}
