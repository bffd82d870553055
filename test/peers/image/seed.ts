import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { fromTemporaryCredentials } from '@aws-sdk/credential-providers';

import { makeFindings } from '../support/findings.ts';

/** Where the customer of config/compose/guardrelay.yaml is collected. */
const account = '111111111111';
const regions = ['us-east-1', 'eu-west-1'] as const;
const logGroupName = '/aws/events/guardrelay';
const logStreamName = 'seed';

/** Writes findings into the log groups that the compose file's agent reads: node seed.ts ENDPOINT_URL */
async function seed(endpoint: string, region: string): Promise<void> {
  const masterCredentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'none' };
  const params = { RoleArn: `arn:aws:iam::${account}:role/producer`, RoleSessionName: 'producer' };
  const clientConfig = { endpoint, region };
  const credentials = fromTemporaryCredentials({ params, clientConfig, masterCredentials });
  const logs = new CloudWatchLogsClient({ endpoint, region, credentials });
  await logs.send(new CreateLogGroupCommand({ logGroupName }));
  await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
  const logEvents = makeFindings(10, { prefix: region }).map(({ timestamp, message }) => ({
    timestamp,
    message,
  }));
  await logs.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents }));
  logs.destroy();
}

const [endpoint] = process.argv.slice(2);
if (endpoint === undefined) throw new Error('name the endpoint');
await Promise.all(regions.map((region) => seed(endpoint, region)));
