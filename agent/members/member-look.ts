import type { Member } from '@aws-sdk/client-guardduty';

import type { FailedCall } from '../aws/failure.ts';
import type { MemberFacts } from '../model/member-facts.ts';
import { memberStatus } from '../model/member-status.ts';
import { type Desk, findDetector, listMembers } from './desk.ts';

/** What an administrator's members are in one region. */
export type MemberLook =
  | { readonly kind: 'members'; readonly members: readonly MemberFacts[] }
  /** GuardDuty is off, so that there are none. */
  | { readonly kind: 'missing' }
  | FailedCall;

export async function lookAtMembers(desk: Desk): Promise<MemberLook> {
  const detector = await findDetector(desk);
  if (detector.kind !== 'detector') return detector;
  const listed = await listMembers(desk, detector.id);
  if (listed.kind === 'failed') return listed;
  const members = listed.members.flatMap((member) => factsOf(desk, member));
  return { kind: 'members', members };
}

function factsOf({ scope, region }: Desk, member: Member): readonly MemberFacts[] {
  const { AccountId: account, Email: email, RelationshipStatus: text = '' } = member;
  if (account === undefined) return [];
  const place = { customer: scope.customer, administrator: scope.account, region };
  return [{ ...place, account, email, text, status: memberStatus(text), since: changedAt(member) }];
}

/** An invitation counts from the day it was sent, whatever GuardDuty noted since. */
function changedAt({ InvitedAt, UpdatedAt, RelationshipStatus = '' }: Member): number | undefined {
  const isOpen = memberStatus(RelationshipStatus) === 'invited';
  const texts = isOpen ? [InvitedAt, UpdatedAt] : [UpdatedAt];
  return texts.map((text) => Date.parse(text ?? '')).find((time) => !Number.isNaN(time));
}
