import { memberStatus } from '../../model/member-status.ts';
import { type Check, type CheckResult, PASSED, unanswered } from './check.ts';
import type { CheckedPlace } from './checked-place.ts';
import { detectorCheck, knownDetector } from './detector.ts';
import type { Detector } from './detector-calls.ts';
import { enableNewMembers } from './fixes.ts';

/** Whose findings the account sees beside its own. */
export const MEMBERSHIP_CHECKS: readonly Check<CheckedPlace>[] = [
  detectorCheck('GD-003', ['administrator', 'organization'], checkAdministrator),
  detectorCheck('GD-005', ['organization'], checkAutoEnable),
];

async function checkAdministrator(place: CheckedPlace): Promise<CheckResult> {
  const { expected, calls } = place;
  const detector = await knownDetector(calls);
  if (detector.kind === 'skipped') return detector;
  const administrator = await calls.administrator(detector.id);
  if (administrator.kind === 'failed') return unanswered(administrator, administrator.right);
  const { account } = expected.source;
  if (administrator.kind === 'administrator' && memberStatus(administrator.status) === 'enabled') {
    return {
      kind: 'failed',
      code: 'GD-003',
      found: `account ${account} is a member of administrator ${administrator.account}, so it sees its own findings only`,
      fix: `Read account ${administrator.account} instead (accounts.collect), or set topology: standalone for ${account}.`,
    };
  }
  return expected.findingsOf === 'organization'
    ? checkDelegation(detector, place)
    : checkHasMembers(detector, place);
}

async function checkDelegation({ id }: Detector, { expected, calls }: CheckedPlace): Promise<CheckResult> {
  const organization = await calls.organization(id);
  if (organization.kind === 'failed') return unanswered(organization, organization.right);
  if (organization.kind === 'organization') return PASSED;
  const { account, region } = expected.source;
  return {
    kind: 'failed',
    code: 'GD-003',
    found: `account ${account} is not the GuardDuty administrator of its organization`,
    fix: `aws guardduty enable-organization-admin-account --admin-account-id ${account} --region ${region}   (as the management account)`,
  };
}

async function checkHasMembers({ id }: Detector, { expected, calls }: CheckedPlace): Promise<CheckResult> {
  const listed = await calls.members(id);
  if (listed.kind === 'failed') return unanswered(listed, listed.right);
  if (listed.members.length > 0) return PASSED;
  return {
    kind: 'failed',
    code: 'GD-003',
    found: `account ${expected.source.account} has no member accounts, so it sees its own findings only`,
    fix: 'Invite the members in this region, or set topology: standalone.',
  };
}

async function checkAutoEnable({ expected, calls }: CheckedPlace): Promise<CheckResult> {
  const detector = await knownDetector(calls);
  if (detector.kind === 'skipped') return detector;
  const organization = await calls.organization(detector.id);
  if (organization.kind === 'failed') return unanswered(organization, organization.right);
  if (organization.kind === 'missing') {
    return { kind: 'skipped', why: 'the account does not administer the organization (GD-003)' };
  }
  if (organization.autoEnable !== 'NONE') return PASSED;
  return {
    kind: 'warned',
    code: 'GD-005',
    found: 'accounts that join the organization do not become members of GuardDuty',
    fix: enableNewMembers(expected),
  };
}
