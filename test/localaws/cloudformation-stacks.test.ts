import { CloudFormation } from '@aws-sdk/client-cloudformation';
import type { Test } from 'tap';
import t from 'tap';

import type { Place } from '../../agent/localaws/service.ts';
import type { TestAws } from '../support/local-aws.ts';
import { ACCOUNT, HOME, startTestAws } from '../support/local-aws.ts';
import { READER_ROLE, REGIONAL } from '../support/templates.ts';

interface StackTest extends TestAws {
  readonly cfn: CloudFormation;
  /** Lets what is under way come to its end. */
  settle(): Promise<void>;
  status(name: string): Promise<string | undefined>;
  /** Log groups of the home region, by name, with their retention. */
  groups(): Readonly<Record<string, number | undefined>>;
}

async function startStackTest(t: Test): Promise<StackTest> {
  const test = await startTestAws(t);
  const cfn = new CloudFormation(test.config());
  t.teardown(() => cfn.destroy());
  return {
    ...test,
    cfn,
    settle: () => test.clock.advance(2_000),
    status: async (StackName) => (await cfn.describeStacks({ StackName })).Stacks?.[0]?.StackStatus,
    groups: () =>
      Object.fromEntries(
        test.aws.logs
          .groups(HOME)
          .list()
          .map(({ name, retentionInDays }) => [name, retentionInDays]),
      ),
  };
}

interface GroupOptions {
  readonly days?: string;
  readonly deletionPolicy?: string;
}

/** A log group in a template, as JSON. */
function group(name: unknown, { days = '7', deletionPolicy = 'Delete' }: GroupOptions = {}) {
  const Properties = { LogGroupName: name, RetentionInDays: days };
  return { Type: 'AWS::Logs::LogGroup', DeletionPolicy: deletionPolicy, Properties };
}

const template = (Resources: object, more: object = {}): string => JSON.stringify({ Resources, ...more });

t.test('a stack makes its resources one after the other and tells of each', async (t) => {
  const { cfn, settle, status, groups } = await startStackTest(t);
  const TemplateBody = template(
    { Second: group({ 'Fn::Sub': `\${First}-second` }), First: group('first') },
    { Outputs: { Name: { Value: { Ref: 'Second' } }, Arn: { Value: { 'Fn::GetAtt': ['First', 'Arn'] } } } },
  );

  const { StackId } = await cfn.createStack({
    StackName: 'one',
    TemplateBody,
    Tags: [{ Key: 'a', Value: 'b' }],
  });
  const before = await status('one');
  await settle();
  const { Stacks } = await cfn.describeStacks({ StackName: 'one' });
  const { StackEvents = [] } = await cfn.describeStackEvents({ StackName: 'one' });
  const { StackResources = [] } = await cfn.describeStackResources({ StackName: 'one' });

  t.equal(before, 'CREATE_IN_PROGRESS');
  t.match(StackId, /^arn:aws:cloudformation:eu-central-1:111122223333:stack\/one\/[0-9a-f-]{36}$/);
  t.match(Stacks, [{ StackStatus: 'CREATE_COMPLETE', Tags: [{ Key: 'a', Value: 'b' }] }]);
  t.match(Stacks?.[0]?.Outputs, [
    { OutputKey: 'Name', OutputValue: 'first-second' },
    { OutputKey: 'Arn', OutputValue: `arn:aws:logs:eu-central-1:${ACCOUNT}:log-group:first:*` },
  ]);
  t.same(groups(), { first: 7, 'first-second': 7 });
  t.same(
    StackEvents.map(
      ({ LogicalResourceId, ResourceStatus }) => `${LogicalResourceId} ${ResourceStatus}`,
    ).reverse(),
    [
      'one CREATE_IN_PROGRESS',
      'First CREATE_IN_PROGRESS',
      'First CREATE_COMPLETE',
      'Second CREATE_IN_PROGRESS',
      'Second CREATE_COMPLETE',
      'one CREATE_COMPLETE',
    ],
  );
  t.same(
    StackResources.map(({ PhysicalResourceId }) => PhysicalResourceId),
    ['first', 'first-second'],
  );
});

