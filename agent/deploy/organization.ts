import type { CallAs, CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { DescribeOrganizationsAccessCommand } from '@aws-sdk/client-cloudformation';
import type { Account, OrganizationsClient } from '@aws-sdk/client-organizations';
import {
  DescribeOrganizationCommand,
  ParentNotFoundException,
  paginateListAccountsForParent,
  paginateListOrganizationalUnitsForParent,
} from '@aws-sdk/client-organizations';

import { EXIT, GuardrelayError } from '../model/error.ts';
import { collectRows, firstPage } from './pages.ts';
import { unlessRefused } from './unless-refused.ts';

/** What the deployer's credentials show of the customer's organization. What AWS does not tell is absent. */
export interface OrganizationSight {
  readonly managementAccount?: string;
  /** The accounts in the organizational units and below, by id. */
  readonly members?: ReadonlyMap<string, 'active' | 'suspended'>;
  /** Whether StackSets may work with the rights of the organization. */
  readonly isTrusted?: boolean;
}

export interface OrganizationQuestion {
  /** The account of the credentials. */
  readonly adminAccount: string;
  readonly organizationalUnits: readonly string[];
  readonly callAs: 'self' | 'delegated-admin';
  readonly signal: AbortSignal;
}

export interface OrganizationClients {
  readonly organizations: OrganizationsClient;
  readonly cloudFormation: CloudFormationClient;
}

/** Looks at the organization before a StackSet works in it. */
export async function findOrganization(
  { organizations, cloudFormation }: OrganizationClients,
  question: OrganizationQuestion,
): Promise<OrganizationSight> {
  const { organizationalUnits, signal } = question;
  const abort = { abortSignal: signal };
  const described = await unlessRefused(signal, () =>
    organizations.send(new DescribeOrganizationCommand({}), abort),
  );
  // Whoever may not ask, but says that it is the management account, is taken at its word.
  const claimed = question.callAs === 'self' ? question.adminAccount : undefined;
  const managementAccount = described?.Organization?.MasterAccountId ?? claimed;
  const members = await unlessRefused(signal, () => findMembers(organizations, organizationalUnits, signal));
  const CallAs = callAs(question, managementAccount);
  const access = await unlessRefused(signal, () =>
    cloudFormation.send(new DescribeOrganizationsAccessCommand({ CallAs }), abort),
  );
  return {
    ...(managementAccount !== undefined && { managementAccount }),
    ...(members && { members }),
    ...(access?.Status && { isTrusted: access.Status === 'ENABLED' }),
  };
}

/** The management account is no delegated administrator, whatever the configuration says of others. */
export function callAs(
  { adminAccount, callAs: wanted }: Pick<OrganizationQuestion, 'adminAccount' | 'callAs'>,
  managementAccount: string | undefined,
): CallAs {
  return wanted === 'self' || adminAccount === managementAccount ? 'SELF' : 'DELEGATED_ADMIN';
}

/** Walks down the units. */
async function findMembers(
  client: OrganizationsClient,
  units: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, 'active' | 'suspended'>> {
  const members = new Map<string, 'active' | 'suspended'>();
  const abort = { abortSignal: signal };
  for (const waiting = [...units]; waiting.length > 0; ) {
    const input = { ParentId: waiting.pop() };
    const accounts = await collectRows(
      paginateListAccountsForParent({ client }, firstPage(input), abort),
      ({ Accounts }) => Accounts,
    ).catch((error: unknown) => {
      throw error instanceof ParentNotFoundException ? unknownUnit(input.ParentId, error) : error;
    });
    for (const account of accounts) members.set(account.Id ?? '', stateOf(account));
    const below = await collectRows(
      paginateListOrganizationalUnitsForParent({ client }, firstPage(input), abort),
      ({ OrganizationalUnits }) => OrganizationalUnits,
    );
    waiting.push(...below.flatMap(({ Id }) => Id ?? []));
  }
  return members;
}

function unknownUnit(id: string | undefined, cause: unknown): GuardrelayError {
  return new GuardrelayError('CFN-001', `the organization has no unit ${id}`, {
    exitCode: EXIT.usage,
    fix: 'Correct stack.organizationalUnits; aws organizations list-roots and list-organizational-units-for-parent show what there is.',
    cause,
  });
}

/** `State` has come in the place of `Status`, which AWS retires (Organizations API reference, Account). */
function stateOf({ State, Status }: Account): 'active' | 'suspended' {
  return (State ?? Status) === 'ACTIVE' ? 'active' : 'suspended';
}
