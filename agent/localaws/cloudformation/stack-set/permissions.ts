import type { Caller } from '../../service.ts';
import type { World } from '../../world.ts';
import { invalid } from '../invalid.ts';
import type { CallAs } from './organization-access.ts';
import { administeredOrganization } from './organization-access.ts';
import type { GivenRoles } from './roles.ts';
import { setRoles } from './roles.ts';
import type { AutoDeployment, Permissions, StackSet } from './stack-set.ts';

interface GivenPermissions extends GivenRoles {
  readonly PermissionModel?: Permissions['model'] | undefined;
  readonly AutoDeployment?:
    | { readonly Enabled: boolean; readonly RetainStacksOnAccountRemoval?: boolean | undefined }
    | undefined;
}

/** What a new set works with. */
export function newPermissions(
  world: World,
  caller: Caller,
  given: GivenPermissions & { readonly CallAs: CallAs },
): Permissions {
  if (given.PermissionModel === 'SERVICE_MANAGED') {
    administeredOrganization(world, caller, given.CallAs);
    refuseRoles(given);
    const autoDeployment = autoDeploymentOf(given) ?? { isEnabled: false, retainsStacks: false };
    return { model: 'SERVICE_MANAGED', autoDeployment, unitRegions: new Map() };
  }
  if (given.CallAs === 'DELEGATED_ADMIN') {
    throw invalid('CallAs DELEGATED_ADMIN is only for StackSets with SERVICE_MANAGED permission model');
  }
  refuseAutoDeployment(given);
  return { model: 'SELF_MANAGED', roles: setRoles(caller, given) };
}

/** What a set works with after an update. */
export function changedPermissions({ permissions, home }: StackSet, given: GivenPermissions): Permissions {
  if ((given.PermissionModel ?? permissions.model) !== permissions.model) {
    throw invalid('You cannot modify PermissionModel of a stack set that has stack instances');
  }
  if (permissions.model === 'SERVICE_MANAGED') {
    refuseRoles(given);
    return { ...permissions, autoDeployment: autoDeploymentOf(given) ?? permissions.autoDeployment };
  }
  refuseAutoDeployment(given);
  if (permissions.roles.isCustom && given.AdministrationRoleARN === undefined) {
    throw invalid(
      'The stack set has a customized administrator role: specify it again, even if it is the same',
    );
  }
  const { AdministrationRoleARN, ExecutionRoleName = permissions.roles.executionRoleName } = given;
  return { model: 'SELF_MANAGED', roles: setRoles(home, { AdministrationRoleARN, ExecutionRoleName }) };
}

function autoDeploymentOf({ AutoDeployment: given }: GivenPermissions): AutoDeployment | undefined {
  if (!given) return undefined;
  const { Enabled: isEnabled, RetainStacksOnAccountRemoval: retainsStacks } = given;
  if (!isEnabled && retainsStacks !== undefined) {
    throw invalid('RetainStacksOnAccountRemoval can only be specified if Enabled is true');
  }
  return { isEnabled, retainsStacks: retainsStacks ?? false };
}

function refuseRoles({ AdministrationRoleARN, ExecutionRoleName }: GivenRoles): void {
  if (AdministrationRoleARN === undefined && ExecutionRoleName === undefined) return;
  throw invalid(
    'AdministrationRoleARN and ExecutionRoleName are not for StackSets with SERVICE_MANAGED permission model',
  );
}

function refuseAutoDeployment({ AutoDeployment }: GivenPermissions): void {
  if (AutoDeployment) {
    throw invalid('AutoDeployment is only for StackSets with SERVICE_MANAGED permission model');
  }
}
