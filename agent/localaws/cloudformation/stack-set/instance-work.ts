import type { World } from '../../world.ts';
import type { StackEngine } from '../stack/engine.ts';
import type { Stack, StackSpec } from '../stack/stack.ts';
import { isUpdatable } from '../stack/stack.ts';
import { parameterTexts } from '../template/parameters.ts';
import { refusalOf } from './roles.ts';
import type { StackInstance, StackSet } from './stack-set.ts';

/** Brings the stack of one instance where its set wants it. Each answers with why it failed. */
export interface InstanceWork {
  deploy(set: StackSet, instance: StackInstance): Promise<string | undefined>;
  delete(set: StackSet, instance: StackInstance, retainStack: boolean): Promise<string | undefined>;
}

function failureOf({ failure, reason, status }: Stack): string {
  if (!failure) return reason ?? `The stack is in ${status} state`;
  return `ResourceLogicalId:${failure.logicalId}, ResourceType:${failure.type}, ResourceStatusReason:${failure.reason}.`;
}

export function createInstanceWork(world: World, engine: StackEngine, signal: AbortSignal): InstanceWork {
  const { specifications, stacks, work, compare } = engine;

  /** Faults are scripted as calls of an operation `StackInstance`. */
  async function obstacle(set: StackSet, { account, region }: StackInstance): Promise<string | undefined> {
    const site = { service: 'cloudformation', operation: 'StackInstance', account, region };
    const fault = world.faults.take(site, 'error', 'hang');
    if (fault?.kind === 'error') return fault.message;
    if (fault?.kind === 'hang') await world.clock.sleep(fault.ms, signal);
    return refusalOf(world, set, { account, region });
  }

  /** The set's parameters with those that this instance overrides. */
  function specificationOf({ spec }: StackSet, { overrides }: StackInstance): StackSpec {
    const ofSet = [...spec.parameters].map(([ParameterKey, ParameterValue]) => ({
      ParameterKey,
      ParameterValue,
    }));
    const kept = overrides.filter(({ UsePreviousValue }) => !UsePreviousValue);
    return { ...spec, parameters: parameterTexts(spec.template, [...ofSet, ...kept]) };
  }

  async function remove(stack: Stack): Promise<string | undefined> {
    if (stack.status === 'DELETE_COMPLETE') return undefined;
    work.delete(stack);
    await stack.work;
    return stack.status === 'DELETE_FAILED' ? failureOf(stack) : undefined;
  }

  async function create(
    set: StackSet,
    instance: StackInstance,
    spec: StackSpec,
  ): Promise<string | undefined> {
    const { account, region } = instance;
    const name = `StackSet-${set.name}-${world.nextId()}`;
    const stack = stacks.prepare({ account, region, partition: set.home.partition }, name);
    const target = specifications.target(spec, stack);
    stacks.add(stack);
    instance.stack = stack;
    work.create(stack, target, 'ROLLBACK');
    await stack.work;
    return stack.status === 'CREATE_COMPLETE' ? undefined : failureOf(stack);
  }

  async function update(stack: Stack, spec: StackSpec): Promise<string | undefined> {
    const target = specifications.target(spec, stack);
    if ((await compare(stack, target)).isEmpty) return undefined;
    work.update(stack, target);
    await stack.work;
    return stack.status === 'UPDATE_COMPLETE' ? undefined : failureOf(stack);
  }

  /** A stack whose creation failed cannot be updated: it gives way to a new one. */
  async function converge(set: StackSet, instance: StackInstance): Promise<string | undefined> {
    const spec = specificationOf(set, instance);
    const { stack } = instance;
    if (stack && isUpdatable(stack)) return update(stack, spec);
    return (stack && (await remove(stack))) ?? create(set, instance, spec);
  }

  return {
    async deploy(set, instance) {
      try {
        return (await obstacle(set, instance)) ?? (await converge(set, instance));
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      }
    },
    async delete(set, instance, retainStack) {
      if (retainStack || !instance.stack) return undefined;
      return (await obstacle(set, instance)) ?? remove(instance.stack);
    },
  };
}
