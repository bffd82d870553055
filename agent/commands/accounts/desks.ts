import { createBucket } from '../../aws/bucket.ts';
import type { AwsClients } from '../../aws/clients.ts';
import type { AwsAuth, CredentialScope } from '../../aws/credential-scope.ts';
import { CredentialsError, classifyFailure } from '../../aws/failure.ts';
import { homeRegion } from '../../aws/regions.ts';
import type { ResolvedCustomer } from '../../config/config.ts';
import { accountRegions } from '../../discover/account-regions.ts';
import { mapBounded } from '../../discover/bounded.ts';
import { scopeOf } from '../../discover/customer.ts';
import type { Desk } from '../../members/desk.ts';
import { systemClock } from '../../model/clock.ts';
import { discoverCustomer } from '../../relay/discover-customer.ts';
import { routesTo } from '../../relay/routes.ts';
import { callerAccount } from '../deploy/deployer.ts';

/** Who asks, and where. */
export interface DeskOptions {
  readonly profile?: string | undefined;
  /** `{account}` stands for the account that is worked in. */
  readonly roleArn?: string | undefined;
  /** Secret reference. */
  readonly externalId?: string | undefined;
  /** Only these: a name or a pattern. */
  readonly region?: string | undefined;
}

/** Where GuardDuty is asked for a customer, and where it cannot be. */
export interface Desks {
  readonly desks: readonly Desk[];
  readonly closed: readonly ClosedDesk[];
}

export interface ClosedDesk {
  readonly account: string;
  /** Absent: every region of the account. */
  readonly region?: string;
  readonly reason: string;
}

interface Asker {
  readonly clients: AwsClients;
  readonly signal: AbortSignal;
}

/** Calls to GuardDuty of one account and region; its quotas are the customer's. */
const CALLS_PER_SECOND = 4;
const ACCOUNTS_AT_ONCE = 8;
const DESKS_AT_ONCE = 16;

/** Work at every desk, so many at a time. */
export function atDesks<T>(desks: readonly Desk[], work: (desk: Desk) => Promise<T>): Promise<readonly T[]> {
  return mapBounded(desks, DESKS_AT_ONCE, work);
}

/** With the credentials that the agent reads with, which change nothing. */
export function readingDesks(customer: ResolvedCustomer, options: DeskOptions, asker: Asker): Promise<Desks> {
  const { collect } = customer.accounts;
  return allDesks(collect, (account) =>
    desksOf(customer, scopeOf(discoverCustomer(customer), account), options, asker),
  );
}

/** With the credentials of whoever runs the command. */
export function workingDesks(
  customer: ResolvedCustomer,
  accounts: readonly string[],
  options: DeskOptions,
  asker: Asker,
): Promise<Desks> {
  return allDesks(accounts, async (account) => {
    const scope = { ...scopeOf(discoverCustomer(customer), account), auth: authOf(options) };
    const stranger = await strangerIn(scope, asker);
    if (stranger !== undefined) return { desks: [], closed: [{ account, reason: stranger }] };
    return desksOf(customer, scope, options, asker);
  });
}

async function allDesks(
  accounts: readonly string[],
  open: (account: string) => Promise<Desks>,
): Promise<Desks> {
  const each = await mapBounded(accounts, ACCOUNTS_AT_ONCE, open);
  return { desks: each.flatMap(({ desks }) => desks), closed: each.flatMap(({ closed }) => closed) };
}

async function desksOf(
  customer: ResolvedCustomer,
  scope: CredentialScope,
  { region = '*' }: DeskOptions,
  { clients, signal }: Asker,
): Promise<Desks> {
  const found = await accountRegions(discoverCustomer(customer), scope, { clients, known: [], signal });
  const isWanted = (name: string): boolean => routesTo([{ id: '', regions: [region] }], name).length > 0;
  const desks = found.regions.filter(isWanted).map((name) => {
    const pace = createBucket(CALLS_PER_SECOND, systemClock);
    return { clients, scope, region: name, pace, signal };
  });
  const guesses = found.leftOut.filter(({ isGuess }) => isGuess);
  return { desks, closed: guesses.map(({ account, reason }) => ({ account, reason })) };
}

function authOf({ profile, roleArn, externalId }: DeskOptions): AwsAuth {
  if (roleArn !== undefined) return { type: 'assumeRole', roleArn, externalId };
  return profile === undefined ? { type: 'default' } : { type: 'profile', name: profile };
}

/** Why these credentials are not of the account; undefined: they are. */
async function strangerIn(scope: CredentialScope, { clients, signal }: Asker): Promise<string | undefined> {
  const { account, partition } = scope;
  try {
    const caller = await callerAccount(clients.sts(scope, homeRegion(partition)), signal);
    if (caller === account) return undefined;
    return `the credentials are of account ${caller}: name others with --profile, or a role in it with --role-arn`;
  } catch (error) {
    if (signal.aborted) throw error;
    if (error instanceof CredentialsError) return error.message;
    return classifyFailure(error, { what: `GetCallerIdentity for ${account}` }).text;
  }
}
