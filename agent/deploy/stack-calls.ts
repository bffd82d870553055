import type {
  CloudFormationClient,
  DescribeChangeSetOutput,
  Stack,
  StackEvent,
} from '@aws-sdk/client-cloudformation';
import {
  AlreadyExistsException,
  CloudFormationServiceException,
  CreateChangeSetCommand,
  DeleteChangeSetCommand,
  DeleteStackCommand,
  DescribeChangeSetCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  ExecuteChangeSetCommand,
} from '@aws-sdk/client-cloudformation';

import type { Blueprint } from './blueprint.ts';
import { definition, TAG } from './blueprint.ts';

export type ChangeSetType = 'CREATE' | 'UPDATE';

/** The calls that one stack in one region is made and kept with. */
export interface StackCalls {
  /** By name, or by id: a deleted stack is found by its id only. Undefined: there is none. */
  describe(stackId?: string): Promise<Stack | undefined>;
  /** Answers with the id of the stack, which a change set of type CREATE brings into being. */
  createChangeSet(type: ChangeSetType): Promise<string | undefined>;
  describeChangeSet(): Promise<DescribeChangeSetOutput>;
  executeChangeSet(): Promise<unknown>;
  deleteChangeSet(): Promise<unknown>;
  /** Newest first, the last 100 or so. */
  events(stackId: string): Promise<readonly StackEvent[]>;
  deleteStack(): Promise<unknown>;
}

export interface StackSettings {
  /** The role that CloudFormation works with; absent: the caller's own rights. */
  readonly serviceRoleArn?: string;
}

export function createStackCalls(
  client: CloudFormationClient,
  blueprint: Blueprint,
  { settings, signal }: { readonly settings: StackSettings; readonly signal: AbortSignal },
): StackCalls {
  const StackName = blueprint.name;
  const abort = { abortSignal: signal };
  const role = { RoleARN: settings.serviceRoleArn };
  const changeSet = { StackName, ChangeSetName: `guardrelay-${blueprint.tags[TAG.configHash]}` };
  const deleteChangeSet = () => client.send(new DeleteChangeSetCommand(changeSet), abort);

  return {
    async describe(stackId = StackName) {
      try {
        const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: stackId }), abort);
        return Stacks?.[0];
      } catch (error) {
        if (isUnknownStack(error)) return undefined;
        throw error;
      }
    },
    async createChangeSet(ChangeSetType) {
      const command = new CreateChangeSetCommand({
        ...changeSet,
        ...definition(blueprint),
        ...role,
        ChangeSetType,
        // Adopts the log group that an earlier stack left behind.
        ImportExistingResources: true,
        // What is left of a creation that failed can only be deleted, and would stop the next attempt.
        ...(ChangeSetType === 'CREATE' && { OnStackFailure: 'DELETE' }),
      });
      try {
        return (await client.send(command, abort)).StackId;
      } catch (error) {
        if (!(error instanceof AlreadyExistsException)) throw error;
        // Left by a run that was cut off.
        await deleteChangeSet();
        return (await client.send(command, abort)).StackId;
      }
    },
    describeChangeSet: () => client.send(new DescribeChangeSetCommand(changeSet), abort),
    executeChangeSet: () => client.send(new ExecuteChangeSetCommand(changeSet), abort),
    deleteChangeSet,
    async events(stackId) {
      const command = new DescribeStackEventsCommand({ StackName: stackId });
      return (await client.send(command, abort)).StackEvents ?? [];
    },
    deleteStack: () => client.send(new DeleteStackCommand({ StackName, ...role }), abort),
  };
}

/** CloudFormation has no error class for it: a ValidationError with this text. */
function isUnknownStack(error: unknown): boolean {
  return error instanceof CloudFormationServiceException && /does not exist/.test(error.message);
}
