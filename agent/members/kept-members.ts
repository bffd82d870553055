import { INVITATION_OLD_MS, type MemberFacts } from '../model/member-facts.ts';

/** A member as it is kept between two looks. */
export interface KeptMember extends MemberFacts {
  /** Epoch ms since when AWS lists it no more. */
  readonly goneAt?: number | undefined;
}

/** What a look changes in what is kept of one administrator in one region. */
export interface MemberChange {
  readonly put: readonly KeptMember[];
  /** Accounts that are forgotten. */
  readonly drop: readonly string[];
}

/** A member that was deleted is told of for as long as an invitation that nobody answers. */
const FORGOTTEN_AFTER_MS = INVITATION_OLD_MS;

export function changeBetween(
  kept: readonly KeptMember[],
  seen: readonly MemberFacts[],
  now: number,
): MemberChange {
  const before = new Map(kept.map((member) => [member.account, member]));
  const listed = new Set(seen.map(({ account }) => account));
  const vanished = kept.filter(({ account }) => !listed.has(account));
  const lost = vanished.filter((member) => member.goneAt === undefined && wasWatched(member));
  const isOver = (member: KeptMember): boolean =>
    member.goneAt === undefined ? !wasWatched(member) : now - member.goneAt > FORGOTTEN_AFTER_MS;
  return {
    put: [
      ...seen.filter((member) => !isSame(member, before.get(member.account))),
      ...lost.map((member) => deleted(member, now)),
    ],
    drop: vanished.filter(isOver).map(({ account }) => account),
  };
}

/** Of one that was never a member, or that had left, nothing is lost when it goes from the list. */
function wasWatched({ status }: KeptMember): boolean {
  return status === 'enabled' || status === 'paused';
}

function deleted(member: KeptMember, now: number): KeptMember {
  return { ...member, status: 'removed', text: 'not listed any more', since: now, goneAt: now };
}

function isSame(member: MemberFacts, kept: KeptMember | undefined): boolean {
  if (!kept || kept.goneAt !== undefined) return false;
  return kept.text === member.text && kept.since === member.since && kept.email === member.email;
}
