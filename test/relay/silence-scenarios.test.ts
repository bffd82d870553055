import t from 'tap';

import type { SourceRow } from '../../agent/health/overview.ts';
import type { LocalAws } from '../../agent/localaws/server.ts';
import type { Place } from '../../agent/localaws/service.ts';
import { HOME } from '../support/local-aws.ts';
import { ACME, GROUP, setScene } from '../support/relay-scene.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const RULE = 'guardrelay-heartbeat';
const POLICY = 'guardrelay';

function placeIn(region: string): Place {
  return { ...HOME, region };
}

/** What the stack of a region holds: log group, policy and the rule of the heartbeat with its target. */
function furnish(aws: LocalAws, place: Place): void {
  aws.logs.groups(place).create({ name: GROUP });
  putPolicy(aws, place);
  putRule(aws, place, 'ENABLED');
  putTarget(aws, place);
}

function groupArn({ account, region }: Place): string {
  return `arn:aws:logs:${region}:${account}:log-group:${GROUP}`;
}

function putRule(aws: LocalAws, place: Place, state: 'ENABLED' | 'DISABLED'): void {
  aws.events.rules(place).put({ name: RULE, scheduleExpression: 'rate(5 minutes)', state });
}

function putTarget(aws: LocalAws, place: Place, suffix = ''): void {
  aws.events.rules(place).addTargets(RULE, [{ Id: 'group', Arn: groupArn(place) + suffix }]);
}

function putPolicy(aws: LocalAws, place: Place): void {
  const statement = {
    Effect: 'Allow',
    Principal: { Service: ['events.amazonaws.com', 'delivery.logs.amazonaws.com'] },
    Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    Resource: `${groupArn(place)}:*`,
  };
  const document = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  aws.logs.policies(place).putForAccount(POLICY, document);
}

interface Breakage {
  readonly name: string;
  readonly region: string;
  breaks(aws: LocalAws, place: Place): void;
  mends(aws: LocalAws, place: Place): void;
}

const BREAKAGES: readonly Breakage[] = [
  {
    name: 'the rule is disabled',
    region: 'us-east-1',
    breaks: (aws, place) => putRule(aws, place, 'DISABLED'),
    mends: (aws, place) => putRule(aws, place, 'ENABLED'),
  },
  {
    name: 'the target is removed',
    region: 'us-west-2',
    breaks: (aws, place) => aws.events.rules(place).removeTargets(RULE, ['group']),
    mends: (aws, place) => putTarget(aws, place),
  },
  {
    name: 'the resource policy is removed',
    region: 'eu-west-1',
    breaks: (aws, place) => aws.logs.policies(place).deleteForAccount(POLICY),
    mends: (aws, place) => putPolicy(aws, place),
  },
  {
    name: 'the target ends with :*',
    region: 'eu-west-2',
    breaks: (aws, place) => putTarget(aws, place, ':*'),
    mends: (aws, place) => putTarget(aws, place),
  },
];

function statesOf(rows: readonly SourceRow[]): Readonly<Record<string, string>> {
  return Object.fromEntries(rows.map(({ region, state }) => [region, state]));
}

function everywhere(state: string): Readonly<Record<string, string>> {
  return Object.fromEntries(BREAKAGES.map(({ region }) => [region, state]));
}

t.test('S30 a path that is broken turns its source silent, and only that', async (t) => {
  const regions = [HOME.region, ...BREAKAGES.map(({ region }) => region)];
  const scene = await setScene(t, { customers: [{ ...ACME, regions }] });
  const { clock, aws } = scene;
  for (const region of regions) furnish(aws, placeIn(region));
  const agent = await scene.start();
  await clock.advance(10 * MINUTE_MS + SECOND_MS);
  const before = statesOf(agent.health());

  for (const { region, breaks } of BREAKAGES) breaks(aws, placeIn(region));
  await clock.advance(15 * MINUTE_MS);
  const early = statesOf(agent.health());
  await clock.advance(3 * MINUTE_MS);
  const late = agent.health();
  for (const { region, mends } of BREAKAGES) mends(aws, placeIn(region));
  await clock.advance(7 * MINUTE_MS);

  const quiet = { [HOME.region]: 'quiet', ...everywhere('quiet') };
  t.same(before, quiet);
  t.same(early, quiet, 'three heartbeats may be missed');
  t.same(statesOf(late), { [HOME.region]: 'quiet', ...everywhere('silent') });
  for (const { name, region } of BREAKAGES) {
    t.match(
      late.find((row) => row.region === region),
      { code: 'SRC-001', reason: 'heartbeat missing' },
      name,
    );
  }
  t.same(statesOf(agent.health()), quiet, 'mended, without a restart');
  await agent.stop();
});
