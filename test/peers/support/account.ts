import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';

import { startLocalAws } from '../../../agent/localaws/server.ts';
import { systemClock } from '../../../agent/model/clock.ts';
import type { LoggedFinding } from './findings.ts';
import type { Scene } from './stage.ts';

const account = '111111111111';
const region = 'us-east-1';
const logGroupName = '/aws/events/guardrelay';
const logStreamName = 'events';
/** A PutLogEvents call takes 1 MB. */
const eventsPerCall = 400;

/** One account of the embedded AWS with a log group to write to. */
export interface Account {
  readonly scene: Scene;
  write(findings: readonly LoggedFinding[]): Promise<void>;
  close(): Promise<void>;
}

export async function startAccount(): Promise<Account> {
  const aws = await startLocalAws({ clock: systemClock });
  aws.world.accounts.add({ id: account });
  const credentials = aws.world.principals.addUser(account, 'relay');
  const logs = new CloudWatchLogsClient({ endpoint: aws.url, region, credentials });
  await logs.send(new CreateLogGroupCommand({ logGroupName }));
  await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));

  return {
    scene: {
      endpointUrl: aws.url,
      customer: {
        id: 'acme',
        auth: { type: 'keys', accessKeyId: 'env:KEY_ID', secretAccessKey: 'env:SECRET_KEY' },
        accounts: { collect: [account] },
        regions: [region],
      },
      env: { KEY_ID: credentials.accessKeyId, SECRET_KEY: credentials.secretAccessKey },
    },
    async write(findings) {
      for (let at = 0; at < findings.length; at += eventsPerCall) {
        const logEvents = findings
          .slice(at, at + eventsPerCall)
          .map(({ timestamp, message }) => ({ timestamp, message }));
        await logs.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents }));
      }
    },
    async close() {
      logs.destroy();
      await aws.close();
    },
  };
}
