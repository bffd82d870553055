import type { AutoDeployment, CallAs, DeploymentTargets, StackSet } from '@aws-sdk/client-cloudformation';

import { EXIT, GuardrelayError } from '../model/error.ts';
import type { Blueprint } from './blueprint.ts';

/** Whose rights a StackSet works with. */
export type StackSetPermissions = SelfManaged | ServiceManaged;

/** Roles that exist before. Absent: what the StackSet has, or CloudFormation's default. */
interface SelfManaged {
  readonly model: 'SELF_MANAGED';
  readonly administrationRoleArn?: string;
  readonly executionRoleName?: string;
}

/** Roles that CloudFormation makes itself, in the accounts of an organization. */
export interface ServiceManaged {
  readonly model: 'SERVICE_MANAGED';
  readonly callAs: CallAs;
  readonly organizationalUnits: readonly string[];
  /** Accounts that join the units get their stacks from AWS. */
  readonly autoDeploy: boolean;
  /** Accounts that leave the units keep their stacks. */
  readonly retainOnAccountRemoval: boolean;
}

/** Accounts and regions that one call names. No account: all that the set can reach. */
interface Named {
  readonly accounts: readonly string[];
  readonly regions: readonly string[];
}

interface Roles {
  readonly AdministrationRoleARN: string | undefined;
  readonly ExecutionRoleName: string | undefined;
}

type Targets =
  | { readonly Accounts: string[]; readonly Regions: string[] }
  | { readonly DeploymentTargets: DeploymentTargets; readonly Regions: string[] };

const DEFAULT_ADMINISTRATION_ROLE = 'AWSCloudFormationStackSetAdministrationRole';

/** AWS itself makes stacks, in accounts that the configuration may not name. */
export function addsAccounts(permissions: StackSetPermissions): boolean {
  return permissions.model === 'SERVICE_MANAGED' && permissions.autoDeploy;
}

/** Goes into every call: without it a delegated administrator sees none of the organization's StackSets. */
export function callAsOf(permissions: StackSetPermissions): { readonly CallAs?: CallAs } {
  return permissions.model === 'SERVICE_MANAGED' ? { CallAs: permissions.callAs } : {};
}

/** What a new StackSet is made with. */
export function creationOf(permissions: StackSetPermissions) {
  const { model: PermissionModel } = permissions;
  return permissions.model === 'SERVICE_MANAGED'
    ? { PermissionModel, ...followingOf(permissions) }
    : { PermissionModel, ...rolesOf(permissions) };
}

/**
 * The roles for an update, where there are any: the set's own where the configuration names none, for a custom role
 * that is not given again falls back to the default. AWS's default one is not passed, which would need a right.
 */
export function rolesOf(permissions: StackSetPermissions, live?: StackSet): Partial<Roles> {
  if (permissions.model === 'SERVICE_MANAGED') return {};
  const isDefault = live?.AdministrationRoleARN?.endsWith(`/${DEFAULT_ADMINISTRATION_ROLE}`);
  return {
    AdministrationRoleARN:
      permissions.administrationRoleArn ?? (isDefault ? undefined : live?.AdministrationRoleARN),
    ExecutionRoleName: permissions.executionRoleName ?? live?.ExecutionRoleName,
  };
}

/** How the set follows its organization. */
export function followingOf(permissions: StackSetPermissions): { readonly AutoDeployment?: AutoDeployment } {
  return permissions.model === 'SERVICE_MANAGED' ? { AutoDeployment: autoDeploymentOf(permissions) } : {};
}

/** RetainStacksOnAccountRemoval may be said only where automatic deployment is on (API reference). */
export function autoDeploymentOf({ autoDeploy, retainOnAccountRemoval }: ServiceManaged): AutoDeployment {
  return autoDeploy
    ? { Enabled: true, RetainStacksOnAccountRemoval: retainOnAccountRemoval }
    : { Enabled: false };
}

/** The set follows its organization as the configuration says; those of nobody's organization always do. */
export function followsAsWanted(permissions: StackSetPermissions, live: StackSet): boolean {
  if (permissions.model === 'SELF_MANAGED') return true;
  const { Enabled = false, RetainStacksOnAccountRemoval = false } = live.AutoDeployment ?? {};
  const { autoDeploy, retainOnAccountRemoval } = permissions;
  return Enabled === autoDeploy && (!autoDeploy || RetainStacksOnAccountRemoval === retainOnAccountRemoval);
}

/**
 * Where a call works. In an organization units are the targets and accounts only narrow them; `live`: the instances
 * stand in units that the configuration may name no more.
 */
export function targetsOf(permissions: StackSetPermissions, named: Named, live?: StackSet): Targets {
  const Regions = [...named.regions];
  const Accounts = [...named.accounts];
  if (permissions.model === 'SELF_MANAGED') return { Accounts, Regions };
  const known = live?.OrganizationalUnitIds ?? [];
  const units = known.length > 0 ? known : permissions.organizationalUnits;
  const narrowed = Accounts.length > 0 && { Accounts, AccountFilterType: 'INTERSECTION' as const };
  return { DeploymentTargets: { OrganizationalUnitIds: [...units], ...narrowed }, Regions };
}

/** A StackSet with stacks in it keeps its permission model for good (API reference, PermissionModel). */
export function requireModel(
  { customer, name }: Blueprint,
  { model }: StackSetPermissions,
  { PermissionModel = 'SELF_MANAGED' }: StackSet,
): void {
  if (PermissionModel === model) return;
  const mode = PermissionModel === 'SERVICE_MANAGED' ? 'stackset-organizations' : 'stackset-self-managed';
  const message = `StackSet ${name} of ${customer} is ${PermissionModel}, and stack.mode wants ${model}; AWS cannot change that`;
  throw new GuardrelayError('CFN-002', message, {
    exitCode: EXIT.failure,
    fix: `Set stack.mode: ${mode}; or with that mode run guardrelay destroy --customer ${customer}, and then deploy with the other.`,
  });
}
