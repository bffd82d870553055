import {
  type CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  type DescribeLogGroupsCommandOutput,
  type FilteredLogEvent,
  FilterLogEventsCommand,
  type FilterLogEventsCommandOutput,
} from '@aws-sdk/client-cloudwatch-logs';

import type { LogEvent } from '../model/log-event.ts';
import type { Source } from '../model/source.ts';
import { TELL_DATES, tellDates } from './answer-date.ts';
import type { AwsClients } from './clients.ts';
import type { CredentialScope } from './credential-scope.ts';
import { type AwsCall, type AwsFailure, classifyFailure, describeFailure, isExpired } from './failure.ts';
import { explainUnknownCredentials } from './region-status.ts';

/** The two calls with which a log group is read. Never throws for what AWS or the network did. */
export interface LogsReader {
  filter(source: Source, query: FilterQuery, signal: AbortSignal): Promise<Dated<LogPage | FailedCall>>;
  describeGroup(source: Source, signal: AbortSignal): Promise<Dated<LogGroup | FailedCall>>;
}

/** Event timestamps, both inclusive, epoch ms. They stay the same while a token is followed. */
export interface FilterQuery {
  readonly startTime: number;
  readonly endTime?: number;
  readonly nextToken?: string;
}

/** `serviceTime`: the `Date` header, epoch ms. */
export type Dated<T> = T & { readonly serviceTime?: number };

export interface LogPage {
  readonly kind: 'page';
  readonly events: readonly LogEvent[];
  /** Absent: the last page. An empty page with a token is not the end. */
  readonly nextToken?: string;
  /** Of all messages, UTF-8. */
  readonly bytes: number;
}

export interface LogGroup {
  readonly kind: 'group';
  readonly creationTime: number;
  /** Absent: kept for ever. */
  readonly retentionDays?: number;
}

export interface FailedCall {
  readonly kind: 'failed';
  readonly failure: AwsFailure;
}

export interface LogsReaderOptions {
  readonly clients: AwsClients;
  scopeOf(source: Source): CredentialScope;
}

/** AWS's largest page. */
const PAGE_EVENTS = 10_000;

/** Names the group, not its ARN: the credentials are always those of the account that owns it. */
export function createLogsReader(options: LogsReaderOptions): LogsReader {
  return {
    filter(source, query, signal) {
      const what = `FilterLogEvents of ${placeOf(source)}`;
      const call = { what, withToken: query.nextToken !== undefined };
      return ask(source, { ...options, call, signal }, async (client, tell) => {
        const command = new FilterLogEventsCommand({
          logGroupName: source.logGroup,
          limit: PAGE_EVENTS,
          ...query,
        });
        command.middlewareStack.add(tell, TELL_DATES);
        return pageOf(await client.send(command, { abortSignal: signal }));
      });
    },

    describeGroup(source, signal) {
      const call = { what: `DescribeLogGroups of ${placeOf(source)}` };
      return ask(source, { ...options, call, signal }, async (client, tell) => {
        // Names are sorted, so the group itself comes first among those that begin with its name.
        const command = new DescribeLogGroupsCommand({ logGroupNamePrefix: source.logGroup });
        command.middlewareStack.add(tell, TELL_DATES);
        return groupOf(await client.send(command, { abortSignal: signal }), source, call);
      });
    },
  };
}

interface AskOptions extends LogsReaderOptions {
  readonly call: AwsCall;
  readonly signal: AbortSignal;
}

type Ask<T> = (client: CloudWatchLogsClient, tell: ReturnType<typeof tellDates>) => Promise<T>;

async function ask<T extends object>(
  source: Source,
  { clients, scopeOf, call, signal }: AskOptions,
  send: Ask<T>,
): Promise<Dated<T | FailedCall>> {
  const dated: { serviceTime?: number } = {};
  const tell = tellDates((serviceTime) => {
    dated.serviceTime = serviceTime;
  });
  const scope = scopeOf(source);
  try {
    const answer = await withSession(clients, scope, () => send(clients.logs(scope, source.region), tell));
    return { ...answer, ...dated };
  } catch (error) {
    const failure = classifyFailure(error, call);
    if (failure.cause !== 'region-off') return { kind: 'failed', failure, ...dated };
    const place = { client: clients.account(scope), region: source.region };
    const explained = await explainUnknownCredentials(call, place, signal);
    return { kind: 'failed', failure: explained ?? failure, ...dated };
  }
}

/** A session may end between two pages: it is renewed once and the call repeated. */
async function withSession<T>(
  clients: AwsClients,
  scope: CredentialScope,
  send: () => Promise<T>,
): Promise<T> {
  const session = clients.credentials(scope);
  const identity = await session.get();
  try {
    return await send();
  } catch (error) {
    if (!isExpired(error)) throw error;
    session.renew(identity);
    return await send();
  }
}

function placeOf({ logGroup, account, region }: Source): string {
  return `${logGroup} in ${account} ${region}`;
}

function pageOf({ events = [], nextToken }: FilterLogEventsCommandOutput): LogPage {
  const rows = events.map(eventOf);
  return {
    kind: 'page',
    events: rows,
    bytes: rows.reduce((sum, { message }) => sum + Buffer.byteLength(message), 0),
    ...(nextToken ? { nextToken } : {}),
  };
}

/** A row without one of these could neither be delivered nor told from others, so the answer counts as broken. */
function eventOf({ eventId, timestamp, ingestionTime, logStreamName, message }: FilteredLogEvent): LogEvent {
  if (
    eventId === undefined ||
    timestamp === undefined ||
    ingestionTime === undefined ||
    logStreamName === undefined ||
    message === undefined
  ) {
    throw new Error('a row lacks its id, a time, its stream or its message');
  }
  return { id: eventId, timestamp, ingestionTime, stream: logStreamName, message };
}

function groupOf(
  { logGroups = [] }: DescribeLogGroupsCommandOutput,
  { logGroup }: Source,
  call: AwsCall,
): LogGroup | FailedCall {
  const group = logGroups.find(({ logGroupName }) => logGroupName === logGroup);
  if (group?.creationTime === undefined)
    return { kind: 'failed', failure: describeFailure('no-group', call) };
  const { creationTime, retentionInDays, logGroupClass = 'STANDARD' } = group;
  if (logGroupClass !== 'STANDARD') {
    return { kind: 'failed', failure: describeFailure('wrong-class', call, `it is ${logGroupClass}`) };
  }
  return {
    kind: 'group',
    creationTime,
    ...(retentionInDays === undefined ? {} : { retentionDays: retentionInDays }),
  };
}
