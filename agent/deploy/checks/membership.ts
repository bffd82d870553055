import type { Member } from '@aws-sdk/client-guardduty';

import { type Check, type CheckResult, PASSED, unanswered } from './check.ts';
import type { CheckedPlace } from './checked-place.ts';
import { detectorCheck, knownDetector } from './detector.ts';
import type { Detector } from './detector-calls.ts';
import { enableNewMembers } from './fixes.ts';

/** Whose findings the account sees beside its own. */
export const MEMBERSHIP_CHECKS: readonly Check<CheckedPlace>[] = [
  detectorCheck('GD-003', ['administrator', 'organization'], checkAdministrator),
  detectorCheck('GD-004', ['administrator', 'organization'], checkMembers),
  detectorCheck('GD-005', ['organization'], checkAutoEnable),
];

async function checkAdministrator(place: CheckedPlace): Promise<CheckResult> {
  const { expected, calls } = place;
  const detector = await knownDetector(calls);
  if (detector.kind === 'skipped') return detector;
  const administrator = await calls.administrator(detector.id);
  if (administrator.kind === 'failed') return unanswered(administrator, administrator.right);
  const { account } = expected.source;
  if (administrator.kind === 'administrator' && isEnabled(administrator.status)) {
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

/** What these accounts find does not come here any more, or never will. */
const LOST: readonly string[] = [
  'disabled',
  'paused',
  'resigned',
  'removed',
  'deleted',
  'emailverificationfailed',
];
/** Their account or region is off: there is nothing to find. */
const OFF: readonly string[] = ['accountsuspended', 'regiondisabled'];

async function checkMembers({ calls }: CheckedPlace): Promise<CheckResult> {
  const detector = await knownDetector(calls);
  if (detector.kind === 'skipped') return detector;
  const listed = await calls.members(detector.id);
  if (listed.kind === 'failed') return unanswered(listed, listed.right);
  const outside = listed.members.filter(({ RelationshipStatus: status = '' }) => !isIn(status));
  if (outside.length === 0) return PASSED;
  const isLost = outside.some(({ RelationshipStatus: status = '' }) => LOST.includes(status.toLowerCase()));
  const of = `${outside.length} of ${listed.members.length} members`;
  return {
    kind: isLost ? 'failed' : 'warned',
    code: 'GD-004',
    found: `GuardDuty sees nothing of ${of}: ${membersText(outside)}`,
    fix: 'Invite them anew or let them accept, each according to its status: docs/errors/GD-004.md.',
  };
}

/** A free text on AWS; these are the ones that mean so. */
function isEnabled(status: string): boolean {
  return ['enabled', 'monitored'].includes(status.toLowerCase());
}

function isIn(status: string): boolean {
  return isEnabled(status) || OFF.includes(status.toLowerCase());
}

const NAMED_MEMBERS = 5;

function membersText(members: readonly Member[]): string {
  const byStatus = Map.groupBy(members, ({ RelationshipStatus = 'of no status' }) => RelationshipStatus);
  const texts = [...byStatus].map(([status, same]) => {
    const named = same.slice(0, NAMED_MEMBERS).map(({ AccountId }) => AccountId);
    const others = same.length - named.length;
    return `${status} ${named.join(' ')}${others > 0 ? ` and ${others} more` : ''}`;
  });
  return texts.join(', ');
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