t.test('an update makes, changes, replaces and removes, and the same again is no update', async (t) => {
  const { cfn, settle, status, groups } = await startStackTest(t);
  const before = { Kept: group('kept'), Moved: group('old-name'), Gone: group('gone') };
  const after = { Kept: group('kept', { days: '30' }), Moved: group('new-name'), Added: group('added') };
  await cfn.createStack({ StackName: 'one', TemplateBody: template(before) });
  await settle();

  await cfn.updateStack({ StackName: 'one', TemplateBody: template(after) });
  const during = await status('one');
  await settle();

  t.equal(during, 'UPDATE_IN_PROGRESS');
  t.equal(await status('one'), 'UPDATE_COMPLETE');
  t.same(groups(), { added: 7, kept: 30, 'new-name': 7 });
  await t.rejects(cfn.updateStack({ StackName: 'one', TemplateBody: template(after) }), {
    name: 'ValidationError',
    message: 'No updates are to be performed.',
  });
  await t.rejects(cfn.updateStack({ StackName: 'one', UsePreviousTemplate: true }), {
    message: 'No updates are to be performed.',
  });
});

t.test('a stack that fails takes back what it made and keeps the reason in its events', async (t) => {
  const { cfn, settle, status, groups, aws } = await startStackTest(t);
  aws.logs.groups(HOME).create({ name: 'taken' });
  const resources = {
    First: group('first'),
    Young: group('young', { deletionPolicy: 'RetainExceptOnCreate' }),
    Stays: group('stays', { deletionPolicy: 'Retain' }),
    Fails: { ...group('taken'), DependsOn: ['First', 'Young', 'Stays'] },
  };

  await cfn.createStack({ StackName: 'one', TemplateBody: template(resources) });
  await settle();
  const { StackEvents = [] } = await cfn.describeStackEvents({ StackName: 'one' });

  t.equal(await status('one'), 'ROLLBACK_COMPLETE');
  t.same(Object.keys(groups()), ['stays', 'taken']);
  const failed = StackEvents.find(({ ResourceStatus }) => ResourceStatus === 'CREATE_FAILED');
  t.equal(failed?.LogicalResourceId, 'Fails');
  t.match(failed?.ResourceStatusReason, /"\/properties\/LogGroupName":"taken".*already exists/);
  t.match(
    StackEvents.find(({ ResourceStatus }) => ResourceStatus === 'ROLLBACK_IN_PROGRESS')?.ResourceStatusReason,
    'The following resource(s) failed to create: [Fails]. Rollback requested by user.',
  );
  await t.rejects(cfn.updateStack({ StackName: 'one', TemplateBody: template({ First: group('first') }) }), {
    message: /is in ROLLBACK_COMPLETE state and can not be updated/,
  });
});

for (const { onFailure, end } of [
  { onFailure: 'DO_NOTHING', end: 'CREATE_FAILED' },
  { onFailure: 'DELETE', end: 'DELETE_COMPLETE' },
] as const) {
  t.test(`a stack that fails under OnFailure ${onFailure} ends ${end}`, async (t) => {
    const { cfn, settle, status, aws } = await startStackTest(t);
    aws.logs.groups(HOME).create({ name: 'taken' });

    const { StackId = '' } = await cfn.createStack({
      StackName: 'one',
      OnFailure: onFailure,
      TemplateBody: template({ Fails: group('taken') }),
    });
    await settle();

    t.equal(await status(StackId), end);
  });
}

