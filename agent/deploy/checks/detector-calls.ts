import {
  BadRequestException,
  DescribeOrganizationConfigurationCommand,
  GetAdministratorAccountCommand,
  GetDetectorCommand,
  type GuardDutyClient,
  ListDetectorsCommand,
  type Member,
  paginateListMembers,
} from '@aws-sdk/client-guardduty';

import type { PlaceCallsOptions } from './place-calls.ts';
import type { Missing } from './rule-calls.ts';
import { askService, type UnansweredCall } from './service-call.ts';

export interface Detector {
  readonly kind: 'detector';
  readonly id: string;
  readonly isEnabled: boolean;
  /** How often repetitions of a finding are reported: FIFTEEN_MINUTES, ONE_HOUR or SIX_HOURS. */
  readonly frequency: string;
}

export interface Administrator {
  readonly kind: 'administrator';
  readonly account: string;
  readonly status: string;
}

export interface Members {
  readonly kind: 'members';
  readonly members: readonly Member[];
}

export interface OrganizationSettings {
  readonly kind: 'organization';
  /** Which accounts become members by themselves: NEW, ALL or NONE. */
  readonly autoEnable: string;
}

/** A region has one detector at most. */
export async function describeDetector(
  options: PlaceCallsOptions,
): Promise<Detector | Missing | UnansweredCall> {
  const listed = await askGuardDuty('ListDetectors', options, async (client, abort) => {
    const { DetectorIds: [id] = [] } = await client.send(new ListDetectorsCommand({}), abort);
    return { kind: 'listed', id } as const;
  });
  if (listed.kind === 'failed') return listed;
  const { id } = listed;
  if (id === undefined) return { kind: 'missing' };
  return askGuardDuty('GetDetector', options, async (client, abort) => {
    const detector = await client.send(new GetDetectorCommand({ DetectorId: id }), abort);
    const { Status, FindingPublishingFrequency: frequency = 'SIX_HOURS' } = detector;
    return { kind: 'detector', id, isEnabled: Status === 'ENABLED', frequency };
  });
}

/** Missing: the account is nobody's member. */
export function askAdministrator(
  detector: string,
  options: PlaceCallsOptions,
): Promise<Administrator | Missing | UnansweredCall> {
  return askGuardDuty('GetAdministratorAccount', options, async (client, abort) => {
    const command = new GetAdministratorAccountCommand({ DetectorId: detector });
    const { AccountId: account, RelationshipStatus: status = '' } =
      (await client.send(command, abort)).Administrator ?? {};
    return account ? { kind: 'administrator', account, status } : { kind: 'missing' };
  });
}

/** Those that were never invited, too. */
export function listMembers(detector: string, options: PlaceCallsOptions): Promise<Members | UnansweredCall> {
  return askGuardDuty('ListMembers', options, async (client, abort) => {
    const input = { DetectorId: detector, OnlyAssociated: 'false' };
    const pages = paginateListMembers({ client, pageSize: 50 }, input, abort);
    const members: Member[] = [];
    for await (const page of pages) members.push(...(page.Members ?? []));
    return { kind: 'members', members };
  });
}

/** GuardDuty refuses everyone but the administrator of an organization as a bad request. */
export function askOrganization(
  detector: string,
  options: PlaceCallsOptions,
): Promise<OrganizationSettings | Missing | UnansweredCall> {
  return askGuardDuty('DescribeOrganizationConfiguration', options, async (client, abort) => {
    const command = new DescribeOrganizationConfigurationCommand({ DetectorId: detector });
    try {
      const { AutoEnableOrganizationMembers: autoEnable = 'NONE' } = await client.send(command, abort);
      return { kind: 'organization', autoEnable };
    } catch (error) {
      if (error instanceof BadRequestException) return { kind: 'missing' };
      throw error;
    }
  });
}

type Send<T> = (client: GuardDutyClient, abort: { readonly abortSignal: AbortSignal }) => Promise<T>;

function askGuardDuty<T>(
  operation: string,
  options: PlaceCallsOptions,
  send: Send<T>,
): Promise<T | UnansweredCall> {
  const { clients, scope, source, signal } = options;
  const client = clients.guardduty(scope, source.region);
  return askService(`guardduty:${operation}`, options, () => send(client, { abortSignal: signal }));
}
