import { perPlace } from '../../per-place.ts';
import type { Place } from '../../service.ts';
import type { World } from '../../world.ts';
import { invalid } from '../invalid.ts';
import type { Stack } from './stack.ts';

/** The stacks of all accounts and regions, deleted ones too. */
export interface Stacks {
  /** A new stack, which is not there before it is added. */
  prepare(place: Place, name: string, requestToken?: string): Stack;
  add(stack: Stack): void;
  /** By name, or by id: only the id finds a deleted stack. */
  find(place: Place, nameOrId: string): Stack | undefined;
  /** Throws the ValidationError that CloudFormation answers. */
  get(place: Place, nameOrId: string): Stack;
  /** Without those that are deleted. */
  list(place: Place): readonly Stack[];
  /** Whether a stack has a resource of this type and physical id. */
  isOwned(stack: Stack, type: string, physicalId: string): boolean;
}

function owns({ resources }: Stack, type: string, physicalId: string): boolean {
  return [...resources.values()].some(
    ({ planned, physicalId: own }) => planned.declaration.Type === type && own === physicalId,
  );
}

/** No stacks to begin with. */
export function createStacks({ clock, nextId }: Pick<World, 'clock' | 'nextId'>): Stacks {
  const stacksOf = perPlace(() => new Map<string, Stack>());
  const active = (place: Place): readonly Stack[] =>
    [...stacksOf(place).values()].filter(({ status }) => status !== 'DELETE_COMPLETE');

  function find(place: Place, nameOrId: string): Stack | undefined {
    return stacksOf(place).get(nameOrId) ?? active(place).find(({ name }) => name === nameOrId);
  }

  return {
    prepare(place, name, requestToken) {
      const { account, region, partition } = place;
      const id = `arn:${partition}:cloudformation:${region}:${account}:stack/${name}/${nextId()}`;
      return {
        id,
        name,
        place: { account, region, partition },
        createdAt: clock.now(),
        requestToken,
        status: 'REVIEW_IN_PROGRESS',
        outputs: [],
        resources: new Map(),
        events: [],
        work: Promise.resolve(),
      };
    },
    add: (stack) => void stacksOf(stack.place).set(stack.id, stack),
    find,
    get(place, nameOrId) {
      const stack = find(place, nameOrId);
      if (stack) return stack;
      throw invalid(`Stack with id ${nameOrId} does not exist`);
    },
    list: active,
    isOwned: ({ place }, type, physicalId) => active(place).some((stack) => owns(stack, type, physicalId)),
  };
}
