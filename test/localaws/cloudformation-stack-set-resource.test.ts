import { type Capability, CloudFormation } from '@aws-sdk/client-cloudformation';
import type { Test } from 'tap';
import t from 'tap';

import { addStackSetRoles } from '../../agent/localaws/cloudformation/stack-set/roles.ts';
import type { JsonObject } from '../../agent/model/json.ts';
import { ACCOUNT, startTestAws, type TestAws } from '../support/local-aws.ts';
import { REGIONAL } from '../support/templates.ts';

const URL_OF_TEMPLATE = 'https://templates.s3.eu-central-1.amazonaws.com/stack.yaml';
const SET = { StackSetName: 'guardrelay' };
const PARENT = { StackName: 'parent' };
const Capabilities: Capability[] = ['CAPABILITY_NAMED_IAM'];
const TOLERANT = { FailureTolerancePercentage: 100, RegionConcurrencyType: 'PARALLEL' };

interface Parent extends TestAws {
  readonly cfn: CloudFormation;
  create(properties?: JsonObject): Promise<void>;
  update(properties?: JsonObject): Promise<void>;
  remove(): Promise<void>;
  status(): Promise<string | undefined>;
  /** Regions of the set's instances with their status. */
  instances(): Promise<readonly string[]>;
  /** Why the resource failed. */
  reasons(): Promise<readonly string[]>;
}

/** A template with one StackSet in it: the collector in two regions of its own account. */
function parent(properties: JsonObject = {}): string {
  const Properties = {
    ...SET,
    PermissionModel: 'SELF_MANAGED',
    TemplateURL: URL_OF_TEMPLATE,
    OperationPreferences: TOLERANT,
    StackInstancesGroup: [groupOf('eu-central-1', 'eu-west-1')],
    ...properties,
  };
  const Collector = { Type: 'AWS::CloudFormation::StackSet', DependsOn: 'Needed', Properties };
  const Needed = {
    Type: 'AWS::IAM::Role',
    Properties: { RoleName: 'Needed', AssumeRolePolicyDocument: { Statement: [] } },
  };
  return JSON.stringify({
    Resources: { Collector, Needed },
    Outputs: { Id: { Value: { Ref: 'Collector' } } },
  });
}

function groupOf(...Regions: readonly string[]): JsonObject {
  return { DeploymentTargets: { Accounts: [{ Ref: 'AWS::AccountId' }] }, Regions };
}

async function startParent(t: Test): Promise<Parent> {
  const test = await startTestAws(t);
  addStackSetRoles(test.aws.world, ACCOUNT, [ACCOUNT]);
  test.aws.objects.put(URL_OF_TEMPLATE, REGIONAL);
  const cfn = new CloudFormation(test.config());
  t.teardown(() => cfn.destroy());
  const settle = (): Promise<void> => test.clock.advance(60_000);
  return {
    ...test,
    cfn,
    async create(properties) {
      await cfn.createStack({ ...PARENT, TemplateBody: parent(properties), Capabilities });
      await settle();
    },
    async update(properties) {
      await cfn.updateStack({ ...PARENT, TemplateBody: parent(properties), Capabilities });
      await settle();
    },
    async remove() {
      await cfn.deleteStack(PARENT);
      await settle();
    },
    status: async () => (await cfn.describeStacks(PARENT)).Stacks?.[0]?.StackStatus,
    async instances() {
      const { Summaries = [] } = await cfn.listStackInstances(SET);
      return Summaries.map(({ Region, Status }) => `${Region} ${Status}`).sort();
    },
    async reasons() {
      const { StackEvents = [] } = await cfn.describeStackEvents(PARENT);
      return StackEvents.filter(
        ({ ResourceStatus, LogicalResourceId }) =>
          LogicalResourceId === 'Collector' && ResourceStatus?.endsWith('_FAILED'),
      ).map(({ ResourceStatusReason = '' }) => ResourceStatusReason);
    },
  };
}

t.test('a StackSet in a template is made with its instances, and goes with them', async (t) => {
  const { create, remove, status, instances, cfn } = await startParent(t);

  await create({ Tags: [{ Key: 'a', Value: 'b' }], ManagedExecution: { Active: true } });
  const made = await instances();
  const { StackSet } = await cfn.describeStackSet(SET);
  const { Stacks } = await cfn.describeStacks(PARENT);
  await remove();

  t.same(made, ['eu-central-1 CURRENT', 'eu-west-1 CURRENT']);
  t.match(StackSet, { TemplateBody: REGIONAL, Tags: [{ Key: 'a', Value: 'b' }] });
  t.equal(StackSet?.ManagedExecution?.Active, true);
  t.equal(Stacks?.[0]?.Outputs?.[0]?.OutputValue, StackSet?.StackSetId, 'Ref is the id');
  await t.rejects(cfn.describeStackSet(SET), { name: 'StackSetNotFoundException' });
  await t.rejects(status(), { message: /does not exist/ });
});