t.test('an update that fails restores what stood before', async (t) => {
  const { cfn, settle, status, groups, aws } = await startStackTest(t);
  const before = { Kept: group('kept'), Moved: group('old-name') };
  await cfn.createStack({ StackName: 'one', TemplateBody: template(before) });
  await settle();
  aws.logs.groups(HOME).create({ name: 'taken' });
  const after = {
    Kept: group('kept', { days: '30' }),
    Moved: group('new-name'),
    Added: group('added'),
    Fails: { ...group('taken'), DependsOn: ['Kept', 'Moved', 'Added'] },
  };

  await cfn.updateStack({ StackName: 'one', TemplateBody: template(after) });
  await settle();

  t.equal(await status('one'), 'UPDATE_ROLLBACK_COMPLETE');
  t.same(groups(), { kept: 7, 'old-name': 7, taken: undefined });
  await cfn.updateStack({
    StackName: 'one',
    TemplateBody: template({ Kept: group('kept', { days: '14' }) }),
  });
  await settle();
  t.equal(await status('one'), 'UPDATE_COMPLETE');
  t.same(groups(), { kept: 14, taken: undefined });
});

t.test('a deleted stack leaves what it shall retain, and is found by its id only', async (t) => {
  const { cfn, settle, status, groups } = await startStackTest(t);
  const resources = {
    Gone: group('gone'),
    Kept: group('kept', { deletionPolicy: 'RetainExceptOnCreate' }),
  };
  const { StackId = '' } = await cfn.createStack({ StackName: 'one', TemplateBody: template(resources) });
  await settle();

  await cfn.deleteStack({ StackName: 'one' });
  await settle();

  t.equal(await status(StackId), 'DELETE_COMPLETE');
  t.same(Object.keys(groups()), ['kept']);
  await t.rejects(cfn.describeStacks({ StackName: 'one' }), { message: 'Stack with id one does not exist' });
  await t.resolves(cfn.deleteStack({ StackName: 'one' }), 'what is not there is deleted');
});

t.test('an output that nothing can answer fails the stack', async (t) => {
  const { cfn, settle, status, groups } = await startStackTest(t);
  const Outputs = { Out: { Value: { 'Fn::GetAtt': ['A', 'Nothing'] } } };

  await cfn.createStack({ StackName: 'one', TemplateBody: template({ A: group('a') }, { Outputs }) });
  await settle();

  t.equal(await status('one'), 'ROLLBACK_COMPLETE');
  t.same(groups(), {});
});

t.test('the type of a resource is for life', async (t) => {
  const { cfn, settle } = await startStackTest(t);
  const queue = { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'a' } };
  await cfn.createStack({ StackName: 'one', TemplateBody: template({ A: group('a') }) });
  await settle();

  await t.rejects(cfn.updateStack({ StackName: 'one', TemplateBody: template({ A: queue }) }), {
    message: /^Update of resource type is not permitted\..*\[A\]$/,
  });
});

t.test('a stack is made once for a request token, and its name is taken', async (t) => {
  const { cfn } = await startStackTest(t);
  const request = { StackName: 'one', TemplateBody: template({ A: group('a') }) };

  const first = await cfn.createStack({ ...request, ClientRequestToken: 'token-1' });
  const again = await cfn.createStack({ ...request, ClientRequestToken: 'token-1' });

  t.equal(again.StackId, first.StackId);
  await t.rejects(cfn.createStack(request), { name: 'AlreadyExistsException' });
});

t.test('a stack that is being made can be deleted, one that is being updated cannot', async (t) => {
  const { cfn, settle, status, groups } = await startStackTest(t);
  const { StackId = '' } = await cfn.createStack({
    StackName: 'one',
    TemplateBody: template({ A: group('a') }),
  });

  await cfn.deleteStack({ StackName: 'one' });
  await settle();
  const end = await status(StackId);
  await cfn.createStack({ StackName: 'one', TemplateBody: template({ A: group('a') }) });
  await settle();
  await cfn.updateStack({ StackName: 'one', TemplateBody: template({ A: group('b') }) });

  t.equal(end, 'DELETE_COMPLETE');
  await t.rejects(cfn.deleteStack({ StackName: 'one' }), {
    message: 'Stack [one] cannot be deleted while in status UPDATE_IN_PROGRESS',
  });
  await settle();
  t.same(Object.keys(groups()), ['b']);
});

