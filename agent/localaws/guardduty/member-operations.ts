import { z } from 'zod';
import type { Operation } from '../operation.ts';
import { operationsRefusing } from '../operation.ts';
import type { Place } from '../service.ts';
import type { Detectors } from './detectors.ts';
import { rejected } from './detectors.ts';
import type { Invitation, Member, Members } from './members.ts';
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
): Readonly<Record<string, Operation>> {
  /** Does something to each member, and names those who are none. */
  function forEach(change: (place: Place, account: string) => boolean): Operation {
    return operation(namedMembers, ({ detectorId, accountIds }, place) => {
      detectors.get(place, detectorId);
      const strangers = accountIds.filter((account) => !change(place, account));
      const result = 'The request is rejected because the account is not a member.';
      return { unprocessedAccounts: strangers.map((stranger) => ({ accountId: stranger, result })) };
    });
  }

  const marking = (status: string): Operation =>
    forEach((place, account) => members.mark(place, account, status));

  return {
    CreateMembers: operation(createMembers, ({ detectorId, accountDetails }, place) => {
      detectors.get(place, detectorId);
      for (const { accountId: account, email } of accountDetails) members.create(place, account, email);
      return { unprocessedAccounts: [] };
    }),
    InviteMembers: forEach(members.invite),
    StopMonitoringMembers: marking('Disabled'),
    StartMonitoringMembers: marking('Enabled'),
    DisassociateMembers: marking('Removed'),
    DeleteMembers: forEach(members.delete),
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
      members.accept(place, input.administratorId, input.invitationId);
    }),
    DisassociateFromAdministratorAccount: operation(ofDetector, ({ detectorId }, place) => {
      detectors.get(place, detectorId);
      const { administrator } = members.administratorOf(place) ?? {};
      if (administrator === undefined) throw rejected('the account is not a member.');
      members.mark({ ...place, account: administrator }, place.account, 'Resigned');
    }),
    GetAdministratorAccount: operation(ofDetector, ({ detectorId }, place) => {
      detectors.get(place, detectorId);
      const invitation = members.administratorOf(place);
      return { administrator: invitation && shownInvitation(invitation) };
    }),
  };
}
