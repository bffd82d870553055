import { z } from 'zod';
import type { Operation } from '../operation.ts';
import { operationsRefusing } from '../operation.ts';
import { pageOf } from '../paging.ts';
import { AwsError } from '../service.ts';
import type { Retention } from './account-retention.ts';
import type { LogGroup, LogStream } from './groups.ts';
import { LOG_CLASSES } from './groups.ts';
import type { Logs } from './logs.ts';
import { namedGroup } from './naming.ts';

const operation = operationsRefusing('InvalidParameterException');
const oneGroup = z.object({ logGroupName: z.string() });
const paged = { nextToken: z.string().optional(), limit: z.int().min(1).max(50).default(50) };

const createLogGroup = oneGroup.extend({
  logGroupClass: z.enum(LOG_CLASSES).optional(),
  kmsKeyId: z.string().optional(),
});

const protectLogGroup = z.object({ logGroupIdentifier: z.string(), deletionProtectionEnabled: z.boolean() });

const describeLogGroups = z.object({
  ...paged,
  logGroupNamePrefix: z.string().min(1).optional(),
  logGroupNamePattern: z.string().optional(),
  logGroupClass: z.enum(LOG_CLASSES).optional(),
});

const describeLogStreams = z.object({
  ...paged,
  logGroupName: z.string().optional(),
  logGroupIdentifier: z.string().optional(),
  logStreamNamePrefix: z.string().min(1).optional(),
  orderBy: z.enum(['LogStreamName', 'LastEventTime']).default('LogStreamName'),
  descending: z.boolean().default(false),
});

function shownGroup(group: LogGroup, retention: Retention): unknown {
  return {
    logGroupName: group.name,
    creationTime: group.creationTime,
    ...retention,
    metricFilterCount: 0,
    arn: `${group.arn}:*`,
    logGroupArn: group.arn,
    storedBytes: 0,
    kmsKeyId: group.kmsKeyId,
    logGroupClass: group.logClass,
    deletionProtectionEnabled: group.deletionProtected,
  };
}

function shownStream({ arn }: LogGroup, stream: LogStream): unknown {
  const { name, ...times } = stream;
  return { logStreamName: name, ...times, arn: `${arn}:log-stream:${name}`, storedBytes: 0 };
}

function selectGroups(groups: readonly LogGroup[], query: z.output<typeof describeLogGroups>): LogGroup[] {
  const { logGroupNamePrefix = '', logGroupNamePattern = '', logGroupClass } = query;
  if (logGroupNamePrefix && logGroupNamePattern) {
    const both = 'Give logGroupNamePrefix or logGroupNamePattern, and not both.';
    throw new AwsError('InvalidParameterException', both);
  }
  return groups.filter(
    ({ name, logClass }) =>
      name.startsWith(logGroupNamePrefix) &&
      name.toLowerCase().includes(logGroupNamePattern.toLowerCase()) &&
      logClass === (logGroupClass ?? logClass),
  );
}

function selectStreams(group: LogGroup, query: z.output<typeof describeLogStreams>): LogStream[] {
  const { logStreamNamePrefix = '', orderBy, descending } = query;
  if (orderBy === 'LastEventTime' && logStreamNamePrefix) {
    const both = 'Cannot order by LastEventTime with a logStreamNamePrefix.';
    throw new AwsError('InvalidParameterException', both);
  }
  const byName = (a: LogStream, b: LogStream): number => (a.name < b.name ? -1 : 1);
  const byTime = (a: LogStream, b: LogStream): number =>
    (a.lastEventTimestamp ?? 0) - (b.lastEventTimestamp ?? 0);
  const ordered = [...group.streams.values()]
    .filter(({ name }) => name.startsWith(logStreamNamePrefix))
    .sort(orderBy === 'LastEventTime' ? byTime : byName);
  return descending ? ordered.reverse() : ordered;
}

/** The operations on log groups and their streams. */
export function logGroupOperations(logs: Logs): Readonly<Record<string, Operation>> {
  return {
    CreateLogGroup: operation(createLogGroup, ({ logGroupName, logGroupClass, kmsKeyId }, place) => {
      logs.groups(place).create({ name: logGroupName, logClass: logGroupClass, kmsKeyId });
    }),
    DeleteLogGroup: operation(oneGroup, ({ logGroupName }, place) => {
      const { arn } = logs.groups(place).get(logGroupName);
      logs.groups(place).delete(logGroupName);
      logs.policies(place).deleteForGroup(arn);
    }),
    PutRetentionPolicy: operation(oneGroup.extend({ retentionInDays: z.int() }), (input, place) => {
      logs.groups(place).retain(input.logGroupName, input.retentionInDays);
    }),
    DeleteRetentionPolicy: operation(oneGroup, ({ logGroupName }, place) => {
      logs.groups(place).retain(logGroupName, undefined);
    }),
    PutLogGroupDeletionProtection: operation(protectLogGroup, (input, place) => {
      namedGroup(logs, place, input).deletionProtected = input.deletionProtectionEnabled;
    }),
    DescribeLogGroups: operation(describeLogGroups, (input, place) => {
      const retention = logs.accountRetention(place);
      const found = selectGroups(logs.groups(place).list(), input);
      const { items, nextToken } = pageOf(found, { ...input, invalidCode: 'InvalidParameterException' });
      return { logGroups: items.map((group) => shownGroup(group, retention.of(group))), nextToken };
    }),
    CreateLogStream: operation(oneGroup.extend({ logStreamName: z.string() }), (input, place) => {
      const groups = logs.groups(place);
      groups.createStream(groups.get(input.logGroupName), input.logStreamName);
    }),
    DescribeLogStreams: operation(describeLogStreams, (input, place) => {
      const group = namedGroup(logs, place, input);
      const found = selectStreams(group, input);
      const { items, nextToken } = pageOf(found, { ...input, invalidCode: 'InvalidParameterException' });
      return { logStreams: items.map((stream) => shownStream(group, stream)), nextToken };
    }),
  };
}
