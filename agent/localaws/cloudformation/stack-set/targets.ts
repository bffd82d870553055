import { hasUnit, unitsOf } from '../../organizations.ts';
import type { Organization, World } from '../../world.ts';
import { invalid } from '../invalid.ts';
import type { TargetMembers } from './input.ts';
import type { StackInstance, StackSet, Target } from './stack-set.ts';
import { targetKey } from './stack-set.ts';
import { instanceOf } from './stack-sets.ts';

/** A target, with the unit that it was named by; empty: by its own id. */
export interface NamedTarget extends Target {
  readonly unit: string;
}

type DeploymentTargets = NonNullable<TargetMembers['DeploymentTargets']>;

/** The targets that instances are to be made in. */
export function newTargets(world: World, set: StackSet, request: TargetMembers): readonly NamedTarget[] {
  if (set.permissions.model === 'SELF_MANAGED') return ownTargets(request);
  const { units, accounts, filter } = organizationTargets(request);
  if (units.length === 0) throw invalid('DeploymentTargets must specify OrganizationalUnitIds');
  if (accounts.length > 0 && filter === undefined) throw invalid('AccountFilterType must be specified');
  if (filter === 'UNION') throw invalid('AccountFilterType UNION is not supported for this operation');
  const organization = organizationOf(world, set);
  for (const unit of units) {
    if (!hasUnit(organization, unit)) throw invalid(`Organizational unit ${unit} does not exist`);
  }
  const chosen = membersIn(organization, units).filter(({ account }) => passes(account, accounts, filter));
  return request.Regions.flatMap((region) => chosen.map((member) => ({ ...member, region })));
}

/** The instances that a call names, all of which must exist where they are named one by one. */
export function namedInstances(
  world: World,
  set: StackSet,
  request: TargetMembers,
): readonly StackInstance[] {
  return set.permissions.model === 'SELF_MANAGED'
    ? ownTargets(request).map((target) => instanceOf(set, target))
    : existingInstances(world, set, request);
}

/** The instances that there are of what a call names: by accounts, or by a unit in which they are or were made. */
export function existingInstances(
  world: World,
  set: StackSet,
  request: TargetMembers,
): readonly StackInstance[] {
  if (set.permissions.model === 'SELF_MANAGED') {
    return ownTargets(request).flatMap((target) => set.instances.get(targetKey(target)) ?? []);
  }
  const { units, accounts, filter = 'UNION' } = organizationTargets(request);
  const organization = organizationOf(world, set);
  return [...set.instances.values()].filter(({ account, region, unit }) => {
    if (!request.Regions.includes(region)) return false;
    const isInUnits = [unit, ...unitsOf(organization, account)].some((id) => units.includes(id));
    if (filter === 'UNION') return isInUnits || accounts.includes(account);
    return isInUnits && passes(account, accounts, filter);
  });
}

/** Every account in every region. */
function ownTargets({ Accounts, Regions, DeploymentTargets }: TargetMembers): readonly NamedTarget[] {
  if (DeploymentTargets) {
    throw invalid('StackSets with SELF_MANAGED permission model can only have accounts as target');
  }
  if (Accounts.length === 0 || Regions.length === 0) throw invalid('Accounts and Regions must be specified');
  return Regions.flatMap((region) => Accounts.map((account) => ({ account, region, unit: '' })));
}

interface OrganizationTargets {
  readonly units: readonly string[];
  readonly accounts: readonly string[];
  readonly filter: DeploymentTargets['AccountFilterType'];
}

function organizationTargets({ Accounts, Regions, DeploymentTargets }: TargetMembers): OrganizationTargets {
  if (Accounts.length > 0) {
    throw invalid(
      'StackSets with SERVICE_MANAGED permission model can only have OrganizationalUnit as target',
    );
  }
  if (!DeploymentTargets || Regions.length === 0) {
    throw invalid('DeploymentTargets and Regions must be specified');
  }
  const { OrganizationalUnitIds, AccountFilterType } = DeploymentTargets;
  return { units: OrganizationalUnitIds, accounts: DeploymentTargets.Accounts, filter: AccountFilterType };
}

function organizationOf({ organizations }: World, { home }: StackSet): Organization {
  const organization = organizations.of(home.account);
  if (organization) return organization;
  throw invalid('The management account of the stack set is in no organization');
}

/** The accounts in these units and below, each by the first unit that holds it. The management account is none. */
function membersIn(
  organization: Organization,
  units: readonly string[],
): readonly { account: string; unit: string }[] {
  return [...organization.members.keys()].flatMap((account) => {
    const path = unitsOf(organization, account);
    const unit = units.find((id) => path.includes(id));
    return unit === undefined || account === organization.management ? [] : [{ account, unit }];
  });
}

function passes(
  account: string,
  accounts: readonly string[],
  filter: DeploymentTargets['AccountFilterType'],
): boolean {
  if (filter === 'INTERSECTION') return accounts.includes(account);
  return filter === 'DIFFERENCE' ? !accounts.includes(account) : true;
}
