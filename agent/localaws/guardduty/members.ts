import { unitsOf } from '../organizations.ts';
import { perPlace } from '../per-place.ts';
import type { Place } from '../service.ts';
import type { World } from '../world.ts';
import { type Detectors, rejected } from './detectors.ts';
import { type Refusal, refusalOf } from './member-refusals.ts';
import type { Administration } from './organization.ts';

export interface Member {
  readonly account: string;
  readonly email: string;
  /** A free text, as on AWS. */
  readonly status: string;
  /** ISO 8601. */
  readonly updatedAt: string;
  readonly invitedAt?: string;
  readonly invitationId?: string;
  /** It was taken in because it is an account of the organization. */
  readonly isOfOrganization?: boolean;
}

/** An account that was asked to be a member, or is one. */
export interface Invitation extends Member {
  readonly administrator: string;
}

/** Who is whose member, by region: an administrator invites, a member accepts. What is refused is answered with why. */
export interface Members {
  /** The administrator of an organization takes its accounts in at once. */
  create(administrator: Place, account: string, email: string): Refusal | undefined;
  /** GuardDuty compares account and e-mail address afterwards, which takes a second. */
  invite(administrator: Place, account: string): Refusal | undefined;
  list(administrator: Place): readonly Member[];
  invitations(member: Place): readonly Invitation[];
  accept(member: Place, administrator: string, invitationId: string): void;
  /** The member leaves. */
  resign(member: Place): void;
  /** The administrator stops or starts to look at a member, or lets it go. */
  change(
    administrator: Place,
    account: string,
    status: 'Enabled' | 'Disabled' | 'Removed',
  ): Refusal | undefined;
  /** Whatever GuardDuty itself makes of a member. */
  mark(administrator: Place, account: string, status: string): void;
  delete(administrator: Place, account: string): Refusal | undefined;
  /** The administrator of a member, also while it is paused. */
  administratorOf(member: Place): Invitation | undefined;
}

interface Surroundings {
  readonly detectors: Detectors;
  readonly administration: Administration;
}

const VERIFICATION_MS = 1_000;
/** Of one administrator, in a region, by invitation (GuardDuty quotas). */
const MOST_INVITED = 5_000;

/** No members to begin with. */
export function createMembers(world: World, { detectors, administration }: Surroundings): Members {
  const { clock, accounts, organizations, nextId } = world;
  const members = perPlace(() => new Map<string, Member>());
  const administrators = perPlace(() => new Set<string>());
  const iso = (): string => new Date(clock.now()).toISOString();

  /** As it stands now: the comparison of e-mail addresses ends by itself. */
  function settled(member: Member): Member {
    const { account, email, status, invitedAt = '' } = member;
    const verifiedAt = Date.parse(invitedAt) + VERIFICATION_MS;
    if (status !== 'EmailVerificationInProgress' || clock.now() < verifiedAt) return member;
    const isTheirs = accounts.has(account) && (accounts.email(account) ?? email) === email;
    const found = isTheirs ? 'Invited' : 'EmailVerificationFailed';
    return { ...member, status: found, updatedAt: new Date(verifiedAt).toISOString() };
  }

  function find(administrator: Place, account: string): Member | undefined {
    const member = members(administrator).get(account);
    return member && settled(member);
  }

  function put(administrator: Place, member: Member): void {
    members(administrator).set(member.account, { ...member, updatedAt: iso() });
    administrators({ ...administrator, account: member.account }).add(administrator.account);
  }

  function invitations(member: Place): Invitation[] {
    return [...administrators(member)].flatMap((administrator) => {
      const found = find({ ...member, account: administrator }, member.account);
      const isTold = found?.invitedAt !== undefined || found?.isOfOrganization;
      if (!found || !isTold || found.status.startsWith('EmailVerification')) return [];
      return [{ ...found, administrator }];
    });
  }

  function administratorOf(member: Place): Invitation | undefined {
    return invitations(member).find(({ status }) => status === 'Enabled' || status === 'Disabled');
  }

  function isOfOrganization(administrator: Place, account: string): boolean {
    const organization = organizations.of(administrator.account);
    if (!organization || administration.of(administrator) === undefined) return false;
    return unitsOf(organization, account).length > 0;
  }

  function takeIn(administrator: Place, account: string, email: string): void {
    const place = { ...administrator, account };
    if (!detectors.find(place)) detectors.create(place, {});
    put(administrator, { account, email, status: 'Enabled', updatedAt: iso(), isOfOrganization: true });
  }

  function mark(administrator: Place, account: string, status: string): void {
    const member = find(administrator, account);
    if (member) put(administrator, { ...member, status });
  }

  function refusal(
    question: 'create' | 'invite' | 'change' | 'delete',
    administrator: Place,
    account: string,
  ) {
    const found = find(administrator, account);
    const isFull = members(administrator).size >= MOST_INVITED && !isOfOrganization(administrator, account);
    return refusalOf(question, { found, isFull, isSelf: administrator.account === account });
  }

  return {
    create(administrator, account, email) {
      const refused = refusal('create', administrator, account);
      if (refused !== undefined) return refused;
      if (isOfOrganization(administrator, account)) takeIn(administrator, account, email);
      else put(administrator, { account, email, status: 'Created', updatedAt: iso() });
      return undefined;
    },
    invite(administrator, account) {
      const refused = refusal('invite', administrator, account);
      const member = members(administrator).get(account);
      if (refused !== undefined || !member) return refused;
      const invited = { invitedAt: iso(), invitationId: nextId().replaceAll('-', '') };
      put(administrator, { ...member, ...invited, status: 'EmailVerificationInProgress' });
      return undefined;
    },
    change(administrator, account, status) {
      const refused = refusal('change', administrator, account);
      if (refused === undefined) mark(administrator, account, status);
      return refused;
    },
    mark,
    delete(administrator, account) {
      const refused = refusal('delete', administrator, account);
      members(administrator).delete(account);
      administrators({ ...administrator, account }).delete(administrator.account);
      return refused;
    },
    resign(member) {
      const { administrator } = administratorOf(member) ?? {};
      if (administrator === undefined) throw rejected('the account is not a member.');
      mark({ ...member, account: administrator }, member.account, 'Resigned');
    },
    list: (administrator) => [...members(administrator).values()].map(settled),
    invitations,
    accept(member, administrator, invitationId) {
      const found = invitations(member).find((invitation) => invitation.invitationId === invitationId);
      if (found?.administrator !== administrator || found.status !== 'Invited') {
        throw rejected('the invitation does not exist.');
      }
      const isMember = administratorOf(member) !== undefined;
      if (isMember) throw rejected('the current account is a member of an administrator already.');
      const { administrator: _administrator, ...known } = found;
      put({ ...member, account: administrator }, { ...known, status: 'Enabled' });
    },
    administratorOf,
  };
}