t.test('a change set shows what it would do, then does it', async (t) => {
  const { cfn, settle, status, groups } = await startStackTest(t);
  const [first, second] = [
    { StackName: 'one', ChangeSetName: 'first' },
    { StackName: 'one', ChangeSetName: 'second' },
  ];
  const before = template({ Kept: group('kept'), Gone: group('gone') });
  const after = template({ Kept: group('kept', { days: '30' }), Added: group('added') });

  await cfn.createChangeSet({ ...first, ChangeSetType: 'CREATE', TemplateBody: before });
  await t.rejects(cfn.executeChangeSet(first), { name: 'InvalidChangeSetStatusException' });
  await settle();
  const inReview = await status('one');
  await cfn.executeChangeSet(first);
  await settle();
  const created = Object.keys(groups());
  await cfn.createChangeSet({ ...second, ChangeSetType: 'UPDATE', TemplateBody: after });
  await settle();
  const { Changes = [], ...described } = await cfn.describeChangeSet(second);
  await cfn.executeChangeSet(second);
  await settle();

  t.equal(inReview, 'REVIEW_IN_PROGRESS');
  t.same(created, ['gone', 'kept']);
  t.match(described, { Status: 'CREATE_COMPLETE', ExecutionStatus: 'AVAILABLE' });
  t.same(
    Changes.map(({ ResourceChange }) => `${ResourceChange?.Action} ${ResourceChange?.LogicalResourceId}`),
    ['Modify Kept', 'Add Added', 'Remove Gone'],
  );
  t.equal(await status('one'), 'UPDATE_COMPLETE');
  t.same(groups(), { added: 7, kept: 30 });
  const { Summaries } = await cfn.listChangeSets({ StackName: 'one' });
  t.match(Summaries, [{ ChangeSetName: 'second', ExecutionStatus: 'EXECUTE_COMPLETE' }]);
});

