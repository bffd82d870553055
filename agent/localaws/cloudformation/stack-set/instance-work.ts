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
  delete(set: StackSet, instance: StackInstance): Promise<string | undefined>;
  /** Compares its stack with the template that it was made from. */
  detectDrift(set: StackSet, instance: StackInstance): Promise<string | undefined>;
  /** Its organization has suspended the account. */
  isSuspended(instance: StackInstance): boolean;
}

export interface InstanceWorkOptions {
  readonly world: World;
  readonly engine: StackEngine;
  readonly signal: AbortSignal;
}

export function createInstanceWork({ world, engine, signal }: InstanceWorkOptions): InstanceWork {
  /** Faults are scripted as calls of an operation `StackInstance`. */
  async function obstacle(set: StackSet, { account, region }: StackInstance): Promise<string | undefined> {
    const site = { service: 'cloudformation', operation: 'StackInstance', account, region };
    const fault = world.faults.take(site, 'error', 'hang');
    if (fault?.kind === 'error') return fault.message;
    if (fault?.kind === 'hang') await world.clock.sleep(fault.ms, signal);
    return refusalOf(world, set, { account, region });
  }

  return {
    async deploy(set, instance) {
      const refused = await obstacle(set, instance);
      if (refused !== undefined) return refused;
      const name = `StackSet-${set.name}-${world.nextId()}`;
      return converge(engine, instance, { spec: specificationOf(set, instance), name });
    },
    async delete(set, instance) {
      if (!instance.stack) return undefined;
      return (await obstacle(set, instance)) ?? remove(engine, instance.stack);
    },
    async detectDrift(set, instance) {
      const { stack } = instance;
      if (!stack) return 'The stack instance has no stack';
      const refused = await obstacle(set, instance);
      if (refused !== undefined) return refused;
      instance.drift = await engine.detectDrift(stack);
      return instance.drift.reason;
    },
    isSuspended: ({ account }) => world.organizations.of(account)?.members.get(account)?.isSuspended ?? false,
  };
}

/** The set's parameters with those that this instance overrides. */
function specificationOf({ spec }: StackSet, { overrides }: StackInstance): StackSpec {
  const ofSet = [...spec.parameters].map(([ParameterKey, ParameterValue]) => ({
    ParameterKey,
    ParameterValue,
  }));
  return { ...spec, parameters: parameterTexts(spec.template, [...ofSet, ...overrides]) };
}

/** A stack whose creation failed cannot be updated: it gives way to a new one. */
async function converge(
  engine: StackEngine,
  instance: StackInstance,
  wanted: { spec: StackSpec; name: string },
): Promise<string | undefined> {
  const { stack } = instance;
  if (stack && isUpdatable(stack)) return update(engine, stack, wanted.spec);
  return (stack && (await remove(engine, stack))) ?? create(engine, instance, wanted);
}

async function create(
  { specifications, stacks, work }: StackEngine,
  instance: StackInstance,
  { spec, name }: { spec: StackSpec; name: string },
): Promise<string | undefined> {
  const stack = stacks.prepare(instance, name);
  const plan = specifications.plan(spec, stack);
  stacks.add(stack);
  instance.stack = stack;
  work.create(stack, plan, 'ROLLBACK');
  await stack.work;
  return stack.status === 'CREATE_COMPLETE' ? undefined : failureOf(stack);
}

async function update(
  { specifications, work, compare }: StackEngine,
  stack: Stack,
  spec: StackSpec,
): Promise<string | undefined> {
  const plan = specifications.plan(spec, stack);
  if ((await compare(stack, plan)).isEmpty) return undefined;
  work.update(stack, plan);
  await stack.work;
  return stack.status === 'UPDATE_COMPLETE' ? undefined : failureOf(stack);
}

async function remove({ work }: StackEngine, stack: Stack): Promise<string | undefined> {
  if (stack.status === 'DELETE_COMPLETE') return undefined;
  work.delete(stack);
  await stack.work;
  return stack.status === 'DELETE_FAILED' ? failureOf(stack) : undefined;
}

function failureOf({ failure, reason, status }: Stack): string {
  if (!failure) return reason ?? `The stack is in ${status} state`;
  return `ResourceLogicalId:${failure.logicalId}, ResourceType:${failure.type}, ResourceStatusReason:${failure.reason}.`;
}
