import type { Member } from '@aws-sdk/client-guardduty';

import { type MemberStatus, memberStatus } from '../model/member-status.ts';
import type { ListedAccount } from './accounts-csv.ts';
import { administersOrganization, type Desk, findDetector, listMembers } from './desk.ts';
import {
  createMembers,
  deleteMembers,
  type InvitationWish,
  inviteMembers,
  type Refusals,
} from './member-changes.ts';

/** What became of one account in one region. */
export interface InviteResult {
  readonly account: string;
  readonly region: string;
  readonly administrator: string;
  readonly outcome:
    | 'invited'
    /** By the administrator of its organization, which asks nobody. */
    | 'taken-in'
    | 'enabled'
    /** It was invited before and has not accepted. */
    | 'waiting'
    /** A person has to do something before it can be invited. */
    | 'not-done';
  readonly reason?: string;
}

/** A member as far as inviting goes: undefined, nobody knows it. */
type Standing = MemberStatus | undefined;

/** Brings every account to where only its owner is needed. What is done already is not done again. */
export async function inviteAt(
  desk: Desk,
  accounts: readonly ListedAccount[],
  wish: InvitationWish,
): Promise<readonly InviteResult[]> {
  const before = await look(desk);
  if (before.kind === 'failed') return accounts.map(({ id }) => notDone(desk, id, before.reason));
  const made = await makeKnown(desk, before, accounts);
  const now = made.isChanged ? await look(desk) : before;
  if (now.kind === 'failed') return accounts.map(({ id }) => notDone(desk, id, now.reason));
  const wanted = accounts.flatMap(({ id }) => (!made.refused.has(id) && canBeInvited(now, id) ? [id] : []));
  const uninvited = await inviteMembers(desk, now.detector, wanted, wish);
  return accounts.map(({ id }) => {
    const reason = made.refused.get(id) ?? uninvited.get(id);
    if (reason !== undefined) return notDone(desk, id, reason);
    if (wanted.includes(id)) return result(desk, id, 'invited');
    return standingResult(desk, id, { before: before.members.get(id), now: now.members.get(id) });
  });
}

interface Sight {
  readonly kind: 'seen';
  readonly detector: string;
  readonly isOrganization: boolean;
  readonly members: ReadonlyMap<string, Member>;
}

async function look(desk: Desk): Promise<Sight | { readonly kind: 'failed'; readonly reason: string }> {
  const detector = await findDetector(desk);
  if (detector.kind === 'failed') return { kind: 'failed', reason: detector.failure.text };
  if (detector.kind === 'missing') {
    return { kind: 'failed', reason: `GuardDuty is off in account ${desk.scope.account} (GD-001)` };
  }
  const [listed, organization] = await Promise.all([
    listMembers(desk, detector.id),
    administersOrganization(desk, detector.id),
  ]);
  if (listed.kind === 'failed') return { kind: 'failed', reason: listed.failure.text };
  if (organization.kind === 'failed') return { kind: 'failed', reason: organization.failure.text };
  const members = new Map(listed.members.map((member) => [member.AccountId ?? '', member]));
  return {
    kind: 'seen',
    detector: detector.id,
    isOrganization: organization.kind === 'organization',
    members,
  };
}

function standing({ members }: Sight, id: string): Standing {
  const member = members.get(id);
  return member && memberStatus(member.RelationshipStatus ?? '');
}

interface Made {
  readonly refused: Refusals;
  readonly isChanged: boolean;
}

/** An address cannot be changed: a member whose address was wrong, and is another one now, is made anew. */
async function makeKnown(desk: Desk, seen: Sight, accounts: readonly ListedAccount[]): Promise<Made> {
  const isWrong = ({ id, email }: ListedAccount): boolean =>
    standing(seen, id) === 'failed' && seen.members.get(id)?.Email !== email;
  const wrong = accounts.filter(isWrong);
  const stuck = await deleteMembers(
    desk,
    seen.detector,
    wrong.map(({ id }) => id),
  );
  const missing = accounts.filter((account) => isWrong(account) || isMissing(desk, seen, account));
  const creatable = missing.filter(({ id }) => !stuck.has(id));
  const refused = await createMembers(desk, seen.detector, creatable);
  return { refused: new Map([...stuck, ...refused]), isChanged: missing.length > 0 };
}

/** An organization takes back what it let go by being told of it again. */
function isMissing({ scope }: Desk, seen: Sight, { id }: ListedAccount): boolean {
  const member = seen.members.get(id);
  if (!member) return id !== scope.account;
  const isOfOrganization = seen.isOrganization && member.InvitedAt === undefined;
  return isOfOrganization && LEFT.includes(standing(seen, id));
}

const LEFT: readonly Standing[] = ['resigned', 'removed'];
const INVITABLE: readonly Standing[] = ['created', ...LEFT];

function canBeInvited(seen: Sight, id: string): boolean {
  return INVITABLE.includes(standing(seen, id));
}

interface Change {
  readonly before: Member | undefined;
  readonly now: Member | undefined;
}

function standingResult(desk: Desk, id: string, { before, now }: Change): InviteResult {
  if (id === desk.scope.account) return notDone(desk, id, 'it is the administrator itself');
  const text = now?.RelationshipStatus ?? '';
  const status = memberStatus(text);
  switch (status) {
    case 'enabled':
      return result(
        desk,
        id,
        memberStatus(before?.RelationshipStatus ?? '') === status ? 'enabled' : 'taken-in',
      );
    case 'invited':
      return result(desk, id, 'waiting');
    case 'failed':
      return notDone(desk, id, `its root user has another e-mail address than ${now?.Email} (MEM-003)`);
    case 'paused':
      return notDone(desk, id, 'the administrator paused it (MEM-002)');
    case 'unavailable':
    case 'unknown':
    case 'created':
    case 'resigned':
    case 'removed':
      return notDone(desk, id, `GuardDuty says ${text === '' ? 'nothing of it' : text}`);
  }
}

function result(desk: Desk, account: string, outcome: InviteResult['outcome']): InviteResult {
  return { account, region: desk.region, administrator: desk.scope.account, outcome };
}

function notDone(desk: Desk, account: string, reason: string): InviteResult {
  return { ...result(desk, account, 'not-done'), reason };
}
