import type { Member } from '@aws-sdk/client-guardduty';

import type { Expected } from './expected.ts';
import { detectorOf, inRegion } from './fixes.ts';

/** GuardDuty takes no more at once; the next run of the check names the others. */
const MEMBERS_AT_ONCE = 50;

/** An organization takes its accounts in by itself; others have to be invited, and to accept. */
export function invitingMembers(members: readonly Member[], expected: Expected): string {
  if (expected.findingsOf !== 'organization') return command('invite-members', members, expected);
  const accounts = members.slice(0, MEMBERS_AT_ONCE).map(detailsOf).join(' ');
  return inRegion(
    `aws guardduty create-members ${detectorOf(expected)} --account-details ${accounts}`,
    expected,
  );
}

/** What is typed into a shell holds nothing but these. */
const EMAIL = /^[\w.+-]+@[\w.-]+$/;

function detailsOf({ AccountId, Email = '' }: Member): string {
  return `AccountId=${AccountId},Email=${EMAIL.test(Email) ? Email : 'ADDRESS'}`;
}

/** GuardDuty costs money there again. */
export function startingMembers(members: readonly Member[], expected: Expected): string {
  return command('start-monitoring-members', members, expected);
}

/** The address of a member cannot be changed. */
export function deletingMembers(members: readonly Member[], expected: Expected): string {
  return `${command('delete-members', members, expected)}   (then create them with the right address: docs/errors/MEM-003.md)`;
}

function command(operation: string, members: readonly Member[], expected: Expected): string {
  const ids = members.slice(0, MEMBERS_AT_ONCE).map(({ AccountId }) => AccountId);
  return inRegion(
    `aws guardduty ${operation} ${detectorOf(expected)} --account-ids ${ids.join(' ')}`,
    expected,
  );
}
