import { z } from 'zod';
import type { Operation } from '../../operation.ts';
import { operationsRefusing } from '../../operation.ts';
import type { Place } from '../../service.ts';
import { AwsError } from '../../service.ts';
import { flag, listOf, requestToken, source, stackName } from '../input.ts';
import { invalid } from '../invalid.ts';
import type { StackEngine } from './engine.ts';
import type { Stack } from './stack.ts';
import { isUpdatable } from './stack.ts';

const operation = operationsRefusing('ValidationError');

/** Throws unless the stack rests in a state from which it can be updated. */
export function checkUpdatable(stack: Stack): void {
  if (isUpdatable(stack)) return;
  throw invalid(`Stack:${stack.id} is in ${stack.status} state and can not be updated.`);
}

/** A stack that is being made may be deleted: that waits for the making. */
function checkDeletable({ name, status }: Stack): void {
  const mayWait = ['REVIEW_IN_PROGRESS', 'CREATE_IN_PROGRESS', 'DELETE_IN_PROGRESS'].includes(status);
  if (mayWait || !status.endsWith('_IN_PROGRESS')) return;
  throw invalid(`Stack [${name}] cannot be deleted while in status ${status}`);
}

const createStack = z.object({
  ...source,
  StackName: stackName,
  OnFailure: z.enum(['ROLLBACK', 'DELETE', 'DO_NOTHING']).default('ROLLBACK'),
  DisableRollback: flag.default(false),
  ClientRequestToken: requestToken.optional(),
});
const updateStack = z.object({ ...source, StackName: z.string() });
const deleteStack = z.object({ StackName: z.string(), RetainResources: listOf(z.string()).default([]) });

/** Operations that make, change and delete single stacks. */
export function stackOperations(engine: StackEngine): Readonly<Record<string, Operation>> {
  const { specifications, stacks, work, compare } = engine;

  function create(place: Place, request: z.output<typeof createStack>): Stack {
    const { StackName: name, ClientRequestToken: token } = request;
    const existing = stacks.find(place, name);
    if (existing && token !== undefined && existing.requestToken === token) return existing;
    if (existing) throw new AwsError('AlreadyExistsException', `Stack [${name}] already exists`);
    const stack = stacks.prepare(place, name, token);
    const plan = specifications.plan(specifications.specify(request), stack);
    stacks.add(stack);
    work.create(stack, plan, request.DisableRollback ? 'DO_NOTHING' : request.OnFailure);
    return stack;
  }

  return {
    CreateStack: operation(createStack, (request, caller) => ({ StackId: create(caller, request).id })),
    UpdateStack: operation(updateStack, async (request, caller) => {
      const stack = stacks.get(caller, request.StackName);
      checkUpdatable(stack);
      const plan = specifications.plan(specifications.specify(request, stack.spec), stack);
      if ((await compare(stack, plan)).isEmpty) throw invalid('No updates are to be performed.');
      work.update(stack, plan);
      return { StackId: stack.id };
    }),
    // A stack that is not there, or not any more, is deleted already.
    DeleteStack: operation(deleteStack, (request, caller) => {
      const stack = stacks.find(caller, request.StackName);
      if (!stack || stack.status === 'DELETE_COMPLETE' || stack.status === 'DELETE_IN_PROGRESS') return;
      checkDeletable(stack);
      work.delete(stack, request.RetainResources);
    }),
  };
}
