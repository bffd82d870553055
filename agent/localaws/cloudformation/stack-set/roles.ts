import { isAllowed, parsePolicy } from '../../policy.ts';
import type { Caller, Place } from '../../service.ts';
import type { World } from '../../world.ts';
import type { SetRoles, StackSet, Target } from './stack-set.ts';

const ADMINISTRATION_ROLE = 'AWSCloudFormationStackSetAdministrationRole';
const EXECUTION_ROLE = 'AWSCloudFormationStackSetExecutionRole';

export interface GivenRoles {
  readonly AdministrationRoleARN?: string | undefined;
  readonly ExecutionRoleName?: string | undefined;
}

/** The roles of a set, with AWS's names where the caller names none. */
export function setRoles(
  home: Place,
  { AdministrationRoleARN, ExecutionRoleName = EXECUTION_ROLE }: GivenRoles,
): SetRoles {
  return {
    administrationRoleArn:
      AdministrationRoleARN ?? `arn:${home.partition}:iam::${home.account}:role/${ADMINISTRATION_ROLE}`,
    executionRoleName: ExecutionRoleName,
    isCustom: AdministrationRoleARN !== undefined,
  };
}

const administrationRoleName = ({ administrationRoleArn }: SetRoles): string =>
  administrationRoleArn.split('/').at(-1) ?? '';

function trustsCloudFormation({ principals }: World, { home, arn }: StackSet, roles: SetRoles): boolean {
  const role = principals.role(home.account, administrationRoleName(roles));
  if (role?.arn !== roles.administrationRoleArn) return false;
  const trust = parsePolicy(role.trust);
  const context = { 'aws:SourceAccount': home.account, 'aws:SourceArn': arn };
  return ['cloudformation', `cloudformation.${home.region}`].some((host) =>
    isAllowed([trust], {
      action: 'sts:AssumeRole',
      principal: { service: `${host}.amazonaws.com` },
      context,
    }),
  );
}

interface Way {
  readonly home: Place;
  readonly roles: SetRoles;
  /** At its end. */
  readonly account: string;
}

/** CloudFormation as the administration role, and from there as the execution role of the target. */
function canAssume({ principals }: World, { home, roles, account }: Way): boolean {
  const session = `assumed-role/${administrationRoleName(roles)}/AWSCloudFormation`;
  const arn = `arn:${home.partition}:sts::${home.account}:${session}`;
  const administrator: Caller = { ...home, arn };
  const roleArn = `arn:${home.partition}:iam::${account}:role/${roles.executionRoleName}`;
  if (!principals.allows(administrator, 'sts:AssumeRole', { resource: roleArn })) return false;
  try {
    principals.assume(administrator, { roleArn, sessionName: 'AWSCloudFormation', durationSeconds: 3600 });
    return true;
  } catch {
    return false;
  }
}

/** Why a set may not work in a target, in the words of AWS. */
export function refusalOf(world: World, set: StackSet, { account, region }: Target): string | undefined {
  const { home, permissions } = set;
  if (permissions.model === 'SELF_MANAGED') {
    const { roles } = permissions;
    if (!trustsCloudFormation(world, set, roles) || !canAssume(world, { home, roles, account })) {
      return `Account ${account} should have '${roles.executionRoleName}' role with trust relationship to Role '${administrationRoleName(roles)}'.`;
    }
  }
  const isOn = [home.account, account].every((id) =>
    world.accounts.isEnabled({ account: id, region, partition: home.partition }),
  );
  return isOn
    ? undefined
    : 'The security token included in the request is invalid (Service: CloudFormation, Status Code: 403, Error Code: InvalidClientTokenId)';
}

const document = (statement: object): object => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', ...statement }],
});

/** Puts the roles of AWS's sample templates into an administrator account and its target accounts. */
export function addStackSetRoles(world: World, administrator: string, accounts: readonly string[]): void {
  const partition = world.accounts.partition(administrator);
  const roleArn = (account: string, name: string): string => `arn:${partition}:iam::${account}:role/${name}`;
  const administrationArn = roleArn(administrator, ADMINISTRATION_ROLE);

  world.principals.putRole({
    account: administrator,
    name: ADMINISTRATION_ROLE,
    arn: administrationArn,
    trust: document({ Principal: { Service: 'cloudformation.amazonaws.com' }, Action: 'sts:AssumeRole' }),
    policies: { AssumeRole: document({ Action: 'sts:AssumeRole', Resource: roleArn('*', EXECUTION_ROLE) }) },
  });
  for (const account of accounts) {
    world.principals.putRole({
      account,
      name: EXECUTION_ROLE,
      arn: roleArn(account, EXECUTION_ROLE),
      trust: document({ Principal: { AWS: administrationArn }, Action: 'sts:AssumeRole' }),
      policies: { AdministratorAccess: document({ Action: '*', Resource: '*' }) },
    });
  }
}
