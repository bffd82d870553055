import type { ErrorCode } from '../model/error.ts';
import type { OrganizationSight } from './organization.ts';
import type { Target } from './plan.ts';

/** Why nothing can be deployed in an account whose regions are on. */
export interface Obstacle {
  readonly reason: string;
  readonly code: ErrorCode;
  readonly fix: string;
}

const SUSPENDED: Obstacle = {
  reason: 'the account is suspended',
  code: 'CFN-002',
  fix: "Take the account out of the customer's accounts, or have AWS reopen it, then run the same command again.",
};
const OUTSIDE: Obstacle = {
  reason: 'the account is in none of stack.organizationalUnits',
  code: 'CFN-001',
  fix: 'Add the unit of the account to stack.organizationalUnits, or move the account, then run the same command again.',
};
const OWN_STACKS_FIX =
  'Run the same command once more with credentials of the management account (--profile): it then gets stacks of its own.';

/** The targets, with what the organization puts in the way of some. */
export function obstruct(
  targets: readonly Target[],
  sight: OrganizationSight,
  adminAccount: string,
): readonly Target[] {
  return targets.map((target) => {
    const obstacle = obstacleIn(target.account, sight, adminAccount);
    return obstacle ? { ...target, obstacle } : target;
  });
}

function obstacleIn(
  account: string,
  { managementAccount, members }: OrganizationSight,
  adminAccount: string,
): Obstacle | undefined {
  if (account === managementAccount) {
    if (account === adminAccount) return undefined;
    const reason = `no StackSet of an organization reaches its management account, and the credentials belong to ${adminAccount}`;
    return { reason, code: 'CFN-001', fix: OWN_STACKS_FIX };
  }
  const state = members?.get(account);
  if (!members || state === 'active') return undefined;
  return state === 'suspended' ? SUSPENDED : OUTSIDE;
}
