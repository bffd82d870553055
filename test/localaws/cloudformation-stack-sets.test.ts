import type {
  CreateStackInstancesCommandInput,
  Parameter,
  StackSetOperationPreferences,
} from '@aws-sdk/client-cloudformation';
import { CloudFormation } from '@aws-sdk/client-cloudformation';
import type { Test } from 'tap';
import t from 'tap';

import { addStackSetRoles } from '../../agent/localaws/cloudformation/stack-set/roles.ts';
import type { Keys } from '../../agent/localaws/world.ts';
import type { TestAws } from '../support/local-aws.ts';
import { ACCOUNT, HOME, startTestAws } from '../support/local-aws.ts';
import { REGIONAL } from '../support/templates.ts';

const MEMBER = '444455556666';
const STRANGER = '777788889999';
const REGIONS = ['eu-central-1', 'eu-west-1', 'ap-east-1'];
const GROUP = '/aws/events/guardrelay';
const ADMINISTRATION = 'AWSCloudFormationStackSetAdministrationRole';
const NO_ROLE = (account: string): string =>
  `Account ${account} should have 'AWSCloudFormationStackSetExecutionRole' role with trust relationship to Role '${ADMINISTRATION}'.`;

/** What an MSSP wants: everything at once, and failures stop nobody else. */
const TOLERANT: StackSetOperationPreferences = {
  RegionConcurrencyType: 'PARALLEL',
  FailureTolerancePercentage: 100,
  MaxConcurrentPercentage: 100,
  ConcurrencyMode: 'SOFT_FAILURE_TOLERANCE',
};
const ALL = {
  StackSetName: 'guardrelay',
  Accounts: [ACCOUNT, MEMBER],
  Regions: ['eu-central-1', 'eu-west-1'],
};

interface SetTest extends TestAws {
  readonly cfn: CloudFormation;
  client(keys: Keys): CloudFormation;
  settle(): Promise<void>;
  createSet(parameters?: Readonly<Record<string, string>>, isManaged?: boolean): Promise<void>;
  /** Creates instances and waits for the end; answers the operation's status and how many failed. */
  deploy(input?: Partial<CreateStackInstancesCommandInput>): Promise<readonly unknown[]>;
  end(OperationId: string | undefined): Promise<readonly unknown[]>;
  /** `account/region status detailed-status`, sorted, by the last digits of the account. */
  instances(): Promise<readonly string[]>;
  reasonIn(account: string, region: string): Promise<string | undefined>;
  /** Accounts and regions where the log group stands, with its retention. */
  groups(): readonly string[];
}

const parameters = (given: Readonly<Record<string, string>>): Parameter[] =>
  Object.entries(given).map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue }));

async function startSetTest(t: Test): Promise<SetTest> {
  const test = await startTestAws(t);
  const { world, logs } = test.aws;
  for (const id of [MEMBER, STRANGER]) world.accounts.add({ id });
  addStackSetRoles(world, ACCOUNT, [ACCOUNT, MEMBER]);
  const client = (keys: Keys): CloudFormation => {
    const made = new CloudFormation(test.config({ keys }));
    t.teardown(() => made.destroy());
    return made;
  };
  const cfn = client(test.keys);
  const StackSetName = 'guardrelay';
  const settle = (): Promise<void> => test.clock.advance(10_000);

  async function end(OperationId: string | undefined): Promise<readonly unknown[]> {
    const { StackSetOperation } = await cfn.describeStackSetOperation({ StackSetName, OperationId });
    return [StackSetOperation?.Status, StackSetOperation?.StatusDetails?.FailedStackInstancesCount];
  }

  return {
    ...test,
    cfn,
    client,
    settle,
    end,
    async createSet(given = {}, isManaged = false) {
      await cfn.createStackSet({
        StackSetName,
        TemplateBody: REGIONAL,
        Parameters: parameters(given),
        ManagedExecution: { Active: isManaged },
      });
    },
    async deploy(input = {}) {
      const { OperationId } = await cfn.createStackInstances({
        ...ALL,
        OperationPreferences: TOLERANT,
        ...input,
      });
      await settle();
      return end(OperationId);
    },
    async instances() {
      const { Summaries = [] } = await cfn.listStackInstances({ StackSetName });
      return Summaries.map(
        ({ Account, Region, Status, StackInstanceStatus }) =>
          `${Account?.slice(-4)}/${Region} ${Status} ${StackInstanceStatus?.DetailedStatus}`,
      ).sort();
    },
    async reasonIn(account, region) {
      const { StackInstance } = await cfn.describeStackInstance({
        StackSetName,
        StackInstanceAccount: account,
        StackInstanceRegion: region,
      });
      return StackInstance?.StatusReason;
    },
    groups: () =>
      [ACCOUNT, MEMBER, STRANGER].flatMap((account) =>
        REGIONS.flatMap((region) => {
          const group = logs.groups({ account, region, partition: 'aws' }).find(GROUP);
          return group ? [`${account.slice(-4)}/${region} ${group.retentionInDays}`] : [];
        }),
      ),
  };
}

