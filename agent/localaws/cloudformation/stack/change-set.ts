import type { World } from '../../world.ts';
import type { Difference, ResourceChange } from './difference.ts';
import type { Stack } from './stack.ts';
import type { OnFailure, StackPlan, StackWork } from './stack-work.ts';

/** A planned operation on a stack. */
export interface ChangeSet {
  readonly id: string;
  readonly name: string;
  readonly description?: string | undefined;
  /** Epoch ms. */
  readonly createdAt: number;
  readonly type: 'CREATE' | 'UPDATE';
  readonly plan: StackPlan;
  readonly onFailure: OnFailure;
  status: 'CREATE_IN_PROGRESS' | 'CREATE_COMPLETE' | 'FAILED';
  reason?: string | undefined;
  executionStatus: 'UNAVAILABLE' | 'AVAILABLE' | 'EXECUTE_COMPLETE';
  changes: readonly ResourceChange[];
}

/** The change sets of all stacks. */
export interface ChangeSets {
  /** Begins to compare; the answer's status tells when that is done. */
  begin(stack: Stack, request: ChangeSetRequest): ChangeSet;
  list(stack: Stack): readonly ChangeSet[];
  delete(stack: Stack, changeSet: ChangeSet): void;
  /** Starts the operation; the stack's other change sets are void then. */
  execute(stack: Stack, changeSet: ChangeSet): void;
}

type ChangeSetRequest = Pick<ChangeSet, 'name' | 'description' | 'type' | 'plan' | 'onFailure'>;

export interface ChangeSetsOptions {
  readonly world: World;
  readonly work: StackWork;
  compare(stack: Stack, plan: StackPlan): Promise<Difference>;
  /** How long the comparison takes, by the clock. */
  readonly compareMs: number;
  readonly signal: AbortSignal;
}

const NO_CHANGES =
  "The submitted information didn't contain changes. Submit different information to create a change set.";

/** Page `import-resources-automatically`. */
function refusalOfImports(changes: readonly ResourceChange[]): string | undefined {
  const refused = changes.filter(({ action, isRetained }) => action === 'Import' && !isRetained);
  if (refused.length === 0) return undefined;
  const affected = refused.map(({ logicalId, physicalId }) => `${logicalId} (${physicalId})`);
  return `CloudFormation is attempting to import some resources because they already exist in your account. The resources must have the DeletionPolicy attribute set to 'Retain' or 'RetainExceptOnCreate' in the template for successful import. The affected resources are ${affected.join(', ')}`;
}

export function createChangeSets({ world, work, compare, compareMs, signal }: ChangeSetsOptions): ChangeSets {
  const setsOf = new Map<string, readonly ChangeSet[]>();
  const list = (stack: Stack): readonly ChangeSet[] => setsOf.get(stack.id) ?? [];

  async function finish(stack: Stack, changeSet: ChangeSet): Promise<void> {
    await world.clock.sleep(compareMs, signal);
    const { resources, isEmpty } = await compare(stack, changeSet.plan);
    changeSet.changes = resources;
    changeSet.reason = isEmpty ? NO_CHANGES : refusalOfImports(resources);
    changeSet.status = changeSet.reason === undefined ? 'CREATE_COMPLETE' : 'FAILED';
    changeSet.executionStatus = changeSet.reason === undefined ? 'AVAILABLE' : 'UNAVAILABLE';
  }

  function fail(changeSet: ChangeSet, error: unknown): void {
    changeSet.status = 'FAILED';
    changeSet.reason = error instanceof Error ? error.message : String(error);
  }

  return {
    begin(stack, request) {
      const { account, region, partition } = stack.place;
      const changeSet: ChangeSet = {
        ...request,
        id: `arn:${partition}:cloudformation:${region}:${account}:changeSet/${request.name}/${world.nextId()}`,
        createdAt: world.clock.now(),
        status: 'CREATE_IN_PROGRESS',
        executionStatus: 'UNAVAILABLE',
        changes: [],
      };
      setsOf.set(stack.id, [...list(stack), changeSet]);
      finish(stack, changeSet).catch((error: unknown) => fail(changeSet, error));
      return changeSet;
    },
    list,
    delete(stack, changeSet) {
      setsOf.set(
        stack.id,
        list(stack).filter((other) => other !== changeSet),
      );
    },
    execute(stack, changeSet) {
      changeSet.executionStatus = 'EXECUTE_COMPLETE';
      setsOf.set(stack.id, [changeSet]);
      if (changeSet.type === 'CREATE') work.create(stack, changeSet.plan, changeSet.onFailure);
      else work.update(stack, changeSet.plan);
    },
  };
}
