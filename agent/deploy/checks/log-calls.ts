import {
  type CloudWatchLogsClient,
  DescribeResourcePoliciesCommand,
  type DescribeResourcePoliciesCommandInput,
} from '@aws-sdk/client-cloudwatch-logs';

import { ask } from '../../aws/ask.ts';
import type { Bucket } from '../../aws/bucket.ts';
import type { FailedCall } from '../../aws/failure.ts';
import { createLogsReader, type FilterQuery, type LogsReader } from '../../aws/logs-reader.ts';
import type { LogEvent } from '../../model/log-event.ts';
import { logGroupArn } from './expected.ts';
import type { PlaceCallsOptions } from './place-calls.ts';

export type GroupAnswer = Awaited<ReturnType<LogsReader['describeGroup']>>;

/** The newest events, as far back as the last heartbeat. */
export interface RecentEvents {
  readonly kind: 'events';
  readonly heartbeat?: LogEvent;
  /** The newest one that is no heartbeat. */
  readonly other?: LogEvent;
  /** There are more events than are read for a check, and no heartbeat among those. */
  readonly isCut: boolean;
  /** By AWS's clock, epoch ms. */
  readonly now: number;
}

export interface LivePolicies {
  readonly kind: 'policies';
  readonly ofAccount: readonly LivePolicy[];
  readonly ofGroup: readonly LivePolicy[];
}

interface LivePolicy {
  readonly name: string;
  readonly document: string;
  /** Of a log group's own policy. */
  readonly revision?: string | undefined;
}

/** What this finds no heartbeat in is a busy group: more pages are not worth it, because the calls are the customer's. */
const MAX_PAGES = 5;
export const LOOK_BACK_HOURS = 24;

export function describeGroup(options: PlaceCallsOptions): Promise<GroupAnswer> {
  const { source, pace, signal } = options;
  return paced(pace.describeLogGroups, signal, () => readerOf(options).describeGroup(source, signal));
}

export async function readRecent(
  now: number,
  options: PlaceCallsOptions,
): Promise<RecentEvents | FailedCall> {
  const { source, pace, signal, isHeartbeat } = options;
  const logs = readerOf(options);
  let seen: Newest = {};
  let query: FilterQuery = { startTime: now - LOOK_BACK_HOURS * 3_600_000, startFromHead: false };
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const answer = await paced(pace.filterLogEvents, signal, () => logs.filter(source, query, signal));
    if (answer.kind === 'failed') return answer;
    seen = newestOf(answer.events, seen, isHeartbeat);
    const { nextToken } = answer;
    if (nextToken === undefined || seen.heartbeat) return { kind: 'events', isCut: false, now, ...seen };
    query = { ...query, nextToken };
  }
  return { kind: 'events', isCut: true, now, ...seen };
}

type Newest = Pick<RecentEvents, 'heartbeat' | 'other'>;

/** By their times: pages come newest first, but rows within a page need not. */
function newestOf(
  events: readonly LogEvent[],
  known: Newest,
  isHeartbeat: (event: LogEvent) => boolean,
): Newest {
  let seen = known;
  for (const event of events) {
    const kind = isHeartbeat(event) ? 'heartbeat' : 'other';
    if (event.timestamp > (seen[kind]?.timestamp ?? 0)) seen = { ...seen, [kind]: event };
  }
  return seen;
}

/** Those of the account, and the group's own. */
export async function describePolicies(options: PlaceCallsOptions): Promise<LivePolicies | FailedCall> {
  const { clients, scope, source, signal } = options;
  const { account, region, logGroup } = source;
  const call = { what: `DescribeResourcePolicies for ${logGroup} in ${account} ${region}` };
  return ask({ clients, scope, region, call, signal }, async () => {
    const client = clients.logs(scope, region);
    const [ofAccount, ofGroup] = await Promise.all([
      resourcePolicies(client, { policyScope: 'ACCOUNT' }, signal),
      resourcePolicies(client, { policyScope: 'RESOURCE', resourceArn: logGroupArn(source) }, signal),
    ]);
    return { kind: 'policies', ofAccount, ofGroup };
  });
}

async function resourcePolicies(
  client: CloudWatchLogsClient,
  scope: Pick<DescribeResourcePoliciesCommandInput, 'policyScope' | 'resourceArn'>,
  signal: AbortSignal,
): Promise<readonly LivePolicy[]> {
  const policies: LivePolicy[] = [];
  let nextToken: string | undefined;
  do {
    const command = new DescribeResourcePoliciesCommand({ ...scope, ...(nextToken ? { nextToken } : {}) });
    const answer = await client.send(command, { abortSignal: signal });
    for (const policy of answer.resourcePolicies ?? []) {
      const { policyName: name = '', policyDocument: document = '', revisionId: revision } = policy;
      policies.push({ name, document, revision });
    }
    nextToken = answer.nextToken;
  } while (nextToken);
  return policies;
}

function readerOf({ clients, scope }: PlaceCallsOptions): LogsReader {
  return createLogsReader({ clients, scopeOf: () => scope });
}

/** The quota is the customer's: waits for its turn, and slows down when AWS says so. */
async function paced<T extends { readonly kind: string }>(
  pace: Bucket,
  signal: AbortSignal,
  send: () => Promise<T | FailedCall>,
): Promise<T | FailedCall> {
  await pace.take(signal);
  const answer = await send();
  if (answer.kind === 'failed' && 'failure' in answer && answer.failure.cause === 'throttled')
    pace.throttled();
  return answer;
}