t.test('a set reaches every account and region that it can, and names the others', async (t) => {
  const { createSet, deploy, instances, reasonIn, groups, cfn } = await startSetTest(t);
  await createSet();

  const ended = await deploy({ Accounts: [ACCOUNT, MEMBER, STRANGER], Regions: REGIONS });
  const { StackSet } = await cfn.describeStackSet({ StackSetName: 'guardrelay' });

  t.same(ended, ['SUCCEEDED', 5]);
  t.same(await instances(), [
    '3333/ap-east-1 OUTDATED FAILED',
    '3333/eu-central-1 CURRENT SUCCEEDED',
    '3333/eu-west-1 CURRENT SUCCEEDED',
    '6666/ap-east-1 OUTDATED FAILED',
    '6666/eu-central-1 CURRENT SUCCEEDED',
    '6666/eu-west-1 CURRENT SUCCEEDED',
    '9999/ap-east-1 OUTDATED FAILED',
    '9999/eu-central-1 OUTDATED FAILED',
    '9999/eu-west-1 OUTDATED FAILED',
  ]);
  t.match(await reasonIn(MEMBER, 'ap-east-1'), /^The security token included in the request is invalid/);
  t.equal(await reasonIn(STRANGER, 'eu-west-1'), NO_ROLE(STRANGER));
  t.same(groups(), [
    '3333/eu-central-1 30',
    '3333/eu-west-1 30',
    '6666/eu-central-1 30',
    '6666/eu-west-1 30',
  ]);
  t.match(StackSet, { Status: 'ACTIVE', PermissionModel: 'SELF_MANAGED', TemplateBody: REGIONAL });
  t.same(StackSet?.Regions, REGIONS);
});

t.test('what a set deployed takes findings with their own time and beats every five minutes', async (t) => {
  const { createSet, deploy, aws, clock } = await startSetTest(t);
  const place = { account: MEMBER, region: 'eu-west-1', partition: 'aws' };
  await createSet();
  await deploy();
  const canary = { source: 'guardrelay.canary', 'detail-type': 'guardrelay canary', detail: {} };

  aws.events.emit(place, { ...canary, time: '2025-12-31T23:59:58Z' });
  await clock.advance(30 * 60_000);
  const rows = aws.logs.groups(place).get(GROUP).rows;

  const events = rows.all.map(({ message, timestamp }) => ({ ...JSON.parse(message), timestamp }));
  const beats = events.filter(({ source }) => source === 'aws.events').map(({ timestamp }) => timestamp);
  t.same(
    events.filter(({ source }) => source === 'guardrelay.canary').map(({ timestamp }) => timestamp),
    [Date.UTC(2025, 11, 31, 23, 59, 58)],
  );
  t.equal(beats.length, 6);
  t.ok(beats.slice(1).every((beat, index) => beat - beats[index] === 5 * 60_000));
  t.match(events[0], { account: MEMBER, region: 'eu-west-1' });
});

t.test('the stack of an instance stands in its account under a name of its own', async (t) => {
  const { createSet, deploy, aws, client, cfn } = await startSetTest(t);
  await createSet();
  await deploy();

  const { Stacks = [] } = await client(aws.world.principals.addUser(MEMBER, 'admin')).describeStacks();
  const { Summaries = [] } = await cfn.listStackInstances({
    StackSetName: 'guardrelay',
    StackInstanceAccount: MEMBER,
    StackInstanceRegion: HOME.region,
  });

  t.equal(Stacks.length, 1);
  t.match(Stacks[0]?.StackName, /^StackSet-guardrelay-[0-9a-f-]{36}$/);
  t.same(
    Summaries.map(({ StackId }) => StackId),
    [Stacks[0]?.StackId],
  );
});

