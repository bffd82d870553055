import { EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import t from 'tap';

import type { Scene } from './support/agent.ts';
import { makeFindings } from './support/findings.ts';
import { textOf } from './support/message.ts';
import { motoCredentials, OPERATOR, startMoto } from './support/moto.ts';
import { openStage } from './support/stage.ts';

const ACCOUNTS = ['111111111111', '222222222222'] as const;
const REGIONS = ['us-east-1', 'eu-west-1', 'eu-central-1'] as const;
const PLACES = ACCOUNTS.flatMap((account) => REGIONS.map((region) => ({ account, region })));
type Place = (typeof PLACES)[number];

/** What GuardDuty would say there, and one call that only reads: the rules must not pass that. */
function eventsOf({ account, region }: Place): readonly PutEventsRequestEntry[] {
  const findings = makeFindings(3).map(({ message }, at) => {
    const { detail } = JSON.parse(message);
    return { ...detail, id: `${account}/${region}/${at}`, accountId: account, region };
  });
  const readOnlyCall = { eventSource: 'guardduty.amazonaws.com', eventName: 'GetFindings', readOnly: true };
  return [
    ...findings.map((detail) => entry('GuardDuty Finding', detail)),
    entry('AWS API Call via CloudTrail', readOnlyCall),
  ];
}

function entry(detailType: string, detail: unknown): PutEventsRequestEntry {
  return { Source: 'aws.guardduty', DetailType: detailType, Detail: JSON.stringify(detail) };
}

async function putEvents(endpoint: string, place: Place): Promise<void> {
  const credentials = motoCredentials(endpoint, place);
  const client = new EventBridgeClient({ endpoint, region: place.region, credentials });
  await client.send(new PutEventsCommand({ Entries: [...eventsOf(place)] }));
  client.destroy();
}

function sceneOf(endpointUrl: string): Scene {
  const roleArn = 'arn:aws:iam::{account}:role/GuardRelayReader';
  return {
    endpointUrl,
    customer: {
      id: 'acme',
      auth: { type: 'assumeRole', roleArn, externalId: 'env:EXTERNAL_ID' },
      accounts: { collect: ACCOUNTS },
      regions: REGIONS,
      stack: { mode: 'stackset-self-managed' },
    },
    env: {
      AWS_ACCESS_KEY_ID: OPERATOR.accessKeyId,
      AWS_SECRET_ACCESS_KEY: OPERATOR.secretAccessKey,
      EXTERNAL_ID: '0123456789abcdef0123456789abcdef',
    },
  };
}

t.test('a StackSet deployed to moto brings the findings of 2 accounts x 3 regions to rsyslogd', async (t) => {
  const moto = await startMoto();
  t.teardown(moto.stop);
  const stage = await openStage();
  t.teardown(stage.close);
  const agent = await stage.agentFor(sceneOf(moto.url), [stage.syslog('tcp', { format: 'json' })]);

  const deployed = await agent.run('deploy', '--yes', '--wait-healthy=false');
  await Promise.all(PLACES.map((place) => putEvents(moto.url, place)));
  const ran = await agent.run('run', '--once');

  t.equal(deployed.code, 0, 'deploy succeeds', { stderr: deployed.stderr });
  t.equal(ran.code, 0, 'run --once succeeds', { stderr: ran.stderr });
  const records = (await stage.rsyslogd.lines('tcp')).map((line) => JSON.parse(textOf(line)));
  const found = records.map(({ kind, account, region, id }) => [kind, account, region, id].join(' '));
  const expected = PLACES.flatMap(({ account, region }) =>
    [0, 1, 2].map((at) => `finding ${account} ${region} ${account}/${region}/${at}`),
  );
  t.same(found.sort(), expected.sort());
});
