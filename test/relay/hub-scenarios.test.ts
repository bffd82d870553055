import { CloudFormationClient, CreateStackCommand } from '@aws-sdk/client-cloudformation';
import t, { type Test } from 'tap';

import type { Place } from '../../agent/localaws/service.ts';
import { ACCOUNT, HOME } from '../support/local-aws.ts';
import { ACME, type RelayScene, setScene } from '../support/relay-scene.ts';
import { HUB_ROLE, REGIONAL } from '../support/templates.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const REGIONS = [HOME.region, 'us-east-1', 'eu-west-1'];
const HUB = [{ ParameterKey: 'HubRegion', ParameterValue: HOME.region }];

function placeIn(region: string): Place {
  return { ...HOME, region };
}

/** The real templates in each region, with the hub in the first. */
async function deployHub(t: Test, { aws, clock }: RelayScene): Promise<void> {
  const credentials = aws.world.principals.addUser(ACCOUNT, 'deployer');
  const create = async (region: string, StackName: string, TemplateBody: string): Promise<void> => {
    const client = new CloudFormationClient({ endpoint: aws.url, region, credentials });
    t.teardown(() => client.destroy());
    const Capabilities = ['CAPABILITY_NAMED_IAM' as const];
    await client.send(new CreateStackCommand({ StackName, TemplateBody, Parameters: HUB, Capabilities }));
    await clock.advance(SECOND_MS);
  };
  await create(HOME.region, 'guardrelay-hub', HUB_ROLE);
  for (const region of REGIONS) await create(region, 'guardrelay', REGIONAL);
}

/** A customer whose regions forward to a hub. */
async function startHub(t: Test, more: object = {}): Promise<RelayScene> {
  const settings = { stack: { hubRegion: HOME.region }, ...more };
  const scene = await setScene(t, { customers: [{ ...ACME, regions: REGIONS, settings }] });
  await deployHub(t, scene);
  return scene;
}

/** What GuardDuty and CloudTrail send to the bus of a region. */
function emitIn({ aws }: RelayScene, region: string): void {
  const place = { accountId: ACCOUNT, region };
  aws.events.emit(placeIn(region), {
    source: 'aws.guardduty',
    'detail-type': 'GuardDuty Finding',
    detail: { ...place, id: `finding-${region}`, type: 'Recon:EC2/Portscan', severity: 5 },
  });
  aws.events.emit(placeIn(region), {
    source: 'aws.guardduty',
    'detail-type': 'AWS API Call via CloudTrail',
    detail: {
      eventSource: 'guardduty.amazonaws.com',
      eventName: 'DeleteDetector',
      readOnly: false,
      eventID: `change-${region}`,
      awsRegion: region,
      recipientAccountId: ACCOUNT,
    },
  });
}

t.test('a hub delivers what happens in every region, with the region that it happened in', async (t) => {
  const scene = await startHub(t);
  const { clock, siem } = scene;
  const agent = await scene.start();
  await clock.advance(6 * MINUTE_MS);

  for (const region of REGIONS) emitIn(scene, region);
  await scene.until('all have arrived', () => siem.records.length >= 2 * REGIONS.length, 3 * MINUTE_MS);

  const arrived = siem.records.map((record) => `${record.region} ${record.kind}`);
  t.same(
    arrived.toSorted(),
    REGIONS.flatMap((region) => [`${region} config-change`, `${region} finding`]).toSorted(),
    'and no heartbeat',
  );
  t.match(
    agent.health().map(({ region, state }) => ({ region, state })),
    [{ region: HOME.region, state: 'ok' }],
  );
  await agent.stop();
});

t.test(
  'a findings rule that passes no canary on to the hub is named with its region, until it does',
  async (t) => {
    const scene = await startHub(t, { heartbeat: { canary: { enabled: true } } });
    const { clock, aws, siem } = scene;
    const rules = aws.events.rules(placeIn('us-east-1'));
    const rule = rules.get('guardrelay-findings');
    rules.put({ ...rule, state: 'DISABLED' });
    const agent = await scene.start();
    const failing = (): boolean => agent.health()[0]?.state === 'failing';

    await clock.advance(5 * MINUTE_MS);
    const early = failing();
    await scene.until('the rule is known to be broken', failing, 30 * MINUTE_MS);
    const [broken] = agent.health();
    rules.put({ ...rule, state: 'ENABLED' });
    await scene.until('a canary comes', () => !failing(), 75 * MINUTE_MS);
    const [mended] = agent.health();
    await agent.stop();

    t.notOk(early);
    t.match(broken, {
      code: 'EB-001',
      reason: 'us-east-1: the findings rule has not passed on the last 2 canaries',
      lastCanaryAt: Number,
    });
    t.match(mended, { state: 'quiet' });
    t.same(siem.records, [], 'no canary reaches the SIEM');
  },
);

t.test('a region that stops sending heartbeats to the hub is named within 17 minutes', async (t) => {
  const scene = await startHub(t);
  const { clock, aws } = scene;
  const agent = await scene.start();
  await clock.advance(10 * MINUTE_MS);
  const [before] = agent.health();

  const rules = aws.events.rules(placeIn('us-east-1'));
  const rule = rules.get('guardrelay-heartbeat');
  rules.put({ ...rule, state: 'DISABLED' });
  const silent = (): boolean => agent.health()[0]?.state === 'silent';
  await scene.until('the region is missed', silent, 19 * MINUTE_MS);
  const [missed] = agent.health();
  rules.put({ ...rule, state: 'ENABLED' });
  await scene.until('it is heard again', () => !silent(), 8 * MINUTE_MS);

  t.match(before, { state: 'quiet', reason: 'path proven by heartbeat; no findings' });
  t.match(missed, { code: 'SRC-001', reason: 'heartbeat missing from us-east-1 (1 of 3 regions)' });
  const [stopped = 0, ...others] = ['us-east-1', 'eu-west-1', HOME.region].map(
    (region) => missed?.heartbeats?.[region],
  );
  t.equal(missed?.lastHeartbeatAt, stopped);
  for (const at of others) t.ok((at ?? 0) - stopped > 14 * MINUTE_MS, 'the others were heard all the time');
  await agent.stop();
});