t.test('more failures than tolerated fail the operation and cancel what comes after', async (t) => {
  const { createSet, deploy, instances, reasonIn, aws } = await startSetTest(t);
  await createSet();
  aws.world.faults.add({
    service: 'cloudformation',
    operation: 'StackInstance',
    account: ACCOUNT,
    region: 'eu-central-1',
    effect: { kind: 'error', code: 'Any', message: 'the quota is used up' },
  });

  const ended = await deploy({ OperationPreferences: { RegionOrder: ['eu-central-1', 'eu-west-1'] } });

  t.same(ended, ['FAILED', 1]);
  t.same(await instances(), [
    '3333/eu-central-1 OUTDATED FAILED',
    '3333/eu-west-1 OUTDATED CANCELLED',
    '6666/eu-central-1 OUTDATED CANCELLED',
    '6666/eu-west-1 OUTDATED CANCELLED',
  ]);
  t.equal(await reasonIn(ACCOUNT, 'eu-central-1'), 'the quota is used up');
  t.equal(await reasonIn(MEMBER, 'eu-west-1'), 'Cancelled since failure tolerance has exceeded');
});

t.test('one stack at a time without preferences, all at once where they allow it', async (t) => {
  const { createSet, cfn, clock, end } = await startSetTest(t);
  await createSet();

  const slow = await cfn.createStackInstances({ ...ALL });
  await clock.advance(700);
  const slowBefore = await end(slow.OperationId);
  await clock.advance(200);
  const slowAfter = await end(slow.OperationId);
  await cfn.updateStackSet({
    ...ALL,
    Accounts: [],
    Regions: [],
    TemplateBody: REGIONAL,
    OperationId: 'fast',
    OperationPreferences: TOLERANT,
    Parameters: parameters({ RetentionInDays: '60' }),
  });
  await clock.advance(300);

  t.same(
    [slowBefore, slowAfter],
    [
      ['RUNNING', 0],
      ['SUCCEEDED', 0],
    ],
  );
  t.same(await end('fast'), ['SUCCEEDED', 0]);
});

t.test('the same operation id is the same operation, with other work it is refused', async (t) => {
  const { createSet, cfn, settle } = await startSetTest(t);
  await createSet();
  const request = { ...ALL, OperationId: 'gr-1' };

  const first = await cfn.createStackInstances(request);
  const again = await cfn.createStackInstances(request);
  await t.rejects(cfn.createStackInstances({ ...request, Regions: ['eu-west-1'] }), {
    name: 'OperationIdAlreadyExistsException',
  });
  await settle();
  const after = await cfn.createStackInstances(request);
  const { Summaries } = await cfn.listStackSetOperations({ StackSetName: 'guardrelay' });

  t.same([first.OperationId, again.OperationId, after.OperationId], ['gr-1', 'gr-1', 'gr-1']);
  t.match(Summaries, [{ OperationId: 'gr-1', Action: 'CREATE', Status: 'SUCCEEDED' }]);
  t.equal(Summaries?.length, 1);
});

t.test('a second operation is refused while one runs, or waits under managed execution', async (t) => {
  const plain = await startSetTest(t);
  const managed = await startSetTest(t);
  await plain.createSet();
  await managed.createSet({}, true);
  const second = { ...ALL, OperationId: 'second', RetainStacks: false };

  await plain.cfn.createStackInstances({ ...ALL, OperationId: 'first' });
  await managed.cfn.createStackInstances({ ...ALL, OperationId: 'first' });
  await managed.cfn.deleteStackInstances(second);

  await t.rejects(plain.cfn.deleteStackInstances(second), {
    name: 'OperationInProgressException',
    message: /is in progress: first$/,
  });
  t.same(await managed.end('second'), ['QUEUED', 0]);
  await managed.settle();
  t.same(await managed.end('second'), ['SUCCEEDED', 0]);
  t.same(await managed.instances(), []);
});

