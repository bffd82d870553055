import { CloudFormationServiceException } from '@aws-sdk/client-cloudformation';

import { EXIT, GuardrelayError } from '../model/error.ts';
import type { DeployContext } from './context.ts';
import type { Fleet } from './fleet.ts';
import type { DeployMode } from './plan.ts';
import type { DeployRequest } from './request.ts';
import { createStackFleet } from './stack.ts';
import { createStackSetFleet } from './stack-set.ts';
import { withLogGroupName } from './template.ts';

/** One way to deploy. */
export interface FleetChoice {
  readonly mode: DeployMode;
  readonly fleet: Fleet;
}

/** The ways in which this request can be carried out, best first. */
export function fleetChoices(
  request: DeployRequest,
  context: DeployContext,
): readonly [FleetChoice, ...FleetChoice[]] {
  const stacks = (): FleetChoice => ({ mode: 'stack', fleet: stackFleet(request, context) });
  const stackSet = (): FleetChoice => ({
    mode: 'stackset-self-managed',
    fleet: createStackSetFleet(request.collector, request.stackSet, context),
  });
  switch (request.mode) {
    case 'stack':
      requireOwnAccount(request);
      return [stacks()];
    case 'stackset-self-managed':
      return [stackSet()];
    case 'auto':
      if (strangers(request).length > 0) return [stackSet()];
      return reachable(request).length > 1 ? [stackSet(), stacks()] : [stacks(), stackSet()];
  }
}

/** The choice that exists in AWS; where none does, the best. */
export async function chooseFleet(request: DeployRequest, context: DeployContext): Promise<FleetChoice> {
  const [best, ...others] = fleetChoices(request, context);
  if (others.length === 0 || (await best.fleet.inspect()).exists) return best;
  for (const choice of others) if (await mayExist(choice)) return choice;
  return best;
}

/** The reader role's own stack: once per account, because IAM is global. */
export function readerFleet(request: DeployRequest, context: DeployContext): Fleet | undefined {
  const { reader, adminAccount, stackSet, stack } = request;
  if (!reader) return undefined;
  const place = { account: adminAccount, region: stackSet.homeRegion };
  return createStackFleet(reader, [place], { settings: stack, context });
}

function stackFleet(request: DeployRequest, context: DeployContext): Fleet {
  const { collector, stack } = request;
  const template = withLogGroupName(collector.template, collector.parameters.LogGroupName);
  return createStackFleet({ ...collector, template }, reachable(request), { settings: stack, context });
}

function reachable({ targets }: DeployRequest) {
  return targets.filter(({ off }) => off === undefined);
}

/** Accounts that the deployer's credentials do not belong to. */
function strangers({ targets, adminAccount }: DeployRequest): string[] {
  return [...new Set(targets.map(({ account }) => account))].filter((account) => account !== adminAccount);
}

function requireOwnAccount(request: DeployRequest): void {
  const others = strangers(request);
  if (others.length === 0) return;
  const { customer, adminAccount } = request;
  const message = `deploying ${customer} as stacks: the credentials belong to account ${adminAccount}, but the customer collects in ${others.join(', ')}`;
  throw new GuardrelayError('CLI-001', message, {
    exitCode: EXIT.usage,
    fix: 'Run with credentials of that account (--profile), or set stack.mode: stackset-self-managed.',
  });
}

/** Whoever may not ask for the second choice has not made it either. */
async function mayExist({ fleet }: FleetChoice): Promise<boolean> {
  try {
    return (await fleet.inspect()).exists;
  } catch (error) {
    if (error instanceof CloudFormationServiceException) return false;
    throw error;
  }
}
