import { z } from 'zod';
import type { Operation } from '../operation.ts';
import { operationsRefusing } from '../operation.ts';
import type { Place } from '../service.ts';
import type { Detectors } from './detectors.ts';
import { rejected } from './detectors.ts';
import { type Refusal, refusalOf } from './member-refusals.ts';
import type { Invitation, Member, Members } from './members.ts';
import type { Administration } from './organization.ts';
import { listed, ofDetector, paged } from './requests.ts';

const operation = operationsRefusing('BadRequestException');
const accountId = z.string().regex(/^\d{12}$/);
const createMembers = ofDetector.extend({
  accountDetails: z
    .array(z.object({ accountId, email: z.string() }))
    .min(1)
    .max(50),
});
const namedMembers = ofDetector.extend({ accountIds: z.array(accountId).min(1).max(50) });
const inviteMembers = namedMembers.extend({
  disableEmailNotification: z.boolean().optional(),
  message: z.string().optional(),
});
const listMembers = ofDetector.extend({
  ...paged,
  onlyAssociated: z.enum(['true', 'false']).default('true'),
});
const acceptInvitation = ofDetector.extend({ administratorId: z.string(), invitationId: z.string() });

function shownMember({ account }: Place, member: Member): unknown {
  return {
    accountId: member.account,
    email: member.email,
    masterId: account,
    administratorId: account,
    relationshipStatus: member.status,
    invitedAt: member.invitedAt,
    updatedAt: member.updatedAt,
  };
}

function shownInvitation({ administrator, invitationId, status, invitedAt }: Invitation): unknown {
  return { accountId: administrator, invitationId, relationshipStatus: status, invitedAt };
}

/** The operations of administrators and members. */
export function memberOperations(
  detectors: Detectors,
  members: Members,
  administration: Administration,
): Readonly<Record<string, Operation>> {
  /** Does something to each member, and names those that GuardDuty refuses. */
  function forEach(change: (place: Place, account: string) => Refusal | undefined): Operation {
    return operation(namedMembers, ({ detectorId, accountIds }, place) => {
      detectors.get(place, detectorId);
      return { unprocessedAccounts: unprocessed(accountIds, (account) => change(place, account)) };
    });
  }

  /** An organization that wants GuardDuty in all of its accounts lets none of them out. */
  function lettingGo(change: (place: Place, account: string) => Refusal | undefined): Operation {
    return forEach((place, account) => {
      const member = members.list(place).find((each) => each.account === account);
      if (member?.isOfOrganization === true && administration.of(place) === 'ALL') {
        throw rejected('auto-enable of the organization is set to ALL.');
      }
      return change(place, account);
    });
  }

  return {
    CreateMembers: operation(createMembers, ({ detectorId, accountDetails }, place) => {
      detectors.get(place, detectorId);
      if (members.administratorOf(place)) throw rejected('the current account is a member.');
      const emails = new Map(accountDetails.map(({ accountId: account, email }) => [account, email]));
      const create = (account: string) => members.create(place, account, emails.get(account) ?? '');
      return { unprocessedAccounts: unprocessed([...emails.keys()], create) };
    }),
    InviteMembers: operation(inviteMembers, ({ detectorId, accountIds }, place) => {
      detectors.get(place, detectorId);
      return { unprocessedAccounts: unprocessed(accountIds, (account) => members.invite(place, account)) };
    }),
    StartMonitoringMembers: forEach((place, account) => members.change(place, account, 'Enabled')),
    StopMonitoringMembers: lettingGo((place, account) => members.change(place, account, 'Disabled')),
    DisassociateMembers: lettingGo((place, account) => members.change(place, account, 'Removed')),
    DeleteMembers: lettingGo(members.delete),
    GetMembers: operation(namedMembers, ({ detectorId, accountIds }, place) => {
      detectors.get(place, detectorId);
      const found = members.list(place).filter(({ account }) => accountIds.includes(account));
      const known = new Set(found.map(({ account }) => account));
      const stranger = (account: string) => (known.has(account) ? undefined : refusalOf('delete', NOBODY));
      return {
        members: found.map((member) => shownMember(place, member)),
        unprocessedAccounts: unprocessed(accountIds, stranger),
      };
    }),
    ListMembers: operation(listMembers, ({ detectorId, onlyAssociated, ...paging }, place) => {
      detectors.get(place, detectorId);
      const all = onlyAssociated === 'false';
      const found = members.list(place).filter(({ status }) => all || status !== 'Created');
      const { items, nextToken } = listed(found, paging);
      return { members: items.map((member) => shownMember(place, member)), nextToken };
    }),
    ListInvitations: operation(z.object(paged), (paging, place) => {
      const { items, nextToken } = listed(members.invitations(place), paging);
      return { invitations: items.map(shownInvitation), nextToken };
    }),
    AcceptAdministratorInvitation: operation(acceptInvitation, (input, place) => {
      detectors.get(place, input.detectorId);
      if (members.list(place).length > 0) throw rejected('the current account has members of its own.');
      members.accept(place, input.administratorId, input.invitationId);
    }),
    DisassociateFromAdministratorAccount: operation(ofDetector, ({ detectorId }, place) => {
      detectors.get(place, detectorId);
      members.resign(place);
    }),
    GetAdministratorAccount: operation(ofDetector, ({ detectorId }, place) => {
      detectors.get(place, detectorId);
      const invitation = members.administratorOf(place);
      return { administrator: invitation && shownInvitation(invitation) };
    }),
  };
}

const NOBODY = { found: undefined, isFull: false, isSelf: false };

function unprocessed(accounts: readonly string[], ask: (account: string) => Refusal | undefined): unknown {
  return accounts.flatMap((account) => {
    const result = ask(account);
    return result === undefined ? [] : [{ accountId: account, result }];
  });
}
