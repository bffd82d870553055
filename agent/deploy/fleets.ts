import { CloudFormationServiceException } from '@aws-sdk/client-cloudformation';

import { EXIT, GuardrelayError } from '../model/error.ts';
import type { Blueprint } from './blueprint.ts';
import { organizationRefusal } from './call-error.ts';
import type { FleetPart } from './combined-fleet.ts';
import { combineFleets } from './combined-fleet.ts';
import type { DeployContext } from './context.ts';
import type { Fleet } from './fleet.ts';
import type { Place } from './places.ts';
import type { DeployMode } from './plan.ts';
import { readerTargets } from './reader-targets.ts';
import type { DeployRequest } from './request.ts';
import { createStackFleet } from './stack.ts';
import { createStackSetFleet } from './stack-set.ts';
import { withLogGroupName } from './template.ts';

/** What AWS has under one name: a StackSet, or plain stacks. */
export interface Vessel extends FleetPart {
  readonly kind: 'stack' | 'StackSet';
  readonly name: string;
}

/** One way to deploy. */
export interface FleetChoice {
  readonly mode: DeployMode;
  readonly fleet: Fleet;
  /** What the fleet consists of. */
  readonly vessels: readonly Vessel[];
}

/** The ways in which this request can be carried out, best first. */
export function fleetChoices(
  request: DeployRequest,
  context: DeployContext,
): readonly [FleetChoice, ...FleetChoice[]] {
  const stacks = (): FleetChoice => choice('stack', [collectorStacks(request, context, reachable(request))]);
  const stackSet = (): FleetChoice => choice('stackset-self-managed', [collectorSet(request, context)]);
  switch (request.mode) {
    case 'stack':
      requireOwnAccount(request);
      return [stacks()];
    case 'stackset-self-managed':
      return [stackSet()];
    case 'stackset-organizations':
      return [choice('stackset-organizations', organizationVessels(request, context))];
    case 'auto':
      if (strangers(request).length > 0) return [stackSet()];
      return reachable(request).length > 1 ? [stackSet(), stacks()] : [stacks(), stackSet()];
  }
}

/** The choice that exists in AWS; where none does, the best. */
export async function chooseFleet(request: DeployRequest, context: DeployContext): Promise<FleetChoice> {
  if (request.mode === 'stackset-organizations') requireAccess(request);
  const [best, ...others] = fleetChoices(request, context);
  if (others.length === 0 || (await best.fleet.inspect()).exists) return best;
  for (const other of others) if (await mayExist(other)) return other;
  return best;
}

/** Says before anything is asked of StackSets why they would refuse. */
function requireAccess({
  customer,
  adminAccount,
  organization = {},
  stackSet: { permissions },
}: DeployRequest): void {
  const { managementAccount = adminAccount, isTrusted = true } = organization;
  const callsAsSelf = permissions.model === 'SERVICE_MANAGED' && permissions.callAs === 'SELF';
  if (callsAsSelf && managementAccount !== adminAccount) {
    const who = `account ${adminAccount}, which is neither the management account (${managementAccount}) nor asks as a delegated administrator`;
    throw organizationRefusal(`deploying ${customer} to its organization with credentials of ${who}`);
  }
  if (!isTrusted) {
    throw organizationRefusal(`deploying ${customer} to its organization: StackSets have no access to it`);
  }
}

/** The reader role in every account; none: it is not ours to make. */
export function readerVessels(request: DeployRequest, context: DeployContext): readonly Vessel[] {
  return request.reader ? roleVessels(request.reader, request, context) : [];
}

/** The role that forwards to the hub; none: there is no hub. */
export function forwardingVessels(request: DeployRequest, context: DeployContext): readonly Vessel[] {
  return request.forwarding ? roleVessels(request.forwarding, request, context) : [];
}

/** A role in every account: by a stack where the credentials belong, by a StackSet elsewhere. */
function roleVessels(role: Blueprint, request: DeployRequest, context: DeployContext): readonly Vessel[] {
  const { stackSet, stack: settings } = request;
  const isOwn = ({ account }: Place): boolean =>
    request.mode === 'stackset-organizations'
      ? isManagement(request, account)
      : account === request.adminAccount;
  const own = { account: request.adminAccount, region: stackSet.homeRegion };
  const fleet = createStackFleet(role, [own].filter(isOwn), { settings, context });
  const stack: Vessel = { kind: 'stack', name: role.name, fleet, owns: isOwn };
  if (!spansAccounts(request)) return [stack];
  return [stack, stackSetVessel(role, { request, context, owns: (place) => !isOwn(place) })];
}

/** What stands once in each account, because IAM is global. */
export interface RoleFleets {
  readonly reader?: Fleet;
  readonly forwarding?: Fleet;
}

export function roleFleets(request: DeployRequest, context: DeployContext): RoleFleets {
  const reader = readerVessels(request, context);
  const forwarding = forwardingVessels(request, context);
  return {
    ...(reader.length > 0 && { reader: combineFleets(reader) }),
    ...(forwarding.length > 0 && { forwarding: combineFleets(forwarding) }),
  };
}

function choice(mode: DeployMode, vessels: readonly Vessel[]): FleetChoice {
  return { mode, fleet: combineFleets(vessels), vessels };
}

/** No service-managed StackSet reaches the management account: it gets stacks of its own, from its own hands. */
function organizationVessels(request: DeployRequest, context: DeployContext): readonly Vessel[] {
  const isOwn = ({ account }: Place): boolean => isManagement(request, account);
  const stacks = collectorStacks(request, context, reachable(request).filter(isOwn));
  return [
    stackSetVessel(request.collector, { request, context, owns: (place) => !isOwn(place) }),
    { ...stacks, owns: isOwn },
  ];
}

/** The management account, if the credentials are its own. */
function isManagement({ organization, adminAccount }: DeployRequest, account: string): boolean {
  return account === adminAccount && account === organization?.managementAccount;
}

function collectorSet(request: DeployRequest, context: DeployContext): Vessel {
  return stackSetVessel(request.collector, { request, context, owns: () => true });
}

function stackSetVessel(
  blueprint: Blueprint,
  {
    request,
    context,
    owns,
  }: Pick<FleetPart, 'owns'> & { readonly request: DeployRequest; readonly context: DeployContext },
): Vessel {
  const fleet = createStackSetFleet(blueprint, request.stackSet, context);
  return { kind: 'StackSet', name: blueprint.name, fleet, owns };
}

function collectorStacks(
  { collector, stack: settings }: DeployRequest,
  context: DeployContext,
  places: readonly Place[],
): Vessel {
  const template = withLogGroupName(collector.template, collector.parameters.LogGroupName);
  const fleet = createStackFleet({ ...collector, template }, places, { settings, context });
  return { kind: 'stack', name: collector.name, fleet, owns: () => true };
}

function reachable({ targets }: DeployRequest) {
  return targets.filter(({ off, obstacle }) => off === undefined && obstacle === undefined);
}

/** Accounts that the deployer's credentials do not belong to. */
function strangers({ targets, adminAccount }: Pick<DeployRequest, 'targets' | 'adminAccount'>): string[] {
  return [...new Set(targets.map(({ account }) => account))].filter((account) => account !== adminAccount);
}

/** A StackSet may be needed, or may be left from when one was. */
function spansAccounts(request: DeployRequest): boolean {
  if (request.mode !== 'auto') return request.mode !== 'stack';
  const { adminAccount } = request;
  return (
    strangers(request).length > 0 || strangers({ targets: readerTargets(request), adminAccount }).length > 0
  );
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