t.test('an update reaches all instances; of a part, the others are outdated', async (t) => {
  const { createSet, deploy, cfn, settle, groups, instances, end } = await startSetTest(t);
  await createSet();
  await deploy();
  const update = { StackSetName: 'guardrelay', UsePreviousTemplate: true, OperationPreferences: TOLERANT };

  await cfn.updateStackSet({
    ...update,
    OperationId: 'all',
    Parameters: parameters({ RetentionInDays: '60' }),
  });
  const during = await instances();
  await settle();
  const afterAll = groups();
  await cfn.updateStackSet({
    ...update,
    OperationId: 'part',
    Accounts: [MEMBER],
    Regions: ['eu-west-1'],
    Parameters: parameters({ RetentionInDays: '90' }),
  });
  await settle();

  t.ok(during.every((instance) => / OUTDATED (PENDING|RUNNING)$/.test(instance)));
  t.same(
    [await end('all'), await end('part')],
    [
      ['SUCCEEDED', 0],
      ['SUCCEEDED', 0],
    ],
  );
  t.same(afterAll, [
    '3333/eu-central-1 60',
    '3333/eu-west-1 60',
    '6666/eu-central-1 60',
    '6666/eu-west-1 60',
  ]);
  t.same(groups(), [
    '3333/eu-central-1 60',
    '3333/eu-west-1 60',
    '6666/eu-central-1 60',
    '6666/eu-west-1 90',
  ]);
  t.same(await instances(), [
    '3333/eu-central-1 OUTDATED SUCCEEDED',
    '3333/eu-west-1 OUTDATED SUCCEEDED',
    '6666/eu-central-1 OUTDATED SUCCEEDED',
    '6666/eu-west-1 CURRENT SUCCEEDED',
  ]);
  await t.rejects(cfn.updateStackSet({ ...update, Accounts: [STRANGER], Regions: ['eu-west-1'] }), {
    name: 'StackInstanceNotFoundException',
  });
});

t.test('an instance may override parameters, and give them back', async (t) => {
  const { createSet, deploy, cfn, settle, groups } = await startSetTest(t);
  const one = { StackSetName: 'guardrelay', Accounts: [MEMBER], Regions: ['eu-west-1'] };
  await createSet();

  await deploy({ ...one, ParameterOverrides: parameters({ RetentionInDays: '7' }) });
  const overridden = groups();
  const { StackInstance } = await cfn.describeStackInstance({
    StackSetName: 'guardrelay',
    StackInstanceAccount: MEMBER,
    StackInstanceRegion: 'eu-west-1',
  });
  await cfn.updateStackInstances({ ...one, ParameterOverrides: [] });
  await settle();

  t.same(overridden, ['6666/eu-west-1 7']);
  t.same(StackInstance?.ParameterOverrides, parameters({ RetentionInDays: '7' }));
  t.same(groups(), ['6666/eu-west-1 30']);
});

t.test(
  'overrides outlast what says nothing of them: an update of the set, and another attempt',
  async (t) => {
    const { createSet, deploy, cfn, settle, groups } = await startSetTest(t);
    const one = { StackSetName: 'guardrelay', Accounts: [MEMBER], Regions: ['eu-west-1'] };
    await createSet();
    await deploy({ ...one, ParameterOverrides: parameters({ RetentionInDays: '7' }) });

    const update = { StackSetName: 'guardrelay', UsePreviousTemplate: true };
    await cfn.updateStackSet({ ...update, Parameters: parameters({ RetentionInDays: '60' }) });
    await settle();
    await deploy(one);

    t.same(groups(), ['6666/eu-west-1 7']);
    const unknown = { ...one, ParameterOverrides: parameters({ Retention: '7' }) };
    await t.rejects(cfn.createStackInstances(unknown), { name: 'ValidationError', message: /\[Retention\]/ });
  },
);

t.test('a set holds 100,000 instances, and a call that wants more makes none', async (t) => {
  const { createSet, cfn } = await startSetTest(t);
  await createSet();
  const Accounts = Array.from({ length: 5_001 }, (_, at) => String(700_000_000_000 + at));
  const Regions = Array.from({ length: 20 }, (_, at) => `region-${at}`);

  await t.rejects(cfn.createStackInstances({ StackSetName: 'guardrelay', Accounts, Regions }), {
    name: 'LimitExceededException',
    message: /100000 stack instances, not 100020/,
  });
  t.same((await cfn.listStackInstances({ StackSetName: 'guardrelay' })).Summaries, []);
});

