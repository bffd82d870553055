import { CloudFormation, type Parameter } from '@aws-sdk/client-cloudformation';
import { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs';
import type { Test } from 'tap';
import t from 'tap';

import { handover } from '../../agent/deploy/handover.ts';
import type { JsonObject } from '../../agent/model/json.ts';
import { customerOf } from '../support/checked-world.ts';
import { type DeployCli, startDeployCli } from '../support/deploy-cli.ts';
import { ACCOUNT } from '../support/local-aws.ts';
import { REGIONAL, SEED } from '../support/templates.ts';

const FOLDER = 'https://templates.s3.eu-central-1.amazonaws.com/guardrelay/1';
const GROUP = '/aws/events/guardrelay';
const REGIONS = ['us-east-1', 'eu-west-1', 'eu-central-1', 'ap-east-1'];
const RELAY = { account: '999999999999', arn: 'arn:aws:iam::999999999999:user/relay' };
const CUSTOMER = { accounts: { collect: [ACCOUNT] }, regions: REGIONS };
const EXTERNAL_ID = '0123456789abcdef0123456789abcdef';
const SEED_STACK = { StackName: 'guardrelay-seed' };
const DEPLOY = ['deploy', '--yes', '--wait-healthy=false', '--poll-seconds', '0.1'];
const DESTROY = ['destroy', '--customer', 'acme', '--yes', '--poll-seconds', '0.1'];

interface Customer extends DeployCli {
  readonly cfn: CloudFormation;
  /** Opens the link and clicks; `typed`: what the customer writes over the values of the link. */
  click(typed?: Readonly<Record<string, string>>): Promise<void>;
  remove(): Promise<string | undefined>;
  status(): Promise<string | undefined>;
  /** What is in the account: roles of ours, regions with rules, regions with a log group. */
  left(): { roles: readonly string[]; rules: readonly string[]; groups: readonly string[] };
}

/** A customer with one account, four regions of it, and a link to the seed. */
async function startCustomer(t: Test, customer: JsonObject = {}): Promise<Customer> {
  const cli = await startDeployCli(t, { ...CUSTOMER, ...customer });
  const { world, objects, logs, events } = cli.aws;
  world.accounts.add({ id: ACCOUNT, regions: REGIONS });
  objects.put(`${FOLDER}/seed.yaml`, SEED);
  objects.put(`${FOLDER}/stack.yaml`, REGIONAL);
  const cfn = new CloudFormation(cli.config({ region: 'us-east-1' }));
  t.teardown(() => cfn.destroy());
  const status = async (): Promise<string | undefined> =>
    (await cfn.describeStacks(SEED_STACK)).Stacks?.[0]?.StackStatus;
  const place = (region: string) => ({ account: ACCOUNT, region, partition: 'aws' });
  return {
    ...cli,
    cfn,
    status,
    async click(typed = {}) {
      const { templateURL, ...given } = await linkOf({ ...CUSTOMER, ...customer });
      await cfn.createStack({
        ...SEED_STACK,
        TemplateURL: templateURL,
        Parameters: parametersOf({ ...given, ...typed }),
        Capabilities: ['CAPABILITY_NAMED_IAM'],
      });
      await cli.clock.advance(60_000);
    },
    async remove() {
      const { StackId: StackName } = (await cfn.describeStacks(SEED_STACK)).Stacks?.[0] ?? {};
      await cfn.deleteStack(SEED_STACK);
      await cli.clock.advance(60_000);
      return (await cfn.describeStacks({ StackName })).Stacks?.[0]?.StackStatus;
    },
    left: () => ({
      roles: ['Reader', 'StackSetAdministration', 'StackSetExecution'].filter((name) =>
        world.principals.role(ACCOUNT, `GuardRelay${name}`),
      ),
      rules: REGIONS.filter((region) => events.rules(place(region)).list().length > 0),
      groups: REGIONS.filter((region) => logs.groups(place(region)).find(GROUP)),
    }),
  };
}

/** What the console reads out of the link that guardrelay makes. */
async function linkOf(customer: JsonObject) {
  const templateUrl = `${FOLDER}/seed.yaml`;
  const readerRole = { relayPrincipalArn: RELAY.arn, externalId: EXTERNAL_ID };
  const { link = '' } = await handover(customerOf(customer), { for: 'seed', templateUrl, readerRole });
  const { templateURL = '', ...others } = Object.fromEntries(
    new URLSearchParams(new URL(link).hash.split('?')[1]),
  );
  const given = Object.entries(others).filter(([name]) => name.startsWith('param_'));
  return { templateURL, ...Object.fromEntries(given.map(([name, value]) => [name.slice(6), value])) };
}

function parametersOf(given: Readonly<Record<string, string>>): Parameter[] {
  return Object.entries(given).map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue }));
}

