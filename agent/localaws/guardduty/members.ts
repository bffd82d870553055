import { perPlace } from '../per-place.ts';
import type { Place } from '../service.ts';
import type { World } from '../world.ts';
import { rejected } from './detectors.ts';

export interface Member {
  readonly account: string;
  readonly email: string;
  /** A free text, as on AWS. */
  readonly status: string;
  /** ISO 8601. */
  readonly updatedAt: string;
  readonly invitedAt?: string;
  readonly invitationId?: string;
}

/** An account that was asked to be a member, or is one. */
export interface Invitation extends Member {
  readonly administrator: string;
}

/** Who is whose member, by region: an administrator invites, a member accepts. */
export interface Members {
  create(administrator: Place, account: string, email: string): void;
  /** The account need not exist; then the invitation fails. Answers false for one who is no member. */
  invite(administrator: Place, account: string): boolean;
  list(administrator: Place): readonly Member[];
  invitations(member: Place): readonly Invitation[];
  accept(member: Place, administrator: string, invitationId: string): void;
  /** Whatever GuardDuty or the administrator makes of a member. Answers false for one who is no member. */
  mark(administrator: Place, account: string, status: string): boolean;
  /** Answers false for one who is no member. */
  delete(administrator: Place, account: string): boolean;
  /** The administrator of an enabled member. */
  administratorOf(member: Place): Invitation | undefined;
}

/** No members to begin with. */
export function createMembers({ clock, accounts, nextId }: World): Members {
  const members = perPlace(() => new Map<string, Member>());
  const administrators = perPlace(() => new Set<string>());
  const now = (): string => new Date(clock.now()).toISOString();

  function invitations(member: Place): Invitation[] {
    return [...administrators(member)].flatMap((administrator) => {
      const found = members({ ...member, account: administrator }).get(member.account);
      return found ? [{ ...found, administrator }] : [];
    });
  }

  return {
    create(administrator, account, email) {
      members(administrator).set(account, { account, email, status: 'Created', updatedAt: now() });
    },
    invite(administrator, account) {
      const member = members(administrator).get(account);
      if (!member) return false;
      const exists = accounts.has(account);
      const invited = { updatedAt: now(), invitedAt: now(), invitationId: nextId().replaceAll('-', '') };
      const status = exists ? 'Invited' : 'EmailVerificationFailed';
      members(administrator).set(account, { ...member, ...invited, status });
      if (exists) administrators({ ...administrator, account }).add(administrator.account);
      return true;
    },
    mark(administrator, account, status) {
      const member = members(administrator).get(account);
      if (member) members(administrator).set(account, { ...member, status, updatedAt: now() });
      return member !== undefined;
    },
    delete(administrator, account) {
      administrators({ ...administrator, account }).delete(administrator.account);
      return members(administrator).delete(account);
    },
    list: (administrator) => [...members(administrator).values()],
    invitations,
    accept(member, administrator, invitationId) {
      const found = invitations(member).find((invitation) => invitation.invitationId === invitationId);
      if (found?.administrator !== administrator) throw rejected('the invitation does not exist.');
      const { administrator: _administrator, ...known } = found;
      members({ ...member, account: administrator }).set(member.account, {
        ...known,
        status: 'Enabled',
        updatedAt: now(),
      });
    },
    administratorOf: (member) => invitations(member).find(({ status }) => status === 'Enabled'),
  };
}
