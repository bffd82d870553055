import { z } from 'zod';
import type { Operation } from '../../operation.ts';
import { operationsRefusing } from '../../operation.ts';
import type { Place } from '../../service.ts';
import { AwsError } from '../../service.ts';
import { flag, source, stackName } from '../input.ts';
import { invalid } from '../invalid.ts';
import type { ChangeSet } from './change-set.ts';
import { describeChangeSet, summarizeChangeSet } from './describe.ts';
import type { StackEngine } from './engine.ts';
import type { Stack } from './stack.ts';
import { checkUpdatable } from './stack-operations.ts';

const operation = operationsRefusing('ValidationError');

const createChangeSet = z.object({
  ...source,
  StackName: stackName.or(z.string().startsWith('arn:')),
  ChangeSetName: stackName,
  ChangeSetType: z.enum(['CREATE', 'UPDATE']).default('UPDATE'),
  Description: z.string().max(1024).optional(),
  ImportExistingResources: flag.default(false),
  OnStackFailure: z.enum(['ROLLBACK', 'DELETE', 'DO_NOTHING']).default('ROLLBACK'),
});
/** The name of a change set needs its stack; the id stands alone. */
const chosen = z.object({ ChangeSetName: z.string(), StackName: z.string().optional() });
const ofStack = z.object({ StackName: z.string() });

interface Chosen {
  readonly stack: Stack;
  readonly changeSet: ChangeSet;
}

function find(
  { stacks, changeSets }: StackEngine,
  place: Place,
  { StackName, ChangeSetName }: z.output<typeof chosen>,
): Chosen | undefined {
  const candidates = StackName === undefined ? stacks.list(place) : [stacks.get(place, StackName)];
  return candidates
    .flatMap((stack) => changeSets.list(stack).map((changeSet) => ({ stack, changeSet })))
    .find(({ changeSet: { id, name } }) => id === ChangeSetName || name === ChangeSetName);
}

function choose(engine: StackEngine, place: Place, request: z.output<typeof chosen>): Chosen {
  const found = find(engine, place, request);
  if (found) return found;
  throw new AwsError('ChangeSetNotFound', `ChangeSet [${request.ChangeSetName}] does not exist`, 404);
}

type Creation = z.output<typeof createChangeSet>;

/** A CREATE makes a stack that awaits review; another CREATE may join it there. */
function stackToCreate({ stacks }: StackEngine, place: Place, { StackName, ChangeSetName }: Creation): Stack {
  const existing = stacks.find(place, StackName);
  if (!existing) return stacks.prepare(place, StackName);
  if (existing.status === 'REVIEW_IN_PROGRESS') return existing;
  throw invalid(
    `Stack [${StackName}] already exists and cannot be created again with the changeSet [${ChangeSetName}].`,
  );
}

function stackToUpdate({ stacks }: StackEngine, place: Place, { StackName }: Creation): Stack {
  const stack = stacks.find(place, StackName);
  if (!stack) throw invalid(`Stack [${StackName}] does not exist`);
  checkUpdatable(stack);
  return stack;
}

function create(engine: StackEngine, place: Place, request: Creation): Chosen {
  const { ChangeSetName: name, ChangeSetType: type, Description: description } = request;
  const stackFor = type === 'CREATE' ? stackToCreate : stackToUpdate;
  const stack = stackFor(engine, place, request);
  if (engine.changeSets.list(stack).some((other) => other.name === name)) {
    throw new AwsError('AlreadyExistsException', `ChangeSet ${name} already exists`);
  }
  const spec = engine.specifications.specify(request, stack.spec);
  const plan = { ...engine.specifications.plan(spec, stack), imports: request.ImportExistingResources };
  engine.stacks.add(stack);
  const onFailure = request.OnStackFailure;
  return { stack, changeSet: engine.changeSets.begin(stack, { name, type, description, plan, onFailure }) };
}

function checkExecutable({ id, status, executionStatus }: ChangeSet): void {
  if (executionStatus === 'AVAILABLE') return;
  const refusal = `ChangeSet [${id}] cannot be executed in its current status of [${status}]`;
  throw new AwsError('InvalidChangeSetStatus', refusal);
}

/** Operations on change sets. */
export function changeSetOperations(engine: StackEngine): Readonly<Record<string, Operation>> {
  const { stacks, changeSets } = engine;
  return {
    CreateChangeSet: operation(createChangeSet, (request, caller) => {
      const { stack, changeSet } = create(engine, caller, request);
      return { Id: changeSet.id, StackId: stack.id };
    }),
    DescribeChangeSet: operation(chosen, (request, caller) => {
      const { stack, changeSet } = choose(engine, caller, request);
      return describeChangeSet(stack, changeSet);
    }),
    ListChangeSets: operation(ofStack, ({ StackName }, caller) => {
      const stack = stacks.get(caller, StackName);
      return { Summaries: changeSets.list(stack).map((changeSet) => summarizeChangeSet(stack, changeSet)) };
    }),
    ExecuteChangeSet: operation(chosen, (request, caller) => {
      const { stack, changeSet } = choose(engine, caller, request);
      checkExecutable(changeSet);
      changeSets.execute(stack, changeSet);
    }),
    DeleteChangeSet: operation(chosen, (request, caller) => {
      const found = find(engine, caller, request);
      if (found) changeSets.delete(found.stack, found.changeSet);
    }),
  };
}