t.test('an update adds and removes regions, and changes the set itself', async (t) => {
  const { create, update, instances, cfn, aws } = await startParent(t);
  await create();

  await update({
    StackInstancesGroup: [groupOf('eu-west-1', 'us-east-1')],
    Parameters: [{ ParameterKey: 'RetentionInDays', ParameterValue: '7' }],
  });

  t.same(await instances(), ['eu-west-1 CURRENT', 'us-east-1 CURRENT']);
  const { Summaries = [] } = await cfn.listStackSetOperations(SET);
  t.same(
    Summaries.map(({ Action }) => Action),
    ['CREATE', 'UPDATE', 'DELETE', 'CREATE'],
    'newest first',
  );
  const group = aws.logs
    .groups({ account: ACCOUNT, region: 'us-east-1', partition: 'aws' })
    .find('/aws/events/guardrelay');
  t.equal(group?.retentionInDays, 7);
});

t.test('what fails within the tolerance fails nothing', async (t) => {
  const { create, status, instances } = await startParent(t);

  await create({ StackInstancesGroup: [groupOf('eu-west-1', 'ap-east-1')] });

  t.equal(await status(), 'CREATE_COMPLETE');
  t.same(await instances(), ['ap-east-1 OUTDATED', 'eu-west-1 CURRENT']);
});

t.test('what fails beyond the tolerance takes the set back, with its reason', async (t) => {
  const { create, status, reasons, cfn } = await startParent(t);

  await create({ StackInstancesGroup: [groupOf('ap-east-1')], OperationPreferences: {} });

  t.equal(await status(), 'ROLLBACK_COMPLETE');
  t.match(await reasons(), [
    /Stack set operation \[.+\] was unexpectedly stopped or failed\. status reason\(s\): \[The security token/,
  ]);
  await t.rejects(cfn.describeStackSet(SET), { name: 'StackSetNotFoundException' });
});

t.test('a name that is taken is refused, and what has it stays', async (t) => {
  const { create, status, reasons, cfn } = await startParent(t);
  const { StackSetId } = await cfn.createStackSet({ ...SET, TemplateBody: REGIONAL });

  await create();

  t.equal(await status(), 'ROLLBACK_COMPLETE');
  t.match(await reasons(), [/AWS::CloudFormation::StackSet' with identifier 'guardrelay' already exists/]);
  t.equal((await cfn.describeStackSet(SET)).StackSet?.StackSetId, StackSetId);
});

t.test('what others do to the set decides how it can go', async (t) => {
  for (const { name, meddle, wanted } of [
    {
      name: 'with a region that the template does not know it stays, and so does what it needs',
      meddle: async (cfn: CloudFormation) =>
        cfn.createStackInstances({ ...SET, Accounts: [ACCOUNT], Regions: ['us-east-1'] }),
      wanted: [/StackSet is not empty/],
    },
    {
      name: 'what is gone already is no obstacle',
      async meddle(cfn: CloudFormation, { clock }: TestAws) {
        const Regions = ['eu-central-1', 'eu-west-1'];
        await cfn.deleteStackInstances({ ...SET, Accounts: [ACCOUNT], Regions, RetainStacks: false });
        await clock.advance(10_000);
        await cfn.deleteStackSet(SET);
      },
      wanted: undefined,
    },
  ]) {
    await t.test(name, async (t) => {
      const parent = await startParent(t);
      await parent.create();
      await meddle(parent.cfn, parent);
      await parent.clock.advance(10_000);

      await parent.remove();

      if (wanted) t.match(await parent.reasons(), wanted);
      else await t.rejects(parent.status(), { message: /does not exist/ });
      t.equal(parent.aws.world.principals.role(ACCOUNT, 'Needed') !== undefined, wanted !== undefined);
    });
  }
});

t.test('a template comes from S3 or with the call', async (t) => {
  const { cfn } = await startParent(t);
  const stack = { StackName: 'one' };

  for (const { input, refusal } of [
    { input: { TemplateURL: `${URL_OF_TEMPLATE}x` }, refusal: /S3 error: Access Denied/ },
    { input: {}, refusal: /Either Template URL or Template Body must be specified/ },
    {
      input: { TemplateURL: URL_OF_TEMPLATE, TemplateBody: REGIONAL },
      refusal: /Either Template URL or Template Body/,
    },
  ]) {
    await t.rejects(cfn.createStack({ ...stack, ...input }), { name: 'ValidationError', message: refusal });
  }
  await t.resolves(cfn.createStack({ ...stack, TemplateURL: URL_OF_TEMPLATE }));
});
