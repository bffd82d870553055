import { type Account, ListAccountsCommand } from '@aws-sdk/client-organizations';

import { askPaced } from './ask-paced.ts';
import type { Bucket } from './bucket.ts';
import type { AwsClients } from './clients.ts';
import type { CredentialScope } from './credential-scope.ts';
import type { FailedCall } from './failure.ts';
import { homeRegion } from './regions.ts';

export interface OrganizationAccountsOptions {
  readonly clients: AwsClients;
  /** Of the organization's management account, or of a delegated administrator. */
  readonly scope: CredentialScope;
  readonly pace: Bucket;
}

interface AccountPage {
  readonly kind: 'accounts';
  readonly accounts: readonly Account[];
  /** Absent: the last page. A page may be empty and not the last one. */
  readonly nextToken?: string;
}

/** The accounts of an organization, page by page. Ends with the first failure; never throws for what AWS did. */
export async function* organizationAccounts(
  options: OrganizationAccountsOptions,
  signal: AbortSignal,
): AsyncGenerator<AccountPage | FailedCall, void> {
  let nextToken: string | undefined;
  do {
    const page = await listAccounts(options, nextToken, signal);
    yield page;
    if (page.kind === 'failed') return;
    nextToken = page.nextToken;
  } while (nextToken !== undefined && !signal.aborted);
}

function listAccounts(
  { clients, scope, pace }: OrganizationAccountsOptions,
  nextToken: string | undefined,
  signal: AbortSignal,
): Promise<AccountPage | FailedCall> {
  const call = { what: `ListAccounts of the organization of ${scope.account}` };
  const asked = { clients, scope, region: homeRegion(scope.partition), call, signal };
  return askPaced(asked, pace, async () => {
    const command = new ListAccountsCommand({ NextToken: nextToken });
    const { Accounts = [], NextToken } = await clients
      .organizations(scope)
      .send(command, { abortSignal: signal });
    return { kind: 'accounts', accounts: Accounts, ...(NextToken ? { nextToken: NextToken } : {}) };
  });
}
