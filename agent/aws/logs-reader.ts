import {
  type CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  FilterLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';

import type { Source } from '../model/source.ts';
import { TELL_DATES, tellDates } from './answer-date.ts';
import { ask } from './ask.ts';
import type { AwsClients } from './clients.ts';
import type { CredentialScope } from './credential-scope.ts';
import type { AwsCall, FailedCall } from './failure.ts';
import { groupOf, type LogGroup, type LogPage, pageOf } from './logs-answer.ts';

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
  /** false: newest first. Absent: oldest first. */
  readonly startFromHead?: boolean;
}

/** `serviceTime`: the `Date` header, epoch ms. */
type Dated<T> = T & { readonly serviceTime?: number };

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
      return askDated(source, { ...options, call, signal }, async (client, tell) => {
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
      return askDated(source, { ...options, call, signal }, async (client, tell) => {
        // Names are sorted, so the group itself comes first among those that begin with its name.
        const command = new DescribeLogGroupsCommand({ logGroupNamePrefix: source.logGroup });
        command.middlewareStack.add(tell, TELL_DATES);
        return groupOf(await client.send(command, { abortSignal: signal }), source, call);
      });
    },
  };
}

interface AskDated extends LogsReaderOptions {
  readonly call: AwsCall;
  readonly signal: AbortSignal;
}

type Send<T> = (client: CloudWatchLogsClient, tell: ReturnType<typeof tellDates>) => Promise<T>;

async function askDated<T extends object>(
  source: Source,
  { clients, scopeOf, call, signal }: AskDated,
  send: Send<T>,
): Promise<Dated<T | FailedCall>> {
  const dated: { serviceTime?: number } = {};
  const tell = tellDates((serviceTime) => {
    dated.serviceTime = serviceTime;
  });
  const scope = scopeOf(source);
  const { region } = source;
  const asked = { clients, scope, region, call, signal };
  return { ...(await ask(asked, () => send(clients.logs(scope, region), tell))), ...dated };
}

function placeOf({ logGroup, account, region }: Source): string {
  return `${logGroup} in ${account} ${region}`;
}
