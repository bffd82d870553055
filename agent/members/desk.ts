import {
  AcceptAdministratorInvitationCommand,
  BadRequestException,
  CreateDetectorCommand,
  DescribeOrganizationConfigurationCommand,
  GetAdministratorAccountCommand,
  type GuardDutyClient,
  type Invitation,
  ListDetectorsCommand,
  type Member,
  paginateListInvitations,
  paginateListMembers,
} from '@aws-sdk/client-guardduty';

import { askPaced } from '../aws/ask-paced.ts';
import type { Bucket } from '../aws/bucket.ts';
import type { AwsClients } from '../aws/clients.ts';
import type { CredentialScope } from '../aws/credential-scope.ts';
import type { FailedCall } from '../aws/failure.ts';

/** GuardDuty of one account in one region, and how fast it is asked. */
export interface Desk {
  readonly clients: AwsClients;
  readonly scope: CredentialScope;
  readonly region: string;
  readonly pace: Bucket;
  readonly signal: AbortSignal;
}

interface FoundDetector {
  readonly kind: 'detector';
  readonly id: string;
}

/** GuardDuty is off. */
interface NoDetector {
  readonly kind: 'missing';
}

/** A page of members or invitations; AWS gives no more. */
const PAGE = 50;

/** A region has one at most. */
export function findDetector(desk: Desk): Promise<FoundDetector | NoDetector | FailedCall> {
  return send(desk, 'ListDetectors', async (client, abort) => {
    const { DetectorIds: [id] = [] } = await client.send(new ListDetectorsCommand({}), abort);
    return id === undefined ? { kind: 'missing' } : { kind: 'detector', id };
  });
}

/** GuardDuty costs money from now on. */
export function createDetector(desk: Desk): Promise<FoundDetector | FailedCall> {
  return send(desk, 'CreateDetector', async (client, abort) => {
    const { DetectorId: id = '' } = await client.send(new CreateDetectorCommand({ Enable: true }), abort);
    return { kind: 'detector', id };
  });
}

/** Those that were never invited, too. */
export function listMembers(
  desk: Desk,
  detector: string,
): Promise<{ readonly kind: 'members'; readonly members: readonly Member[] } | FailedCall> {
  return send(desk, 'ListMembers', async (client, abort) => {
    const input = { DetectorId: detector, OnlyAssociated: 'false' };
    const members: Member[] = [];
    for await (const page of paginateListMembers({ client, pageSize: PAGE }, input, abort)) {
      members.push(...(page.Members ?? []));
    }
    return { kind: 'members', members };
  });
}

/** Whether the account administers GuardDuty for its organization: all others are refused as a bad request. */
export function administersOrganization(
  desk: Desk,
  detector: string,
): Promise<{ readonly kind: 'organization' | 'none' } | FailedCall> {
  return send(desk, 'DescribeOrganizationConfiguration', async (client, abort) => {
    try {
      await client.send(new DescribeOrganizationConfigurationCommand({ DetectorId: detector }), abort);
      return { kind: 'organization' };
    } catch (error) {
      if (error instanceof BadRequestException) return { kind: 'none' };
      throw error;
    }
  });
}

export function listInvitations(
  desk: Desk,
): Promise<{ readonly kind: 'invitations'; readonly invitations: readonly Invitation[] } | FailedCall> {
  return send(desk, 'ListInvitations', async (client, abort) => {
    const invitations: Invitation[] = [];
    for await (const page of paginateListInvitations({ client, pageSize: PAGE }, {}, abort)) {
      invitations.push(...(page.Invitations ?? []));
    }
    return { kind: 'invitations', invitations };
  });
}

/** Whose member the account is. */
export function findAdministrator(
  desk: Desk,
  detector: string,
): Promise<{ readonly kind: 'administrator'; readonly account: string | undefined } | FailedCall> {
  return send(desk, 'GetAdministratorAccount', async (client, abort) => {
    const command = new GetAdministratorAccountCommand({ DetectorId: detector });
    const { Administrator } = await client.send(command, abort);
    return { kind: 'administrator', account: Administrator?.AccountId };
  });
}

export function acceptInvitation(
  desk: Desk,
  accepted: { readonly detector: string; readonly administrator: string; readonly invitation: string },
): Promise<{ readonly kind: 'accepted' } | FailedCall> {
  return send(desk, 'AcceptAdministratorInvitation', async (client, abort) => {
    const command = new AcceptAdministratorInvitationCommand({
      DetectorId: accepted.detector,
      AdministratorId: accepted.administrator,
      InvitationId: accepted.invitation,
    });
    await client.send(command, abort);
    return { kind: 'accepted' };
  });
}

type Abort = { readonly abortSignal: AbortSignal };

/** One question or wish, at the desk's pace. */
export function send<T extends { readonly kind: string }>(
  { clients, scope, region, pace, signal }: Desk,
  operation: string,
  ask: (client: GuardDutyClient, abort: Abort) => Promise<T>,
): Promise<T | FailedCall> {
  const call = { what: `${operation} in ${scope.account} ${region}` };
  return askPaced({ clients, scope, region, call, signal }, pace, () =>
    ask(clients.guardduty(scope, region), { abortSignal: signal }),
  );
}