t.test('a change set without changes fails in the words of AWS, and can be deleted', async (t) => {
  const { cfn, settle } = await startStackTest(t);
  const request = { StackName: 'one', TemplateBody: template({ A: group('a') }) };
  await cfn.createStack(request);
  await settle();

  await cfn.createChangeSet({ ...request, ChangeSetName: 'same' });
  await settle();
  const { Status, StatusReason, ExecutionStatus } = await cfn.describeChangeSet({
    StackName: 'one',
    ChangeSetName: 'same',
  });
  await cfn.deleteChangeSet({ StackName: 'one', ChangeSetName: 'same' });

  t.match({ Status, ExecutionStatus }, { Status: 'FAILED', ExecutionStatus: 'UNAVAILABLE' });
  t.match(StatusReason, /^The submitted information didn't contain changes\./);
  await t.rejects(cfn.describeChangeSet({ StackName: 'one', ChangeSetName: 'same' }), {
    name: 'ChangeSetNotFoundException',
  });
});

t.test('a new tag or output is a change too', async (t) => {
  const { cfn, settle, status } = await startStackTest(t);
  const resources = { A: group('a') };
  await cfn.createStack({ StackName: 'one', TemplateBody: template(resources) });
  await settle();

  await cfn.updateStack({
    StackName: 'one',
    UsePreviousTemplate: true,
    Tags: [{ Key: 'version', Value: '2' }],
  });
  await settle();
  await cfn.updateStack({
    StackName: 'one',
    TemplateBody: template(resources, { Outputs: { V: { Value: '2' } } }),
  });
  await settle();
  const { Stacks } = await cfn.describeStacks({ StackName: 'one' });

  t.equal(await status('one'), 'UPDATE_COMPLETE');
  t.match(Stacks, [
    { Tags: [{ Key: 'version', Value: '2' }], Outputs: [{ OutputKey: 'V', OutputValue: '2' }] },
  ]);
});

t.test('a change set of type CREATE or UPDATE wants a stack that is not there, or there', async (t) => {
  const { cfn, settle } = await startStackTest(t);
  const request = { ChangeSetName: 'change', TemplateBody: template({ A: group('a') }) };
  await cfn.createStack({ StackName: 'one', TemplateBody: request.TemplateBody });
  await settle();

  await t.rejects(cfn.createChangeSet({ ...request, StackName: 'one', ChangeSetType: 'CREATE' }), {
    message: 'Stack [one] already exists and cannot be created again with the changeSet [change].',
  });
  await t.rejects(cfn.createChangeSet({ ...request, StackName: 'two', ChangeSetType: 'UPDATE' }), {
    message: 'Stack [two] does not exist',
  });
});

t.test('what stands in the way is imported if its name is static and it would be kept', async (t) => {
  const imports = async (t: Test, LogGroup: object, Parameters = {}) => {
    const test = await startStackTest(t);
    const { cfn, aws, settle } = test;
    aws.logs.groups(HOME).create({ name: 'old' });
    aws.logs.insert(HOME, 'old', [{ timestamp: 1, message: 'still to be read' }]);
    const change = { StackName: 'one', ChangeSetName: 'import' };
    await cfn.createChangeSet({
      ...change,
      ChangeSetType: 'CREATE',
      ImportExistingResources: true,
      TemplateBody: template({ LogGroup }, { Parameters }),
    });
    await settle();
    return { ...test, change, described: await cfn.describeChangeSet(change) };
  };

  t.test('adopted with its events', async (t) => {
    const { cfn, change, described, settle, status, aws } = await imports(
      t,
      group('old', { deletionPolicy: 'RetainExceptOnCreate' }),
    );
    await cfn.executeChangeSet(change);
    await settle();

    t.match(described.Changes, [{ ResourceChange: { Action: 'Import', PhysicalResourceId: 'old' } }]);
    t.equal(await status('one'), 'CREATE_COMPLETE');
    t.equal(aws.logs.groups(HOME).get('old').written, 1);
  });

  t.test('refused without a deletion policy that keeps it', async (t) => {
    const { described } = await imports(t, group('old'));

    t.match(described, {
      Status: 'FAILED',
      StatusReason: /must have the DeletionPolicy attribute set to 'Retain'/,
    });
  });

  t.test('not found behind a Ref, as the documentation says', async (t) => {
    const { cfn, change, described, settle, status } = await imports(
      t,
      group({ Ref: 'Name' }, { deletionPolicy: 'Retain' }),
      { Name: { Type: 'String', Default: 'old' } },
    );
    await cfn.executeChangeSet(change);
    await settle();

    t.match(described.Changes, [{ ResourceChange: { Action: 'Add' } }]);
    t.equal(await status('one'), 'ROLLBACK_COMPLETE');
  });
});

const rejected = [
  {
    name: 'no template',
    TemplateBody: undefined,
    text: /Either Template URL or Template Body must be specified/,
  },
  { name: 'broken YAML', TemplateBody: 'Resources: {', text: /Template format error/ },
  { name: 'an unknown tag', TemplateBody: 'Resources: {A: !Magic x}', text: /Template format error/ },
  {
    name: 'a pattern that is none',
    TemplateBody: template({ A: group('a') }, { Parameters: { P: { Type: 'String', AllowedPattern: '(' } } }),
    text: /must be a regular expression/,
  },
  { name: 'no resources', TemplateBody: '{}', text: /At least one Resources member/ },
  {
    name: 'a transform',
    TemplateBody: template({ A: group('a') }, { Transform: 'AWS::SAM' }),
    text: /Transform/,
  },
  {
    name: 'an unknown type',
    TemplateBody: template({ A: { Type: 'AWS::S3::Bucket' } }),
    text: /Unrecognized resource types: \[AWS::S3::Bucket\]/,
  },
  {
    name: 'a reference to nothing',
    TemplateBody: template({ A: group({ Ref: 'Nobody' }) }),
    text: 'Template format error: Unresolved resource dependencies [Nobody] in the Resources block of the template',
  },
  {
    name: 'a condition that is not there',
    TemplateBody: template({ A: { ...group('a'), Condition: 'Sunny' } }),
    text: /Unresolved condition dependency \[Sunny\] in the Resources block/,
  },
  {
    name: 'a circle',
    TemplateBody: template({ A: { ...group('a'), DependsOn: 'B' }, B: group({ Ref: 'A' }) }),
    text: 'Circular dependency between resources: [A, B]',
  },
  {
    name: 'an unknown function',
    TemplateBody: template({ A: group({ 'Fn::Random': 1 }) }),
    text: /localaws does not know Fn::Random/,
  },
  {
    name: 'a body of more than 51,200 bytes',
    TemplateBody: template({ A: group('a') }, { Description: 'x'.repeat(51_200) }),
    text: /failed to satisfy constraint: Member must have length less than or equal to 51200/,
  },
];
for (const { name, TemplateBody, text } of rejected) {
  t.test(`a template with ${name} is refused and leaves no stack behind`, async (t) => {
    const { cfn } = await startStackTest(t);

    await t.rejects(cfn.createStack({ StackName: 'one', TemplateBody }), {
      name: 'ValidationError',
      message: text,
    });

    t.same((await cfn.describeStacks()).Stacks ?? [], []);
  });
}

t.test('a template that makes IAM resources wants to be allowed to', async (t) => {
  const { cfn, settle, status, aws } = await startStackTest(t);
  const request = {
    StackName: 'reader',
    TemplateBody: READER_ROLE,
    Parameters: [
      { ParameterKey: 'RelayPrincipalArn', ParameterValue: `arn:aws:iam::${ACCOUNT}:user/admin` },
      { ParameterKey: 'ExternalId', ParameterValue: '0123456789abcdef' },
    ],
  };

  const { Capabilities } = await cfn.validateTemplate({ TemplateBody: READER_ROLE });
  await t.rejects(cfn.createStack(request), { name: 'InsufficientCapabilitiesException' });
  await t.rejects(cfn.createStack({ ...request, Capabilities: ['CAPABILITY_IAM'] }), {
    message: 'Requires capabilities : [CAPABILITY_NAMED_IAM]',
  });
  await cfn.createStack({ ...request, Capabilities: ['CAPABILITY_NAMED_IAM'] });
  await settle();

  t.same(Capabilities, ['CAPABILITY_NAMED_IAM']);
  t.equal(await status('reader'), 'CREATE_COMPLETE');
  t.ok(aws.world.principals.role(ACCOUNT, 'GuardRelayReader'));
});

t.test('the regional template comes and goes as one, and leaves the log group', async (t) => {
  const { cfn, settle, status, groups, aws } = await startStackTest(t);
  const rules = (place: Place): readonly string[] =>
    aws.events
      .rules(place)
      .list()
      .map(({ name }) => name);
  const dlq = { ParameterKey: 'EnableDlq', ParameterValue: 'true' };
  await cfn.createStack({ StackName: 'guardrelay', TemplateBody: REGIONAL, Parameters: [dlq] });
  await settle();
  const created = { rules: rules(HOME), groups: groups(), status: await status('guardrelay') };
  const { TemplateBody } = await cfn.getTemplate({ StackName: 'guardrelay' });

  await cfn.deleteStack({ StackName: 'guardrelay' });
  await settle();

  t.match(created, { status: 'CREATE_COMPLETE', groups: { '/aws/events/guardrelay': 30 } });
  t.same([...created.rules].sort(), ['guardrelay-changes', 'guardrelay-findings', 'guardrelay-heartbeat']);
  t.equal(TemplateBody, REGIONAL);
  t.same([rules(HOME), groups()], [[], { '/aws/events/guardrelay': 30 }]);
});