/** The sources of the events that the relay reads in a region, as the role that the seed has made. */
async function read(cli: DeployCli, region: string): Promise<readonly string[]> {
  const session = cli.aws.world.principals.assume(
    { ...RELAY, region, partition: 'aws' },
    {
      roleArn: `arn:aws:iam::${ACCOUNT}:role/GuardRelayReader`,
      externalId: EXTERNAL_ID,
      sessionName: 'relay',
      durationSeconds: 3600,
    },
  );
  const logs = new CloudWatchLogs(cli.config({ keys: session, region }));
  const { events = [] } = await logs.filterLogEvents({ logGroupName: GROUP });
  logs.destroy();
  return events.map(({ message = '' }) => JSON.parse(message)['detail-type']);
}

t.test('one click makes every region readable, and one deletion leaves the log groups alone', async (t) => {
  const customer = await startCustomer(t);

  await customer.click();
  const made = { status: await customer.status(), ...customer.left() };
  await customer.clock.advance(300_000);
  const heard = await Promise.all(REGIONS.map((region) => read(customer, region)));
  const removed = await customer.remove();

  const roles = ['Reader', 'StackSetAdministration', 'StackSetExecution'];
  t.same(made, { status: 'CREATE_COMPLETE', roles, rules: REGIONS, groups: REGIONS });
  for (const [index, region] of REGIONS.entries()) t.same(heard[index], ['Scheduled Event'], region);
  t.equal(removed, 'DELETE_COMPLETE');
  t.same(customer.left(), { roles: [], rules: [], groups: REGIONS });
  await t.rejects(customer.cfn.describeStackSet({ StackSetName: 'guardrelay' }), /not found/);
});

interface Later {
  readonly name: string;
  readonly customer?: JsonObject;
  readonly typed?: Readonly<Record<string, string>>;
  readonly after?: JsonObject;
  readonly action: 'none' | 'update';
}

const LATER: readonly Later[] = [
  { name: 'finds nothing to do', action: 'none' },
  { name: 'takes back what the customer typed', typed: { HeartbeatMinutes: '1' }, action: 'update' },
  { name: 'adds the tags of the user', customer: { stack: { tags: { owner: 'soc' } } }, action: 'update' },
  { name: 'brings a later configuration', after: { stack: { retentionDays: 60 } }, action: 'update' },
];
for (const { name, customer, typed, after, action } of LATER) {
  t.test(`after the click deploy knows the StackSet as its own, and ${name}`, async (t) => {
    const clicked = await startCustomer(t, customer);
    await clicked.click(typed);
    if (after) await clicked.configure({ ...CUSTOMER, ...after });

    const first = await clicked.run(...DEPLOY);
    const again = await clicked.run(...DEPLOY);

    t.same([first.code, again.code], [0, 0], first.stderr);
    t.same(
      actionsOf(first.stdout),
      REGIONS.map((region) => `${region} ${action}`),
    );
    t.same(
      actionsOf(again.stdout),
      REGIONS.map((region) => `${region} none`),
    );
  });
}

/** What was done in each region, by the rows of deploy. */
function actionsOf(stdout: string): readonly string[] {
  const [, ...rows] = stdout.trim().split('\n');
  return rows.map((row) => row.split('\t')).map(([, , region, , action]) => `${region} ${action}`);
}

t.test('a region that is off gets no collector, and the others do', async (t) => {
  const customer = await startCustomer(t);
  customer.aws.world.accounts.add({ id: ACCOUNT, regions: REGIONS.slice(0, 3) });

  await customer.click();

  t.equal(await customer.status(), 'CREATE_COMPLETE', 'so the stack says nothing of it');
  t.same(customer.left().rules, REGIONS.slice(0, 3));
});

t.test('after destroy the seed goes as well; with a region that deploy has added it cannot', async (t) => {
  const destroyed = await startCustomer(t);
  const grown = await startCustomer(t);
  for (const customer of [destroyed, grown]) await customer.click({ Regions: 'us-east-1,eu-west-1' });

  await destroyed.run(...DESTROY);
  const added = await grown.run(...DEPLOY);

  t.equal(added.code, 0, added.stderr);
  t.equal(await destroyed.remove(), 'DELETE_COMPLETE');
  t.equal(await grown.remove(), 'DELETE_FAILED');
  await grown.run(...DESTROY);
  t.equal(await grown.remove(), 'DELETE_COMPLETE');
});
