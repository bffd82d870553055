import type {
  DescribeLogGroupsCommandOutput,
  FilteredLogEvent,
  FilterLogEventsCommandOutput,
} from '@aws-sdk/client-cloudwatch-logs';

import type { LogEvent } from '../model/log-event.ts';
import type { Source } from '../model/source.ts';
import { type AwsCall, describeFailure, type FailedCall } from './failure.ts';

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
  /** Of the account: it goes before what the group says. */
  readonly retentionPolicy?: string;
}

export function pageOf({ events = [], nextToken }: FilterLogEventsCommandOutput): LogPage {
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
  // AWS gives whole milliseconds, an emulation may not. Rounded down, an event is read again, never skipped.
  const times = { timestamp: Math.floor(timestamp), ingestionTime: Math.floor(ingestionTime) };
  return { id: eventId, ...times, stream: logStreamName, message };
}

/** The group of this very name, if it can be read. */
export function groupOf(
  { logGroups = [] }: DescribeLogGroupsCommandOutput,
  { logGroup }: Source,
  call: AwsCall,
): LogGroup | FailedCall {
  const group = logGroups.find(({ logGroupName }) => logGroupName === logGroup);
  if (group?.creationTime === undefined)
    return { kind: 'failed', failure: describeFailure('no-group', call) };
  const { creationTime, retentionInDays, retentionPolicyName, logGroupClass = 'STANDARD' } = group;
  if (logGroupClass !== 'STANDARD') {
    return { kind: 'failed', failure: describeFailure('wrong-class', call, `it is ${logGroupClass}`) };
  }
  return {
    kind: 'group',
    creationTime,
    ...(retentionInDays === undefined ? {} : { retentionDays: retentionInDays }),
    ...(retentionPolicyName === undefined ? {} : { retentionPolicy: retentionPolicyName }),
  };
}
