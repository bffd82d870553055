import { startLocalAws } from '../../agent/localaws/server.ts';
import { systemClock } from '../../agent/model/clock.ts';

// The far side of the quiet row: many accounts with one role each and an empty log group in every region.

const AGENT_ACCOUNT = '999999999999';
const LOG_GROUP = '/aws/events/guardrelay';
const ROLE = 'GuardRelayReader';
const EXTERNAL_ID = 'bench';

/** What the agent's process is told. */
export interface QuietCloudReady {
  readonly endpointUrl: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly accounts: readonly string[];
  readonly roleArn: string;
  readonly externalId: string;
}

const readers = { Effect: 'Allow', Action: ['logs:*', 'account:*'], Resource: '*' };
const trust = {
  Statement: [
    {
      Effect: 'Allow',
      Action: 'sts:AssumeRole',
      Principal: { AWS: AGENT_ACCOUNT },
      Condition: { StringEquals: { 'sts:ExternalId': EXTERNAL_ID } },
    },
  ],
};

const [accountCount = 100, ...regions] = process.argv.slice(2);
const accounts = Array.from({ length: Number(accountCount) }, (_, index) => String(100_000_000_000 + index));
const aws = await startLocalAws({ clock: systemClock });
aws.world.accounts.add({ id: AGENT_ACCOUNT });
for (const account of accounts) {
  aws.world.accounts.add({ id: account, regions });
  const arn = `arn:aws:iam::${account}:role/${ROLE}`;
  aws.world.principals.putRole({
    account,
    name: ROLE,
    arn,
    trust,
    policies: { read: { Statement: [readers] } },
  });
  for (const region of regions)
    aws.logs.groups({ account, region, partition: 'aws' }).create({ name: LOG_GROUP, retentionInDays: 30 });
}
const ready: QuietCloudReady = {
  endpointUrl: aws.url,
  ...aws.world.principals.addUser(AGENT_ACCOUNT, 'bench'),
  accounts,
  roleArn: `arn:aws:iam::{account}:role/${ROLE}`,
  externalId: EXTERNAL_ID,
};
process.send?.(ready);
process.once('disconnect', () => process.exit());
