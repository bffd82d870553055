import type { Objects } from '../../s3/objects.ts';
import type { ResourceHandler } from '../../service.ts';
import type { World } from '../../world.ts';
import type { Specifications } from '../specification.ts';
import { createSpecifications } from '../specification.ts';
import type { ChangeSets } from './change-set.ts';
import { createChangeSets } from './change-set.ts';
import type { Difference } from './difference.ts';
import { createComparison } from './difference.ts';
import type { DetectDrift } from './drift.ts';
import { createDriftDetection } from './drift.ts';
import { createResourceDesk } from './resource-desk.ts';
import type { Stack, StackEvent, StackStatus } from './stack.ts';
import type { StackPlan, StackWork } from './stack-work.ts';
import { createStackWork } from './stack-work.ts';
import type { Stacks } from './stacks.ts';
import { createStacks } from './stacks.ts';

/** All that works on single stacks; StackSets stand on it too. */
export interface StackEngine {
  readonly specifications: Specifications;
  readonly stacks: Stacks;
  readonly changeSets: ChangeSets;
  readonly work: StackWork;
  compare(stack: Stack, plan: StackPlan): Promise<Difference>;
  readonly detectDrift: DetectDrift;
}

export interface StackEngineOptions {
  readonly world: World;
  readonly handlers: readonly ResourceHandler[];
  /** Where a TemplateURL leads. */
  readonly objects: Objects;
  /** How long one operation on a stack takes, by the clock. */
  readonly stackMs: number;
  readonly signal: AbortSignal;
}

type UnrecordedEvent = Omit<StackEvent, 'id' | 'at' | 'physicalId'> & { physicalId?: string | undefined };

export function createStackEngine(options: StackEngineOptions): StackEngine {
  const { world, handlers, objects, stackMs, signal } = options;
  const stacks = createStacks(world);

  function record(stack: Stack, { physicalId = '', ...event }: UnrecordedEvent): void {
    stack.events.push({ ...event, physicalId, id: world.nextId(), at: world.clock.now() });
  }

  function setStatus(stack: Stack, status: StackStatus, reason?: string): void {
    stack.status = status;
    stack.reason = reason;
    const { name: logicalId, id: physicalId } = stack;
    record(stack, { logicalId, physicalId, type: 'AWS::CloudFormation::Stack', status, reason });
  }

  const resources = createResourceDesk({ handlers, record, isOwned: stacks.isOwned, now: world.clock.now });
  const work = createStackWork({ world, resources, stackMs, signal, setStatus });
  const compare = createComparison(resources);
  return {
    specifications: createSpecifications(handlers, objects),
    stacks,
    changeSets: createChangeSets({ world, work, compare, compareMs: stackMs, signal }),
    work,
    compare,
    detectDrift: createDriftDetection({ world, resources, stackMs, signal }),
  };
}
