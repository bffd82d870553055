import { createBucket } from '../aws/bucket.ts';
import type { AwsClients } from '../aws/clients.ts';
import type { CredentialScope } from '../aws/credential-scope.ts';
import type { AwsFailure } from '../aws/failure.ts';
import { organizationAccounts } from '../aws/organization-accounts.ts';
import type { Clock } from '../model/clock.ts';
import type { Logger } from '../model/logger.ts';

export interface OrganizationNamesOptions {
  readonly clients: AwsClients;
  readonly scope: CredentialScope;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called as the pages come, and again with each reading. */
  told(account: string, name: string): void;
}

/** Asks an organization what its accounts are called, again and again. */
export interface OrganizationNames {
  /** The first reading has come to its end, well or not. */
  readonly asked: Promise<unknown>;
  /** It was stopped, and asks no more. */
  readonly ended: Promise<void>;
}

const AFTER_SUCCESS_MS = 24 * 3_600_000;
const AFTER_FAILURE_MS = 3_600_000;
/** Of 20 accounts each; the quota is the customer's, whose own tools use it too. */
const PAGES_PER_SECOND = 2;

const FIX =
  'The account must be the management account or a delegated administrator of its organization, and its role must allow organizations:ListAccounts (AllowAccountNames=true in templates/reader-role.yaml). Or list the accounts in accounts.file.';

/** Reads now and then once a day. A failure costs names and nothing else: it is told once, and asked again each hour. */
export function keepOrganizationNames(
  options: OrganizationNamesOptions,
  stop: AbortSignal,
): OrganizationNames {
  const { clock, logger, scope } = options;
  const place = { customer: scope.customer, accountId: scope.account };
  let failing: AwsFailure['cause'] | undefined;

  async function ask(): Promise<void> {
    const failure = await readNames(options, stop);
    if (stop.aborted) return;
    if (failure && failure.cause !== failing) {
      logger.warn('the names of accounts cannot be read from the organization', {
        ...{ ...place, code: failure.code, error: failure.text, fix: FIX },
      });
    }
    if (!failure && failing) logger.info('the names of accounts are read from the organization', place);
    failing = failure?.cause;
  }

  async function goOn(): Promise<void> {
    await asked;
    while (!stop.aborted) {
      await clock.sleep(failing ? AFTER_FAILURE_MS : AFTER_SUCCESS_MS, stop);
      if (!stop.aborted) await ask();
    }
  }

  const asked = ask();
  return { asked, ended: goOn() };
}

async function readNames(
  { clients, scope, clock, told }: OrganizationNamesOptions,
  signal: AbortSignal,
): Promise<AwsFailure | undefined> {
  const pace = createBucket(PAGES_PER_SECOND, clock);
  for await (const page of organizationAccounts({ clients, scope, pace }, signal)) {
    if (page.kind === 'failed') return page.failure;
    for (const { Id, Name } of page.accounts) if (Id && Name) told(Id, Name);
  }
  return undefined;
}
