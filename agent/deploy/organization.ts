import type { CallAs, CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { DescribeOrganizationsAccessCommand } from '@aws-sdk/client-cloudformation';
import type { Account, OrganizationsClient } from '@aws-sdk/client-organizations';
import {
  DescribeOrganizationCommand,
  paginateListAccountsForParent,
  paginateListOrganizationalUnitsForParent,
} from '@aws-sdk/client-organizations';

import { errorFacts } from '../aws/error-facts.ts';
import { CredentialsError } from '../aws/failure.ts';
import { collectRows, firstPage } from './pages.ts';

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
  const described = await tell(signal, () => organizations.send(new DescribeOrganizationCommand({}), abort));
  // Whoever may not ask, but says that it is the management account, is taken at its word.
  const claimed = question.callAs === 'self' ? question.adminAccount : undefined;
  const managementAccount = described?.Organization?.MasterAccountId ?? claimed;
  const members = await tell(signal, () => findMembers(organizations, organizationalUnits, signal));
  const CallAs = callAs(question, managementAccount);
  const access = await tell(signal, () =>
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
    );
    for (const account of accounts) members.set(account.Id ?? '', stateOf(account));
    const below = await collectRows(
      paginateListOrganizationalUnitsForParent({ client }, firstPage(input), abort),
      ({ OrganizationalUnits }) => OrganizationalUnits,
    );
    waiting.push(...below.flatMap(({ Id }) => Id ?? []));
  }
  return members;
}

/** `State` has come in the place of `Status`, which AWS retires (Organizations API reference, Account). */
function stateOf({ State, Status }: Account): 'active' | 'suspended' {
  return (State ?? Status) === 'ACTIVE' ? 'active' : 'suspended';
}

/** Undefined: these credentials may not know. */
async function tell<Answer>(signal: AbortSignal, ask: () => Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await ask();
  } catch (error) {
    signal.throwIfAborted();
    const { isNetwork, isThrottling } = errorFacts(error);
    if (isNetwork || isThrottling || error instanceof CredentialsError) throw error;
    return undefined;
  }
}
