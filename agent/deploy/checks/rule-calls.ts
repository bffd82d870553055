import {
  DescribeRuleCommand,
  type EventBridgeClient,
  ListTargetsByRuleCommand,
  ResourceNotFoundException,
  type Target,
} from '@aws-sdk/client-eventbridge';

import { ask } from '../../aws/ask.ts';
import type { FailedCall } from '../../aws/failure.ts';
import type { PlaceCallsOptions } from './place-calls.ts';

export interface LiveRule {
  readonly kind: 'rule';
  readonly state: string | undefined;
  readonly pattern: string | undefined;
  readonly schedule: string | undefined;
  readonly description: string | undefined;
}

export interface LiveTargets {
  readonly kind: 'targets';
  readonly targets: readonly Target[];
}

export interface Missing {
  readonly kind: 'missing';
}

export function describeRule(
  name: string,
  options: PlaceCallsOptions,
): Promise<LiveRule | Missing | FailedCall> {
  return askOfRule(`DescribeRule of ${name}`, options, async (client, abort) => {
    const rule = await client.send(new DescribeRuleCommand({ Name: name }), abort);
    const { State: state, EventPattern: pattern, ScheduleExpression: schedule } = rule;
    return { kind: 'rule', state, pattern, schedule, description: rule.Description };
  });
}

/** A rule has five targets at most, so one page holds them all. */
export function listTargets(
  rule: string,
  options: PlaceCallsOptions,
): Promise<LiveTargets | Missing | FailedCall> {
  return askOfRule(`ListTargetsByRule of ${rule}`, options, async (client, abort) => {
    const { Targets: targets = [] } = await client.send(new ListTargetsByRuleCommand({ Rule: rule }), abort);
    return { kind: 'targets', targets };
  });
}

type Send<T> = (client: EventBridgeClient, abort: { readonly abortSignal: AbortSignal }) => Promise<T>;

function askOfRule<T>(
  what: string,
  { clients, scope, source, signal }: PlaceCallsOptions,
  send: Send<T>,
): Promise<T | Missing | FailedCall> {
  const { account, region } = source;
  const call = { what: `${what} in ${account} ${region}` };
  return ask({ clients, scope, region, call, signal }, async () => {
    try {
      return await send(clients.eventbridge(scope, region), { abortSignal: signal });
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return { kind: 'missing' };
      throw error;
    }
  });
}
