import {
  CloudWatchLogsClient,
  type CloudWatchLogsClientConfig,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
  paginateFilterLogEvents,
} from '@aws-sdk/client-cloudwatch-logs';

import { eventKey } from '../../../agent/model/event-key.ts';
import type { LoggedFinding } from './findings.ts';
import { eventIdOf } from './message.ts';

/** The group that the agent reads unless it is told otherwise. */
const logGroupName = '/aws/events/guardrelay';
const STREAM = 'events';
/** A PutLogEvents call takes 1 MB. */
const EVENTS_PER_CALL = 400;

export interface LogGroup {
  /** `stream`: one of those it was made with; absent: the first. */
  write(findings: readonly LoggedFinding[], stream?: string): Promise<void>;
  /** The id of each finding, by the name under which a store keeps that it is finished, in hexadecimal. */
  findingIds(): Promise<ReadonlyMap<string, string>>;
  close(): void;
}

/** Makes the group and its streams, for the account and region of these settings. */
export async function makeLogGroup(
  settings: CloudWatchLogsClientConfig,
  streams: readonly string[] = [STREAM],
): Promise<LogGroup> {
  const logs = new CloudWatchLogsClient(settings);
  await logs.send(new CreateLogGroupCommand({ logGroupName }));
  for (const logStreamName of streams) {
    await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
  }

  return {
    async write(findings, logStreamName = streams[0]) {
      for (let at = 0; at < findings.length; at += EVENTS_PER_CALL) {
        const logEvents = findings
          .slice(at, at + EVENTS_PER_CALL)
          .map(({ timestamp, message }) => ({ timestamp, message }));
        await logs.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents }));
      }
    },
    async findingIds() {
      const ids = new Map<string, string>();
      for await (const { events = [] } of paginateFilterLogEvents({ client: logs }, { logGroupName })) {
        for (const { logStreamName = '', eventId = '', message = '' } of events)
          ids.set(hexadecimal(eventKey(logStreamName, eventId)), eventIdOf(message));
      }
      return ids;
    },
    close: () => logs.destroy(),
  };
}

export function hexadecimal(key: Uint8Array): string {
  return Buffer.from(key).toString('hex');
}
