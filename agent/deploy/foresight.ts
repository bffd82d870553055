import {
  CloudWatchLogsServiceException,
  DescribeResourcePoliciesCommand,
} from '@aws-sdk/client-cloudwatch-logs';

import { EXIT, GuardrelayError } from '../model/error.ts';
import type { DeployContext } from './context.ts';
import type { DeployPlan, PlanStep } from './plan.ts';

/** CloudFormation quotas, "Stack instances per stack set": 100,000, and no more for anybody. */
const MAX_INSTANCES = 100_000;
/** API reference of CloudWatch Logs, PutResourcePolicy: policies of the account, without those of log groups. */
const MAX_POLICIES = 10;

/** The plan without what would surely fail. Refuses one that cannot fit at all. Reads, and writes nothing. */
export async function foresee(plan: DeployPlan, context: DeployContext): Promise<DeployPlan> {
  if (plan.mode !== 'stack') {
    requireRoomInSet(plan);
    return plan;
  }
  if (plan.parameters.LogPolicyScope !== 'Account') return plan;
  const steps = await Promise.all(plan.steps.map((step) => withRoomForPolicy(step, plan, context)));
  return { ...plan, steps };
}

function requireRoomInSet({ name, customer, steps }: DeployPlan): void {
  const wanted = steps.filter(({ action }) => action !== 'off');
  if (wanted.length <= MAX_INSTANCES || !wanted.some(({ action }) => action === 'create')) return;
  const accounts = new Set(wanted.map(({ account }) => account)).size;
  const message = `${customer} wants ${text(wanted.length)} stacks in ${text(accounts)} accounts, ${text(Math.round(wanted.length / accounts))} regions each, and a StackSet holds ${text(MAX_INSTANCES)}`;
  throw new GuardrelayError('CFN-002', message, {
    exitCode: EXIT.usage,
    fix: `Share the accounts out to several customers in the configuration, each with a stack.name of its own, for example ${name}-1 and ${name}-2: each is a StackSet of its own.`,
  });
}

/** Where all account-level Logs policies are taken, a new stack would fail half-way. */
async function withRoomForPolicy(
  step: PlanStep,
  { parameters }: DeployPlan,
  context: DeployContext,
): Promise<PlanStep> {
  if (step.action !== 'create') return step;
  const names = await accountPolicies(step.region, context);
  if (!names || names.length < MAX_POLICIES || names.includes(`${parameters.Prefix}-events`)) return step;
  const { account, region } = step;
  const reason = `all ${MAX_POLICIES} account-level Logs policies of the region are taken: stack.logPolicyScope: logGroup needs none`;
  return { account, region, action: 'skip', reason, code: 'LOG-003' };
}

/** Undefined: AWS does not tell us, so that it will be seen on the way. */
async function accountPolicies(
  region: string,
  { logs, signal }: DeployContext,
): Promise<string[] | undefined> {
  try {
    // All of them are one page: there can be no more than ten.
    const command = new DescribeResourcePoliciesCommand({ policyScope: 'ACCOUNT' });
    const { resourcePolicies = [] } = await logs(region).send(command, { abortSignal: signal });
    return resourcePolicies.map(({ policyName = '' }) => policyName);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof CloudWatchLogsServiceException) return undefined;
    throw error;
  }
}

function text(count: number): string {
  return count.toLocaleString('en-US');
}