t.test('a stack that failed is made anew by the next operation', async (t) => {
  const { createSet, deploy, reasonIn, instances, aws } = await startSetTest(t);
  const one = { Accounts: [MEMBER], Regions: ['eu-west-1'] };
  const place = { account: MEMBER, region: 'eu-west-1', partition: 'aws' };
  const policies = Array.from({ length: 10 }, (_, index) => `other-${index}`);
  const document = JSON.stringify({ Version: '2012-10-17', Statement: [] });
  for (const name of policies) aws.logs.policies(place).putForAccount(name, document);
  await createSet();

  const failed = await deploy(one);
  const reason = await reasonIn(MEMBER, 'eu-west-1');
  aws.logs.policies(place).deleteForAccount('other-0');
  const succeeded = await deploy(one);

  t.same(
    [failed, succeeded],
    [
      ['SUCCEEDED', 1],
      ['SUCCEEDED', 0],
    ],
  );
  t.match(
    reason,
    /^ResourceLogicalId:LogPolicy, ResourceType:AWS::Logs::ResourcePolicy, ResourceStatusReason:.*limit/i,
  );
  t.same(await instances(), ['6666/eu-west-1 CURRENT SUCCEEDED']);
});

t.test('a set is deleted when it is empty; stacks may be left behind', async (t) => {
  const { createSet, deploy, cfn, settle, groups, aws, instances } = await startSetTest(t);
  const set = { StackSetName: 'guardrelay' };
  const rules = (account: string) => aws.events.rules({ ...HOME, account }).list().length;
  await createSet();
  await deploy();

  await t.rejects(cfn.deleteStackSet(set), { name: 'StackSetNotEmptyException' });
  await cfn.deleteStackInstances({ ...ALL, Accounts: [MEMBER], RetainStacks: true });
  await settle();
  await cfn.deleteStackInstances({ ...ALL, RetainStacks: false });
  await t.rejects(cfn.deleteStackSet(set), { name: 'OperationInProgressException' });
  await settle();
  const left = await instances();
  await cfn.deleteStackSet(set);

  t.same(left, []);
  t.same([rules(ACCOUNT), rules(MEMBER)], [0, 3], 'the rules of a retained stack stay');
  t.equal(groups().length, 4, 'the template retains the log groups');
  await t.rejects(cfn.describeStackSet(set), { name: 'StackSetNotFoundException' });
  t.match((await cfn.listStackSets({ Status: 'DELETED' })).Summaries, [{ StackSetName: 'guardrelay' }]);
  t.same((await cfn.listStackSets({ Status: 'ACTIVE' })).Summaries, []);
});

t.test('an instance whose deletion fails is inoperable until it is let go', async (t) => {
  const { createSet, deploy, cfn, settle, instances, reasonIn, aws, end } = await startSetTest(t);
  const one = { StackSetName: 'guardrelay', Accounts: [MEMBER], Regions: ['eu-west-1'] };
  await createSet();
  await deploy(one);
  aws.world.principals.deleteRole(MEMBER, 'AWSCloudFormationStackSetExecutionRole');

  await cfn.deleteStackInstances({ ...one, RetainStacks: false, OperationId: 'delete' });
  await settle();
  const broken = {
    instances: await instances(),
    reason: await reasonIn(MEMBER, 'eu-west-1'),
    end: await end('delete'),
  };
  await cfn.updateStackSet({ StackSetName: 'guardrelay', TemplateBody: REGIONAL, OperationId: 'update' });
  await settle();
  const { Summaries } = await cfn.listStackSetOperationResults({
    StackSetName: 'guardrelay',
    OperationId: 'update',
  });
  await cfn.deleteStackInstances({ ...one, RetainStacks: true });
  await settle();

  t.same(broken, {
    instances: ['6666/eu-west-1 INOPERABLE INOPERABLE'],
    reason: NO_ROLE(MEMBER),
    end: ['FAILED', 1],
  });
  t.same(Summaries, [], 'an update leaves it out');
  t.same(await instances(), []);
});

