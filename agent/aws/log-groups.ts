import { DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';

import { ask } from './ask.ts';
import type { Bucket } from './bucket.ts';
import type { AwsClients } from './clients.ts';
import type { CredentialScope } from './credential-scope.ts';
import type { FailedCall } from './failure.ts';

export interface ListLogGroups {
  readonly clients: AwsClients;
  readonly scope: CredentialScope;
  readonly region: string;
  /** What the names begin with. */
  readonly prefix: string;
  /** For each page. */
  readonly pace: Bucket;
}

export interface ListedLogGroups {
  readonly kind: 'groups';
  readonly groups: readonly ListedLogGroup[];
}

export interface ListedLogGroup {
  readonly name: string;
  /** Only STANDARD ones can be read by FilterLogEvents. */
  readonly logClass: string;
}

interface GroupsPage extends ListedLogGroups {
  /** Absent: the last page. */
  readonly nextToken?: string;
}

/** AWS's largest page. */
const PAGE_GROUPS = 50;
/** Each one at half the pace of the one before. */
const TRIES_WHEN_THROTTLED = 5;

/** All log groups of one account and region whose names begin so. Never throws for what AWS or the network did. */
export async function listLogGroups(
  options: ListLogGroups,
  signal: AbortSignal,
): Promise<ListedLogGroups | FailedCall> {
  const groups: ListedLogGroup[] = [];
  let nextToken: string | undefined;
  do {
    const page = await unthrottledPage(options, nextToken, signal);
    if (page.kind === 'failed') return page;
    groups.push(...page.groups);
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return { kind: 'groups', groups };
}

async function unthrottledPage(
  options: ListLogGroups,
  nextToken: string | undefined,
  signal: AbortSignal,
): Promise<GroupsPage | FailedCall> {
  const { pace } = options;
  for (let tries = 1; ; tries += 1) {
    await pace.take(signal);
    const page = await describePage(options, nextToken, signal);
    const isThrottled = page.kind === 'failed' && page.failure.cause === 'throttled';
    if (isThrottled) pace.throttled();
    if (!isThrottled || tries === TRIES_WHEN_THROTTLED) return page;
  }
}

function describePage(
  { clients, scope, region, prefix }: ListLogGroups,
  nextToken: string | undefined,
  signal: AbortSignal,
): Promise<GroupsPage | FailedCall> {
  const call = { what: `DescribeLogGroups of ${prefix}* in ${scope.account} ${region}` };
  return ask({ clients, scope, region, call, signal }, async () => {
    const command = new DescribeLogGroupsCommand({
      ...{ logGroupNamePrefix: prefix, limit: PAGE_GROUPS },
      ...(nextToken === undefined ? {} : { nextToken }),
    });
    const answer = await clients.logs(scope, region).send(command, { abortSignal: signal });
    const groups = (answer.logGroups ?? []).flatMap(({ logGroupName, logGroupClass = 'STANDARD' }) =>
      logGroupName === undefined ? [] : [{ name: logGroupName, logClass: logGroupClass }],
    );
    return { kind: 'groups', groups, ...(answer.nextToken ? { nextToken: answer.nextToken } : {}) };
  });
}
