import { memberStatus } from '../model/member-status.ts';
import { type Desk, findDetector, listMembers } from './desk.ts';
import { deleteMembers, disassociateMembers } from './member-changes.ts';

/** What an account is to an administrator in one region, before anybody lets it go. */
export interface Membership {
  readonly desk: Desk;
  readonly account: string;
  readonly detector: string;
  /** As AWS says it. */
  readonly status: string;
}

/** What became of it in one region. */
export interface RemoveResult {
  readonly account: string;
  readonly region: string;
  readonly administrator: string;
  readonly outcome: 'removed' | 'not-done';
  readonly reason?: string;
}

type Found =
  | ({ readonly kind: 'member' } & Membership)
  | { readonly kind: 'none' }
  | { readonly kind: 'failed'; readonly account: string; readonly region: string; readonly reason: string };

/** Looks, and changes nothing. */
export async function findMembership(desk: Desk, account: string): Promise<Found> {
  const { region } = desk;
  const detector = await findDetector(desk);
  if (detector.kind === 'failed') return { kind: 'failed', account, region, reason: detector.failure.text };
  if (detector.kind === 'missing') return { kind: 'none' };
  const listed = await listMembers(desk, detector.id);
  if (listed.kind === 'failed') return { kind: 'failed', account, region, reason: listed.failure.text };
  const member = listed.members.find(({ AccountId }) => AccountId === account);
  if (!member) return { kind: 'none' };
  return { kind: 'member', desk, account, detector: detector.id, status: member.RelationshipStatus ?? '' };
}

/** Lets a member go, and forgets its address. */
export async function removeMember({ desk, account, detector, status }: Membership): Promise<RemoveResult> {
  const place = { account, region: desk.region, administrator: desk.scope.account };
  const isAssociated = ['enabled', 'paused'].includes(memberStatus(status));
  const dropped = isAssociated ? await disassociateMembers(desk, detector, [account]) : new Map();
  const reason = dropped.get(account) ?? (await deleteMembers(desk, detector, [account])).get(account);
  return reason === undefined ? { ...place, outcome: 'removed' } : { ...place, outcome: 'not-done', reason };
}