t.test('an operation can be stopped: what runs ends, what waits is cancelled', async (t) => {
  const { createSet, cfn, clock, settle, instances, end } = await startSetTest(t);
  const operation = { StackSetName: 'guardrelay', OperationId: 'create' };
  await createSet();
  await cfn.createStackInstances({ ...ALL, OperationId: 'create' });
  await clock.advance(100);

  await cfn.stopStackSetOperation(operation);
  const stopping = await end('create');
  await settle();

  t.same(
    [stopping, await end('create')],
    [
      ['STOPPING', 0],
      ['STOPPED', 0],
    ],
  );
  t.equal((await instances()).filter((instance) => instance.endsWith('CURRENT SUCCEEDED')).length, 1);
  t.equal((await instances()).filter((instance) => instance.endsWith('OUTDATED CANCELLED')).length, 3);
  await t.rejects(cfn.stopStackSetOperation(operation), { name: 'InvalidOperationException' });
});

t.test('the results may lag behind the operation, and lists come in pages and by filter', async (t) => {
  const { createSet, deploy, cfn, aws, clock } = await startSetTest(t);
  const StackSetName = 'guardrelay';
  aws.world.faults.add({
    service: 'cloudformation',
    operation: 'ListStackSetOperationResults',
    effect: { kind: 'visibility-delay', ms: 60_000 },
  });
  await createSet();

  const ended = await deploy({ OperationId: 'create', Accounts: [ACCOUNT, STRANGER] });
  const results = async () =>
    (await cfn.listStackSetOperationResults({ StackSetName, OperationId: 'create' })).Summaries;
  const early = await results();
  await clock.advance(60_000);
  const late = await results();
  const first = await cfn.listStackInstances({ StackSetName, MaxResults: 3 });
  const second = await cfn.listStackInstances({ StackSetName, MaxResults: 3, NextToken: first.NextToken });
  const failed = await cfn.listStackInstances({
    StackSetName,
    Filters: [{ Name: 'DETAILED_STATUS', Values: 'FAILED' }],
  });

  t.same([ended, early, late?.length], [['SUCCEEDED', 2], [], 4]);
  t.same([first.Summaries?.length, second.Summaries?.length, second.NextToken], [3, 1, undefined]);
  t.same(
    failed.Summaries?.map(({ Account }) => Account),
    [STRANGER, STRANGER],
  );
  await t.rejects(cfn.listStackInstances({ StackSetName, NextToken: 'nonsense' }), {
    name: 'ValidationError',
  });
});

t.test('a slow instance keeps its operation running', async (t) => {
  const { createSet, cfn, clock, aws, end } = await startSetTest(t);
  await createSet();
  aws.world.faults.add({
    service: 'cloudformation',
    operation: 'StackInstance',
    region: 'eu-west-1',
    effect: { kind: 'hang', ms: 120_000 },
  });

  await cfn.createStackInstances({ ...ALL, OperationPreferences: TOLERANT, OperationId: 'create' });
  await clock.advance(60_000);
  const during = await end('create');
  await clock.advance(61_000);

  t.same(
    [during, await end('create')],
    [
      ['RUNNING', 0],
      ['SUCCEEDED', 0],
    ],
  );
});

const spoilt = [
  {
    name: 'is missing',
    spoil: (test: SetTest) => test.aws.world.principals.deleteRole(ACCOUNT, ADMINISTRATION),
  },
  {
    name: 'does not trust CloudFormation',
    spoil: (test: SetTest) =>
      change(test, { trust: document({ Principal: { Service: 'ec2.amazonaws.com' } }) }),
  },
  { name: 'may not assume the execution role', spoil: (test: SetTest) => change(test, { policies: {} }) },
];
const document = (statement: object) => ({
  Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', ...statement },
});

function change({ aws }: SetTest, changes: object): void {
  const role = aws.world.principals.role(ACCOUNT, ADMINISTRATION);
  if (role) aws.world.principals.putRole({ ...role, ...changes });
}

for (const { name, spoil } of spoilt) {
  t.test(`an administration role that ${name} reaches nobody, its own account neither`, async (t) => {
    const test = await startSetTest(t);
    await test.createSet();
    spoil(test);

    t.same(await test.deploy({ Regions: ['eu-west-1'] }), ['SUCCEEDED', 2]);
    t.equal(await test.reasonIn(ACCOUNT, 'eu-west-1'), NO_ROLE(ACCOUNT));
  });
}

