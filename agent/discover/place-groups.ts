import type { AwsClients } from '../aws/clients.ts';
import type { CredentialScope } from '../aws/credential-scope.ts';
import { type ListedLogGroup, listLogGroups } from '../aws/log-groups.ts';
import type { Quota } from '../aws/quota.ts';
import { logGroupPrefix } from '../model/log-group-prefix.ts';
import type { LeftOut } from './account-regions.ts';
import type { DiscoverCustomer } from './customer.ts';

/** One region of one account. */
export interface Place {
  readonly scope: CredentialScope;
  readonly region: string;
}

export interface PlaceGroups {
  readonly logGroups: readonly string[];
  readonly leftOut: readonly LeftOut[];
}

export interface AskGroups {
  readonly clients: AwsClients;
  readonly quota: Quota;
  /** Groups that were read there before: they stay when the place cannot be asked. */
  readonly known: readonly string[];
  readonly signal: AbortSignal;
}

/** The log groups of one place that are read: the one that is named, whether it exists or not, or all that begin so. */
export async function placeGroups(
  { logGroup, quotaShare }: Pick<DiscoverCustomer, 'logGroup' | 'quotaShare'>,
  place: Place,
  { clients, quota, known, signal }: AskGroups,
): Promise<PlaceGroups> {
  const prefix = logGroupPrefix(logGroup);
  if (prefix === undefined) return { logGroups: [logGroup], leftOut: [] };
  const { account } = place.scope;
  const pace = quota.paceOf({ account, region: place.region }, quotaShare).describeLogGroups;
  const listed = await listLogGroups({ ...place, clients, prefix, pace }, signal);
  if (listed.kind === 'groups') return readable(listed.groups, place, logGroup);
  const { code, text } = listed.failure;
  const reason = `${text}; reading the log groups that were found before`;
  return {
    logGroups: known.filter((name) => name.startsWith(prefix)),
    leftOut: [leftOut(place, { code, reason, isGuess: true })],
  };
}

function readable(groups: readonly ListedLogGroup[], place: Place, logGroup: string): PlaceGroups {
  const where = `in ${place.scope.account} ${place.region}`;
  const isStandard = ({ logClass }: ListedLogGroup): boolean => logClass === 'STANDARD';
  const reasons = groups
    .filter((group) => !isStandard(group))
    .map(({ name, logClass }) => `${name} ${where} is of class ${logClass}, which cannot be read`);
  if (groups.length === 0) reasons.push(`no log group ${where} has a name like ${logGroup}`);
  return {
    logGroups: groups.filter(isStandard).map(({ name }) => name),
    leftOut: reasons.map((reason) => leftOut(place, { code: 'LOG-001', reason, isGuess: false })),
  };
}

function leftOut(
  { scope: { customer, account }, region }: Place,
  why: Pick<LeftOut, 'code' | 'reason' | 'isGuess'>,
): LeftOut {
  return { customer, account, region, ...why };
}
