import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import type { Test } from 'tap';
import t from 'tap';

import type { Place } from '../../agent/localaws/service.ts';
import { isJsonObject } from '../../agent/model/json.ts';
import type { TestAws } from '../support/local-aws.ts';
import { ACCOUNT, HOME, startTestAws } from '../support/local-aws.ts';
import { evaluateTemplate, HUB_ROLE, REGIONAL } from '../support/templates.ts';

const SPOKES: readonly Place[] = ['us-east-1', 'eu-west-1'].map((region) => ({ ...HOME, region }));
const GROUP = '/aws/events/guardrelay';
const MINUTE = 60_000;
const HUB: Readonly<Record<string, string>> = { HubRegion: HOME.region };

interface HubTest extends TestAws {
  /** The status of the stack once the dust has settled. */
  deploy(
    region: string,
    body: string,
    parameters?: Readonly<Record<string, string>>,
  ): Promise<string | undefined>;
  /** The events in the hub's log group, by region and detail-type. */
  written(): readonly string[];
}

async function startHub(t: Test): Promise<HubTest> {
  const test = await startTestAws(t);
  return {
    ...test,
    async deploy(region, TemplateBody, parameters = {}) {
      const client = new CloudFormationClient(test.config({ region }));
      t.teardown(() => client.destroy());
      const StackName = TemplateBody === HUB_ROLE ? 'guardrelay-hub' : 'guardrelay';
      const Parameters = Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({
        ParameterKey,
        ParameterValue,
      }));
      const Capabilities = ['CAPABILITY_NAMED_IAM' as const];
      await client.send(new CreateStackCommand({ StackName, TemplateBody, Parameters, Capabilities }));
      await test.clock.advance(1_000);
      return (await client.send(new DescribeStacksCommand({ StackName }))).Stacks?.[0]?.StackStatus;
    },
    written: () =>
      test.aws.logs
        .groups(HOME)
        .get(GROUP)
        .rows.all.map(({ message }): unknown => JSON.parse(message))
        .filter(isJsonObject)
        .map((event) => `${String(event.region)} ${String(event['detail-type'])}`)
        .sort(),
  };
}

async function startDeployed(t: Test): Promise<HubTest> {
  const test = await startHub(t);
  await test.deploy(HOME.region, HUB_ROLE, HUB);
  for (const { region } of [HOME, ...SPOKES]) await test.deploy(region, REGIONAL, HUB);
  return test;
}

const FINDING = { source: 'aws.guardduty', 'detail-type': 'GuardDuty Finding', detail: {} };
const CANARY = { source: 'guardrelay.canary', 'detail-type': 'guardrelay canary', detail: {} };
const CHANGE = {
  source: 'aws.guardduty',
  'detail-type': 'AWS API Call via CloudTrail',
  detail: { eventSource: 'guardduty.amazonaws.com', eventName: 'DeleteDetector', readOnly: false },
};

t.test('findings, changes and canaries of every region arrive in the hub, once each', async (t) => {
  const { aws, written } = await startDeployed(t);

  for (const place of [HOME, ...SPOKES]) {
    for (const event of [FINDING, CANARY, CHANGE]) aws.events.emit(place, event);
    aws.events.emit(place, { ...FINDING, source: 'aws.securityhub' });
  }

  const wanted = [HOME, ...SPOKES].flatMap(({ region }) =>
    [FINDING, CANARY, CHANGE].map((event) => `${region} ${event['detail-type']}`),
  );
  t.same(written(), wanted.sort());
  t.same(
    SPOKES.flatMap((place) => aws.logs.groups(place).list()),
    [],
    'no log group stands elsewhere',
  );
});

t.test('the heartbeats of every region arrive in the hub, and no other scheduled event', async (t) => {
  const { aws, clock, written } = await startDeployed(t);
  const [spoke = HOME] = SPOKES;
  const beat = { source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} };
  const ruleArn = (account: string, rule: string) => `arn:aws:events:us-east-1:${account}:rule/${rule}`;

  for (const [account, rule] of [
    [ACCOUNT, 'other-heartbeat'],
    [ACCOUNT, 'guardrelay-heartbeat-2'],
    ['999999999999', 'guardrelay-heartbeat'],
  ] as const) {
    aws.events.emit(HOME, { ...beat, region: spoke.region, account, resources: [ruleArn(account, rule)] });
  }
  const own = `arn:aws:events:${HOME.region}:${ACCOUNT}:rule/guardrelay-heartbeat`;
  aws.events.emit(HOME, { ...beat, resources: [own] });
  await clock.advance(5 * MINUTE);

  t.same(written(), [HOME, ...SPOKES].map(({ region }) => `${region} Scheduled Event`).sort());
});

t.test('without the role a spoke cannot be deployed, and AWS says why', async (t) => {
  const { deploy } = await startHub(t);

  t.equal(await deploy(HOME.region, REGIONAL, HUB), 'CREATE_COMPLETE', 'the hub needs no role');
  t.match(await deploy('us-east-1', REGIONAL, HUB), /^ROLLBACK/);
});

t.test('the role lets our rules onto the bus of the hub, and does nothing else', (t) => {
  const { resources } = evaluateTemplate(HUB_ROLE, { HubRegion: 'eu-west-1', Prefix: 'p'.repeat(48) });

  const rule = `arn:aws:events:*:${ACCOUNT}:rule/${'p'.repeat(48)}`;
  const { RoleName, AssumeRolePolicyDocument, Policies } = resources.get('ForwardingRole')?.properties ?? {};
  t.match(RoleName, /^p{48}-forwarding$/, 'of 64 characters');
  t.match(AssumeRolePolicyDocument, {
    Statement: [
      {
        Principal: { Service: 'events.amazonaws.com' },
        Action: 'sts:AssumeRole',
        Condition: {
          StringEquals: { 'aws:SourceAccount': ACCOUNT },
          ArnLike: { 'aws:SourceArn': [`${rule}-findings`, `${rule}-changes`, `${rule}-heartbeat`] },
        },
      },
    ],
  });
  const bus = `arn:aws:events:eu-west-1:${ACCOUNT}:event-bus/default`;
  const Statement = [{ Sid: 'Forward', Effect: 'Allow', Action: ['events:PutEvents'], Resource: bus }];
  t.same(Policies, [{ PolicyName: 'ForwardToTheHub', PolicyDocument: { Version: '2012-10-17', Statement } }]);
  t.end();
});