t.test('a custom administration role must be named again in an update', async (t) => {
  const { cfn, deploy, aws } = await startSetTest(t);
  const AdministrationRoleARN = `arn:aws:iam::${ACCOUNT}:role/Custom`;
  const role = aws.world.principals.role(ACCOUNT, ADMINISTRATION);
  if (role) aws.world.principals.putRole({ ...role, name: 'Custom', arn: AdministrationRoleARN });
  const set = { StackSetName: 'guardrelay', TemplateBody: REGIONAL };
  await cfn.createStackSet({ ...set, AdministrationRoleARN });

  const ended = await deploy({ Accounts: [MEMBER], Regions: ['eu-west-1'] });
  const { StackSet } = await cfn.describeStackSet({ StackSetName: 'guardrelay' });

  t.same(ended, ['SUCCEEDED', 1], 'the execution role trusts another one');
  t.equal(StackSet?.AdministrationRoleARN, AdministrationRoleARN);
  await t.rejects(cfn.updateStackSet(set), { message: /specify it again/ });
  await t.resolves(cfn.updateStackSet({ ...set, AdministrationRoleARN }));
});

t.test('what a set cannot be is refused', async (t) => {
  const { createSet, cfn } = await startSetTest(t);
  await createSet();
  const set = { StackSetName: 'guardrelay', TemplateBody: REGIONAL };
  const other = { ...set, StackSetName: 'other' };
  const nowhere = { StackSetName: 'nowhere' };

  await t.rejects(cfn.createStackSet(set), { name: 'NameAlreadyExistsException' });
  await t.rejects(cfn.createStackSet({ ...other, PermissionModel: 'SERVICE_MANAGED' }), {
    name: 'ValidationError',
    message: /You must enable organizations access to operate a service managed stack set/,
  });
  await t.rejects(cfn.createStackSet({ ...other, Parameters: parameters({ Prefix: '-' }) }), {
    message: /Parameter Prefix failed to satisfy constraint/,
  });
  await t.rejects(cfn.createStackInstances({ ...ALL, Accounts: [] }), { message: /must be specified/ });
  await t.rejects(cfn.createStackInstances({ ...ALL, Accounts: ['12'] }), { message: /12 digits/ });
  await t.rejects(
    cfn.createStackInstances({
      ...ALL,
      OperationPreferences: { MaxConcurrentCount: 1, MaxConcurrentPercentage: 1 },
    }),
    { message: /not both/ },
  );
  await t.rejects(cfn.describeStackSet(nowhere), { name: 'StackSetNotFoundException' });
  await t.rejects(cfn.describeStackSetOperation({ StackSetName: 'guardrelay', OperationId: 'none' }), {
    name: 'OperationNotFoundException',
  });
  await t.resolves(cfn.deleteStackSet(nowhere), 'what is not there is deleted');
});

t.test('a role may work only on the sets that its policies name', async (t) => {
  const { aws, client, createSet, config } = await startSetTest(t);
  await createSet();
  const roleArn = `arn:aws:iam::${ACCOUNT}:role/Deployer`;
  aws.world.principals.putRole({
    account: ACCOUNT,
    name: 'Deployer',
    arn: roleArn,
    trust: document({ Principal: { AWS: '*' } }),
    policies: {
      sets: document({
        Action: 'cloudformation:*',
        Resource: `arn:aws:cloudformation:*:${ACCOUNT}:stackset/guardrelay*:*`,
      }),
    },
  });
  const caller = { ...HOME, arn: `arn:aws:iam::${ACCOUNT}:user/admin` };
  const session = aws.world.principals.assume(caller, {
    roleArn,
    sessionName: 'deploy',
    durationSeconds: 900,
  });
  const cfn = new CloudFormation(config({ keys: session }));
  t.teardown(() => cfn.destroy());

  await t.resolves(cfn.describeStackSet({ StackSetName: 'guardrelay' }));
  await t.rejects(cfn.describeStackSet({ StackSetName: 'other' }), { name: /AccessDenied/ });
  await t.rejects(cfn.listStackSets(), { name: /AccessDenied/ });
  await t.resolves(client(aws.world.principals.addUser(ACCOUNT, 'root')).listStackSets());
});
