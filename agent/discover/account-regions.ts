import type { AwsClients } from '../aws/clients.ts';
import type { CredentialScope } from '../aws/credential-scope.ts';
import { classifyFailure } from '../aws/failure.ts';
import { isEnabled, listRegions } from '../aws/region-status.ts';
import { findRegion, guardDutyRegions, type RegionRow } from '../aws/regions.ts';
import type { ErrorCode } from '../model/error.ts';
import type { DiscoverCustomer } from './customer.ts';

/** Something that is not read, or not known for certain; without `region` it concerns the whole account. */
export interface LeftOut {
  readonly customer: string;
  readonly account: string;
  readonly region?: string;
  readonly code: ErrorCode;
  /** One line. */
  readonly reason: string;
  /** AWS could not be asked: there may be more to read than was found. */
  readonly isGuess: boolean;
}

export interface AccountRegions {
  readonly regions: readonly string[];
  /** Not enabled in the account; none of a customer who lists his regions. */
  readonly off: readonly string[];
  readonly leftOut: readonly LeftOut[];
}

export interface AskRegions {
  readonly clients: AwsClients;
  /** Regions that were read before: they stay when the account cannot be asked. */
  readonly known: readonly string[];
  readonly signal: AbortSignal;
}

/** The regions of one account in which a log group is read. */
export async function accountRegions(
  { regions }: Pick<DiscoverCustomer, 'regions'>,
  scope: CredentialScope,
  { clients, known, signal }: AskRegions,
): Promise<AccountRegions> {
  if (typeof regions !== 'string') return listedRegions(regions, scope);
  const offered = guardDutyRegions(scope.partition);
  try {
    const status = await listRegions(clients.account(scope), signal);
    const isOn = ({ region }: RegionRow): boolean => isEnabled(status.get(region));
    const off = offered.filter((row) => !isOn(row));
    return {
      regions: namesOf(offered.filter(isOn)),
      off: namesOf(off),
      leftOut: regions === 'all' ? off.map((row) => regionOff(row, scope)) : [],
    };
  } catch (error) {
    return guessedRegions(error, scope, known);
  }
}

function namesOf(rows: readonly RegionRow[]): readonly string[] {
  return rows.map(({ region }) => region);
}

function regionOff({ region, name }: RegionRow, { customer, account }: CredentialScope): LeftOut {
  return {
    customer,
    account,
    region,
    code: 'REG-001',
    reason: `${name} is not enabled in account ${account}`,
    isGuess: false,
  };
}

/** A region that is named is read even while it is off, so that it shows up as failing. */
function listedRegions(regions: readonly string[], scope: CredentialScope): AccountRegions {
  const { customer, account } = scope;
  const checked = regions.map((region) => ({ region, reason: whyNot(region, scope) }));
  const leftOut = checked.flatMap(({ region, reason }): LeftOut[] =>
    reason === undefined ? [] : [{ customer, account, region, code: 'CFG-004', reason, isGuess: false }],
  );
  return {
    regions: checked.filter(({ reason }) => reason === undefined).map(({ region }) => region),
    off: [],
    leftOut,
  };
}

function whyNot(region: string, { partition }: CredentialScope): string | undefined {
  const row = findRegion(region);
  if (!row) return `${region} is no region that guardrelay knows`;
  if (!row.guardduty) return `GuardDuty is not offered in ${region}`;
  if (row.partition !== partition)
    return `${region} belongs to ${row.partition}, these credentials to ${partition}`;
  return undefined;
}

function guessedRegions(error: unknown, scope: CredentialScope, known: readonly string[]): AccountRegions {
  const { customer, account, partition } = scope;
  const { code, text } = classifyFailure(error, { what: `ListRegions of ${account}` });
  const byDefault = guardDutyRegions(partition).filter(({ optIn }) => !optIn);
  const reason = `${text}; reading the regions that are on by default and those read before`;
  return {
    regions: [...new Set([...namesOf(byDefault), ...known])],
    off: [],
    leftOut: [{ customer, account, code, reason, isGuess: true }],
  };
}
