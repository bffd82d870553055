import type { Member } from '@aws-sdk/client-guardduty';

import { memberStatus } from '../../model/member-status.ts';
import { type Check, type CheckResult, PASSED, unanswered } from './check.ts';
import type { CheckedPlace } from './checked-place.ts';
import { detectorCheck, knownDetector } from './detector.ts';
import type { Expected } from './expected.ts';
import { deletingMembers, invitingMembers, startingMembers } from './member-fixes.ts';

/** The accounts whose findings come through the one that is read. Each that does not is told of by one check. */
export const MEMBER_CHECKS: readonly Check<CheckedPlace>[] = [
  memberCheck({
    code: 'GD-004',
    kind: 'warned',
    says: 'not seen yet by GuardDuty',
    fix: () => 'Wait for the owners to accept, or remind them: docs/errors/GD-004.md',
  }),
  memberCheck({
    code: 'MEM-001',
    kind: 'warned',
    says: 'waiting for more than 7 days to be seen by GuardDuty',
    fix: invitingMembers,
  }),
  memberCheck({ code: 'MEM-002', kind: 'failed', says: 'paused in GuardDuty', fix: startingMembers }),
  memberCheck({
    code: 'MEM-003',
    kind: 'failed',
    says: 'not known under the e-mail address of the invitation',
    fix: deletingMembers,
  }),
  memberCheck({ code: 'MEM-004', kind: 'failed', says: 'no longer seen by GuardDuty', fix: invitingMembers }),
];

type MemberCode = 'GD-004' | 'MEM-001' | 'MEM-002' | 'MEM-003' | 'MEM-004';

interface MemberTrouble {
  readonly code: MemberCode;
  readonly kind: 'warned' | 'failed';
  /** What they are, after `3 of 12 accounts are`. */
  readonly says: string;
  fix(members: readonly Member[], expected: Expected): string;
}

function memberCheck({ code, kind, says, fix }: MemberTrouble): Check<CheckedPlace> {
  return detectorCheck(code, ['administrator', 'organization'], async ({ expected, calls }) => {
    const detector = await knownDetector(calls);
    if (detector.kind === 'skipped') return detector;
    const listed = await calls.members(detector.id);
    if (listed.kind === 'failed') return unanswered(listed, listed.right);
    const { members } = listed;
    const concerned = members.filter((member) => codeOf(member, calls.now()) === code);
    if (concerned.length === 0) return PASSED;
    const are = `${concerned.length} of ${members.length} accounts ${concerned.length === 1 ? 'is' : 'are'}`;
    const found = `${are} ${says}: ${membersText(concerned)}`;
    return { kind, code, found, fix: fix(concerned, expected) } satisfies CheckResult;
  });
}

const OLD_MS = 7 * 86_400_000;

/** Undefined: nothing is wrong with it. */
function codeOf(member: Member, now: number): MemberCode | undefined {
  switch (memberStatus(member.RelationshipStatus ?? '')) {
    case 'enabled':
    case 'unavailable':
      return undefined;
    case 'created':
    case 'invited':
      return now - changedAt(member) > OLD_MS ? 'MEM-001' : 'GD-004';
    case 'unknown':
      return 'GD-004';
    case 'paused':
      return 'MEM-002';
    case 'failed':
      return 'MEM-003';
    case 'resigned':
    case 'removed':
      return 'MEM-004';
  }
}

/** Without a time nobody knows that it is long ago. */
function changedAt({ InvitedAt, UpdatedAt }: Member): number {
  const times = [InvitedAt, UpdatedAt].map((text) => Date.parse(text ?? ''));
  return times.find((time) => !Number.isNaN(time)) ?? Number.POSITIVE_INFINITY;
}

const NAMED_MEMBERS = 5;

/** By what AWS says of them, word for word. */
function membersText(members: readonly Member[]): string {
  const byStatus = Map.groupBy(members, ({ RelationshipStatus: text }) => text || 'of no status');
  const texts = [...byStatus].map(([status, same]) => {
    const named = same.slice(0, NAMED_MEMBERS).map(({ AccountId }) => AccountId);
    const others = same.length - named.length;
    return `${status} ${named.join(' ')}${others > 0 ? ` and ${others} more` : ''}`;
  });
  return texts.join(', ');
}
