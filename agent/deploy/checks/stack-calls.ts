import type { Stack } from '@aws-sdk/client-cloudformation';
import { CloudFormationServiceException, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { ListTagsForResourceCommand, ResourceNotFoundException } from '@aws-sdk/client-eventbridge';

import type { Missing } from './rule-calls.ts';
import { askService, type ServiceCallOptions, type UnansweredCall } from './service-call.ts';

export interface RuleTags {
  readonly kind: 'tags';
  readonly tags: ReadonlyMap<string, string>;
}

/** The stack that made the collector of a region: one of its own, or that of a StackSet's instance. */
export interface LiveStack {
  readonly kind: 'stack';
  readonly name: string;
  readonly status: string;
  readonly reason?: string;
  /** Of the last drift detection, whoever began it. */
  readonly drift: string;
  /** Epoch ms; absent: nobody ever has. */
  readonly driftCheckedAt?: number;
}

/** CloudFormation gives a rule the tags of its stack, and says which stack that is. */
export function askRuleTags(
  ruleArn: string,
  options: ServiceCallOptions,
): Promise<RuleTags | Missing | UnansweredCall> {
  const { clients, scope, source, signal } = options;
  const client = clients.eventbridge(scope, source.region);
  return askService('events:ListTagsForResource', options, async () => {
    try {
      const command = new ListTagsForResourceCommand({ ResourceARN: ruleArn });
      const { Tags = [] } = await client.send(command, { abortSignal: signal });
      return { kind: 'tags', tags: new Map(Tags.map(({ Key = '', Value = '' }) => [Key, Value])) };
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return { kind: 'missing' };
      throw error;
    }
  });
}

/** By its id, which finds one that was deleted too, for 90 days. */
export function describeStack(
  stackId: string,
  options: ServiceCallOptions,
): Promise<LiveStack | Missing | UnansweredCall> {
  const { clients, scope, source, signal } = options;
  const client = clients.cloudformation(scope, source.region);
  return askService('cloudformation:DescribeStacks', options, async () => {
    try {
      const command = new DescribeStacksCommand({ StackName: stackId });
      const { Stacks: [stack] = [] } = await client.send(command, { abortSignal: signal });
      return stack ? toLive(stack) : { kind: 'missing' };
    } catch (error) {
      if (error instanceof CloudFormationServiceException && /does not exist/.test(error.message)) {
        return { kind: 'missing' };
      }
      throw error;
    }
  });
}

function toLive({ StackName, StackStatus, StackStatusReason: reason, DriftInformation }: Stack): LiveStack {
  const { StackDriftStatus: drift = 'NOT_CHECKED', LastCheckTimestamp } = DriftInformation ?? {};
  return {
    kind: 'stack',
    name: StackName ?? '',
    status: StackStatus ?? 'of no status',
    drift,
    ...(reason !== undefined && { reason }),
    ...(LastCheckTimestamp && { driftCheckedAt: LastCheckTimestamp.getTime() }),
  };
}
