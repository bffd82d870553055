import {
  CloudWatchLogsClient,
  type CloudWatchLogsClientConfig,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';

import type { LoggedFinding } from './findings.ts';

/** The group that the agent reads unless it is told otherwise. */
const logGroupName = '/aws/events/guardrelay';
const STREAM = 'events';
/** A PutLogEvents call takes 1 MB. */
const EVENTS_PER_CALL = 400;

export interface LogGroup {
  /** `stream`: one of those it was made with; absent: the first. */
  write(findings: readonly LoggedFinding[], stream?: string): Promise<void>;
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
    close: () => logs.destroy(),
  };
}
