import type { DescribeStackDriftDetectionStatusCommandOutput } from '@aws-sdk/client-cloudformation';
import { CloudFormation } from '@aws-sdk/client-cloudformation';
import { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs';
import { EventBridge } from '@aws-sdk/client-eventbridge';
import type { Test } from 'tap';
import t from 'tap';

import { propertyDifferences } from '../../agent/localaws/cloudformation/stack/property-differences.ts';
import { addStackSetRoles } from '../../agent/localaws/cloudformation/stack-set/roles.ts';
import type { TestAws } from '../support/local-aws.ts';
import { ACCOUNT, HOME, startTestAws } from '../support/local-aws.ts';
import { REGIONAL } from '../support/templates.ts';

const GROUP = '/aws/events/guardrelay';
const GROUP_ARN = `arn:aws:logs:${HOME.region}:${ACCOUNT}:log-group:${GROUP}`;
const FINDINGS_ARN = `arn:aws:events:${HOME.region}:${ACCOUNT}:rule/guardrelay-findings`;
const TAGS = [{ Key: 'guardrelay:version', Value: '1' }];

interface DriftTest extends TestAws {
  readonly cfn: CloudFormation;
  readonly logs: CloudWatchLogs;
  readonly events: EventBridge;
  /** Detects, waits for the end, and answers what DescribeStackDriftDetectionStatus says then. */
  detect(): Promise<DescribeStackDriftDetectionStatusCommandOutput>;
  /** `resource status`, and below it `path type: expected -> actual`. */
  drifts(): Promise<readonly string[]>;
}

/** The collector's stack, with a dead-letter queue. */
async function startDriftTest(t: Test): Promise<DriftTest> {
  const test = await startTestAws(t);
  const clients = {
    cfn: new CloudFormation(test.config()),
    logs: new CloudWatchLogs(test.config()),
    events: new EventBridge(test.config()),
  };
  t.teardown(() => {
    for (const client of Object.values(clients)) client.destroy();
  });
  const { cfn } = clients;
  await cfn.createStack({
    StackName: 'one',
    TemplateBody: REGIONAL,
    Tags: TAGS,
    Parameters: [{ ParameterKey: 'EnableDlq', ParameterValue: 'true' }],
  });
  await test.clock.advance(2_000);
  return {
    ...test,
    ...clients,
    async detect() {
      const { StackDriftDetectionId } = await cfn.detectStackDrift({ StackName: 'one' });
      await test.clock.advance(2_000);
      return cfn.describeStackDriftDetectionStatus({ StackDriftDetectionId });
    },
    async drifts() {
      const { StackResourceDrifts = [] } = await cfn.describeStackResourceDrifts({
        StackName: 'one',
        StackResourceDriftStatusFilters: ['MODIFIED', 'DELETED', 'UNKNOWN'],
      });
      return StackResourceDrifts.flatMap((drift) => [
        `${drift.LogicalResourceId} ${drift.StackResourceDriftStatus}`,
        ...(drift.PropertyDifferences ?? []).map(
          ({ PropertyPath, DifferenceType, ExpectedValue, ActualValue }) =>
            `  ${PropertyPath} ${DifferenceType}: ${ExpectedValue} -> ${ActualValue}`,
        ),
      ]);
    },
  };
}

t.test('what stands as the template made it is in sync, and the stack says since when', async (t) => {
  const { cfn, clock, detect, drifts } = await startDriftTest(t);
  const unchecked = await cfn.describeStacks({ StackName: 'one' });

  const begunAt = clock.now();
  const end = await detect();
  const { Stacks } = await cfn.describeStacks({ StackName: 'one' });
  const { StackResourceDrifts } = await cfn.describeStackResourceDrifts({ StackName: 'one' });
  const { StackResources = [] } = await cfn.describeStackResources({ StackName: 'one' });

  t.match(unchecked.Stacks, [{ DriftInformation: { StackDriftStatus: 'NOT_CHECKED' } }]);
  t.match(end, {
    DetectionStatus: 'DETECTION_COMPLETE',
    StackDriftStatus: 'IN_SYNC',
    DriftedStackResourceCount: 0,
    Timestamp: new Date(begunAt),
  });
  t.match(Stacks, [{ DriftInformation: { StackDriftStatus: 'IN_SYNC' } }]);
  t.ok((Stacks?.[0]?.DriftInformation?.LastCheckTimestamp?.getTime() ?? 0) >= begunAt);
  t.same(await drifts(), []);
  t.same(
    StackResourceDrifts?.map(({ LogicalResourceId }) => LogicalResourceId).sort(),
    ['ChangesRule', 'DeadLetterQueue', 'FindingsRule', 'HeartbeatRule', 'LogGroup', 'LogPolicy'],
    'a type that cannot be read is not in the list',
  );
  t.same(
    StackResources.flatMap(({ LogicalResourceId, DriftInformation }) =>
      DriftInformation?.StackResourceDriftStatus === 'NOT_CHECKED' ? [LogicalResourceId] : [],
    ).sort(),
    ['DeadLetterQueuePolicy'],
  );
});

const CHANGES: readonly {
  readonly what: string;
  change(test: DriftTest): Promise<unknown>;
  readonly drifts: readonly string[];
}[] = [
  {
    what: 'a rule that was disabled',
    change: ({ events }) => events.disableRule({ Name: 'guardrelay-findings' }),
    drifts: ['FindingsRule MODIFIED', '  /State NOT_EQUAL: ENABLED -> DISABLED'],
  },
  {
    what: 'another schedule',
    change: ({ events }) =>
      events.putRule({ Name: 'guardrelay-heartbeat', ScheduleExpression: 'rate(1 hour)', State: 'ENABLED' }),
    drifts: [
      'HeartbeatRule MODIFIED',
      '  /Description REMOVE: Proves the path while GuardDuty is quiet. The relay absorbs it. (log policy guardrelay-events) -> null',
      '  /ScheduleExpression NOT_EQUAL: rate(5 minutes) -> rate(1 hour)',
    ],
  },
  {
    what: 'another target',
    async change({ events }) {
      const { Targets = [] } = await events.listTargetsByRule({ Rule: 'guardrelay-heartbeat' });
      const moved = Targets.map((target) => ({ ...target, Arn: `${GROUP_ARN}:*` }));
      await events.putTargets({ Rule: 'guardrelay-heartbeat', Targets: moved });
    },
    drifts: [
      'HeartbeatRule MODIFIED',
      `  /Targets/0 REMOVE: {"Id":"logs","Arn":"${GROUP_ARN}","RetryPolicy":{"MaximumEventAgeInSeconds":3600,"MaximumRetryAttempts":185}} -> null`,
      `  /Targets/0 ADD: null -> {"Id":"logs","Arn":"${GROUP_ARN}:*","RetryPolicy":{"MaximumRetryAttempts":185,"MaximumEventAgeInSeconds":3600}}`,
    ],
  },
  {
    what: 'another retention',
    change: ({ logs }) => logs.putRetentionPolicy({ logGroupName: GROUP, retentionInDays: 7 }),
    drifts: ['LogGroup MODIFIED', '  /RetentionInDays NOT_EQUAL: 30 -> 7'],
  },
  {
    what: 'a retention that is gone',
    change: ({ logs }) => logs.deleteRetentionPolicy({ logGroupName: GROUP }),
    drifts: ['LogGroup MODIFIED', '  /RetentionInDays REMOVE: 30 -> null'],
  },
  {
    what: 'a log group that is gone',
    change: ({ logs }) => logs.deleteLogGroup({ logGroupName: GROUP }),
    drifts: ['LogGroup DELETED'],
  },
  {
    what: 'a policy that is gone',
    change: ({ logs }) => logs.deleteResourcePolicy({ policyName: 'guardrelay-events' }),
    drifts: ['LogPolicy DELETED'],
  },
  {
    what: 'a queue that is gone',
    change: async ({ aws }) => aws.queues.delete(HOME, 'guardrelay-dlq'),
    drifts: ['DeadLetterQueue DELETED'],
  },
  {
    what: 'a tag that the template does not speak of',
    change: ({ logs }) => logs.tagResource({ resourceArn: GROUP_ARN, tags: { team: 'soc' } }),
    drifts: [],
  },
];

for (const { what, change, drifts } of CHANGES) {
  t.test(`drift detection compares what lives: ${what}`, async (t) => {
    const test = await startDriftTest(t);

    await change(test);
    const { StackDriftStatus } = await test.detect();

    t.same(await test.drifts(), drifts);
    t.equal(StackDriftStatus, drifts.length === 0 ? 'IN_SYNC' : 'DRIFTED');
  });
}

t.test(
  'a detection takes its time, of each stack one at once, and never of what is being changed',
  async (t) => {
    const { cfn, clock } = await startDriftTest(t);

    const { StackDriftDetectionId } = await cfn.detectStackDrift({ StackName: 'one' });
    const during = await cfn.describeStackDriftDetectionStatus({ StackDriftDetectionId });

    t.match(during, { DetectionStatus: 'DETECTION_IN_PROGRESS', StackDriftStatus: undefined });
    await t.rejects(cfn.detectStackDrift({ StackName: 'one' }), {
      name: 'ValidationError',
      message: /^Drift detection is already in progress for stack \[arn:/,
    });
    await clock.advance(2_000);
    await cfn.deleteStack({ StackName: 'one' });
    await t.rejects(cfn.detectStackDrift({ StackName: 'one' }), { message: /in DELETE_IN_PROGRESS state/ });
    await t.rejects(cfn.detectStackDrift({ StackName: 'two' }), {
      message: 'Stack with id two does not exist',
    });
    await t.rejects(cfn.describeStackDriftDetectionStatus({ StackDriftDetectionId: 'none' }), {
      name: 'ValidationError',
    });
  },
);

t.test(
  'a resource that cannot be read makes the detection fail, and the others are compared all the same',
  async (t) => {
    const { aws, logs, detect, drifts } = await startDriftTest(t);
    const effect = { kind: 'error', code: 'AccessDenied', message: 'no right to read' } as const;
    aws.world.faults.add({ operation: 'ReadResource', times: 1, effect });

    const unknown = await detect();
    const unread = await drifts();
    await logs.putRetentionPolicy({ logGroupName: GROUP, retentionInDays: 7 });
    aws.world.faults.add({ operation: 'ReadResource', after: 1, times: 1, effect });
    const drifted = await detect();

    t.match(unknown, {
      DetectionStatus: 'DETECTION_FAILED',
      StackDriftStatus: 'UNKNOWN',
      DetectionStatusReason: 'Failed to detect drift on resource [LogGroup: no right to read]',
    });
    t.same(unread, ['LogGroup UNKNOWN']);
    t.match(drifted, { DetectionStatus: 'DETECTION_FAILED', StackDriftStatus: 'DRIFTED' });
  },
);

t.test('only what the template sets is compared, lists without their order', (t) => {
  const same = propertyDifferences(
    { Days: '7', List: [1, { a: 1 }], Nested: { a: [1, 2] } },
    { Days: 7, List: [{ a: 1 }, 1], Nested: { a: [2, 1] }, Default: true },
  );
  const nested = propertyDifferences(
    { Pattern: { source: ['a', 'b'], detail: { x: 1 } }, Whole: { a: 1 }, Kind: 'text' },
    { Pattern: { source: ['b', 'c'], detail: { x: 2 } }, Whole: { a: 1, b: 2 }, Kind: ['text'] },
  );

  t.same(same, []);
  t.same(
    nested.map(({ path, type, expected, actual }) => [path, type, expected, actual]),
    [
      ['/Pattern/source/0', 'REMOVE', 'a', 'null'],
      ['/Pattern/source/1', 'ADD', 'null', 'c'],
      ['/Pattern/detail/x', 'NOT_EQUAL', '1', '2'],
      ['/Whole', 'NOT_EQUAL', '{"a":1}', '{"a":1,"b":2}'],
      ['/Kind', 'NOT_EQUAL', 'text', '["text"]'],
    ],
  );
  t.end();
});

t.test(
  'a stack marks what takes tags with its own and those of CloudFormation, and takes back what it no longer has',
  async (t) => {
    const { cfn, logs, events, clock } = await startDriftTest(t);
    const tagsOf = async () => (await logs.listTagsForResource({ resourceArn: GROUP_ARN })).tags;
    await logs.tagResource({ resourceArn: GROUP_ARN, tags: { team: 'soc' } });

    const { Stacks } = await cfn.describeStacks({ StackName: 'one' });
    const before = await tagsOf();
    await cfn.updateStack({
      StackName: 'one',
      UsePreviousTemplate: true,
      Parameters: [{ ParameterKey: 'EnableDlq', UsePreviousValue: true }],
      Tags: [{ Key: 'guardrelay:customer', Value: 'acme' }],
    });
    await clock.advance(2_000);
    const after = await tagsOf();
    const ofRule = await events.listTagsForResource({ ResourceARN: FINDINGS_ARN });

    const marks = {
      'aws:cloudformation:stack-id': Stacks?.[0]?.StackId,
      'aws:cloudformation:stack-name': 'one',
      'aws:cloudformation:logical-id': 'LogGroup',
      team: 'soc',
    };
    t.same(before, { ...marks, 'guardrelay:version': '1' });
    t.same(after, { ...marks, 'guardrelay:customer': 'acme' });
    t.same(ofRule.Tags?.map(({ Key }) => Key).sort(), [
      'aws:cloudformation:logical-id',
      'aws:cloudformation:stack-id',
      'aws:cloudformation:stack-name',
      'guardrelay:customer',
    ]);
    await events.putRule({ Name: 'guardrelay-findings', EventPattern: '{"source":["aws.guardduty"]}' });
    await events.tagResource({ ResourceARN: FINDINGS_ARN, Tags: [{ Key: 'team', Value: 'soc' }] });
    await events.untagResource({ ResourceARN: FINDINGS_ARN, TagKeys: ['guardrelay:customer'] });
    const kept = (await events.listTagsForResource({ ResourceARN: FINDINGS_ARN })).Tags;
    t.same(
      [kept?.length, kept?.at(-1)],
      [4, { Key: 'team', Value: 'soc' }],
      'a rule that is put again keeps its tags',
    );
    await logs.untagResource({ resourceArn: GROUP_ARN, tagKeys: ['team'] });
    t.notOk((await tagsOf())?.team);
    await t.rejects(logs.tagResource({ resourceArn: GROUP_ARN, tags: { 'aws:mine': '1' } }), {
      name: 'InvalidParameterException',
    });
    await t.rejects(logs.listTagsForResource({ resourceArn: `${GROUP_ARN}-none` }), {
      name: 'ResourceNotFoundException',
    });
  },
);

const MEMBER = '444455556666';
const REGIONS = ['eu-central-1', 'eu-west-1'];
const SET = { StackSetName: 'guardrelay' };

interface SetTest extends TestAws {
  readonly cfn: CloudFormation;
  /** Lets what is under way come to its end. */
  settle(): Promise<void>;
  /** Changes the retention of the log group of an account in a region. */
  retain(account: string, region: string): void;
}

/** A managed set with four stacks in two accounts. */
async function startSetTest(t: Test): Promise<SetTest> {
  const test = await startTestAws(t);
  test.aws.world.accounts.add({ id: MEMBER });
  addStackSetRoles(test.aws.world, ACCOUNT, [ACCOUNT, MEMBER]);
  const cfn = new CloudFormation(test.config());
  t.teardown(() => cfn.destroy());
  await cfn.createStackSet({ ...SET, TemplateBody: REGIONAL, ManagedExecution: { Active: true } });
  await cfn.createStackInstances({ ...SET, Accounts: [ACCOUNT, MEMBER], Regions: REGIONS });
  const settle = (): Promise<void> => test.clock.advance(10_000);
  await settle();
  return {
    ...test,
    cfn,
    settle,
    retain: (account, region) => test.aws.logs.groups({ account, region, partition: 'aws' }).retain(GROUP, 7),
  };
}

const TOLERANT = { FailureTolerancePercentage: 100, RegionConcurrencyType: 'PARALLEL' } as const;

t.test('the drift of a set is that of its stacks, one operation for all of them', async (t) => {
  const { aws, cfn, settle, retain, clock } = await startSetTest(t);
  const unchecked = (await cfn.describeStackSet(SET)).StackSet?.StackSetDriftDetectionDetails;
  retain(MEMBER, 'eu-west-1');
  const effect = { kind: 'error', code: 'AccessDenied', message: 'no' } as const;
  aws.world.faults.add({ operation: 'ReadResource', account: ACCOUNT, region: 'eu-west-1', effect });

  const begunAt = clock.now();
  const { OperationId } = await cfn.detectStackSetDrift({ ...SET, OperationPreferences: TOLERANT });
  const during = await cfn.describeStackSetOperation({ ...SET, OperationId });
  await t.rejects(cfn.detectStackSetDrift(SET), { name: 'OperationInProgressException' });
  await settle();
  const { StackSet } = await cfn.describeStackSet(SET);
  const { StackSetOperation } = await cfn.describeStackSetOperation({ ...SET, OperationId });
  const { Summaries: results = [] } = await cfn.listStackSetOperationResults({ ...SET, OperationId });
  const { Summaries: drifted = [] } = await cfn.listStackInstances({
    ...SET,
    Filters: [{ Name: 'DRIFT_STATUS', Values: 'DRIFTED' }],
  });
  const { Summaries: sets } = await cfn.listStackSets({});

  t.same(unchecked, { DriftStatus: 'NOT_CHECKED' });
  t.match(during.StackSetOperation, {
    Action: 'DETECT_DRIFT',
    Status: 'RUNNING',
    StackSetDriftDetectionDetails: { DriftDetectionStatus: 'IN_PROGRESS', InProgressStackInstancesCount: 4 },
  });
  const details = {
    DriftStatus: 'DRIFTED',
    DriftDetectionStatus: 'PARTIAL_SUCCESS',
    LastDriftCheckTimestamp: new Date(begunAt),
    TotalStackInstancesCount: 4,
    DriftedStackInstancesCount: 1,
    InSyncStackInstancesCount: 2,
    InProgressStackInstancesCount: 0,
    FailedStackInstancesCount: 1,
  };
  t.same(StackSet?.StackSetDriftDetectionDetails, details);
  t.match(StackSetOperation, { Status: 'SUCCEEDED', StackSetDriftDetectionDetails: details });
  t.match(sets, [{ DriftStatus: 'DRIFTED' }]);
  t.same(results.map(({ Account, Region, Status }) => `${Account} ${Region} ${Status}`).sort(), [
    `${ACCOUNT} eu-central-1 SUCCEEDED`,
    `${ACCOUNT} eu-west-1 FAILED`,
    `${MEMBER} eu-central-1 SUCCEEDED`,
    `${MEMBER} eu-west-1 SUCCEEDED`,
  ]);
  t.match(drifted, [{ Account: MEMBER, Region: 'eu-west-1', Status: 'CURRENT', DriftStatus: 'DRIFTED' }]);
  t.ok(drifted[0]?.LastDriftCheckTimestamp);
});

t.test('a set tells from its home what differs in a stack of another account', async (t) => {
  const { cfn, settle, retain } = await startSetTest(t);
  retain(MEMBER, 'eu-west-1');
  const { OperationId } = await cfn.detectStackSetDrift({ ...SET, OperationPreferences: TOLERANT });
  await settle();
  const there = { ...SET, StackInstanceAccount: MEMBER, StackInstanceRegion: 'eu-west-1', OperationId };

  const { Summaries: all = [] } = await cfn.listStackInstanceResourceDrifts(there);
  const { Summaries: modified } = await cfn.listStackInstanceResourceDrifts({
    ...there,
    StackInstanceResourceDriftStatuses: ['MODIFIED'],
  });

  t.equal(all.length, 5);
  t.match(modified, [
    {
      LogicalResourceId: 'LogGroup',
      PhysicalResourceId: GROUP,
      PropertyDifferences: [
        {
          PropertyPath: '/RetentionInDays',
          ExpectedValue: '30',
          ActualValue: '7',
          DifferenceType: 'NOT_EQUAL',
        },
      ],
    },
  ]);
  await t.rejects(cfn.listStackInstanceResourceDrifts({ ...there, OperationId: 'none' }), {
    name: 'OperationNotFoundException',
  });
  await t.rejects(cfn.listStackInstanceResourceDrifts({ ...there, StackInstanceRegion: 'eu-west-3' }), {
    name: 'StackInstanceNotFoundException',
  });
});

t.test(
  'a detection of a set waits behind an operation, and leaves instances as current as they are',
  async (t) => {
    const { cfn, settle } = await startSetTest(t);
    await cfn.createStackInstances({ ...SET, Accounts: [MEMBER], Regions: ['eu-west-3'] });

    const { OperationId } = await cfn.detectStackSetDrift({ ...SET, OperationPreferences: TOLERANT });
    const during = await cfn.describeStackSetOperation({ ...SET, OperationId });
    await settle();
    const { Summaries = [] } = await cfn.listStackInstances(SET);

    t.equal(during.StackSetOperation?.Status, 'QUEUED');
    t.same(
      Summaries.map(({ Status, DriftStatus, LastOperationId }) => [Status, DriftStatus, LastOperationId]),
      Array.from({ length: 5 }, () => ['CURRENT', 'IN_SYNC', OperationId]),
    );
  },
);

t.test('tags that a template gives are compared, those of its stack are not', async (t) => {
  const { cfn, logs, clock } = await startDriftTest(t);
  const group = (name: string) => ({
    Type: 'AWS::Logs::LogGroup',
    Properties: { LogGroupName: name, Tags: [{ Key: 'team', Value: 'soc' }] },
  });
  const arn = (name: string): string => `arn:aws:logs:${HOME.region}:${ACCOUNT}:log-group:${name}`;
  const TemplateBody = JSON.stringify({ Resources: { Kept: group('kept'), Changed: group('changed') } });
  await cfn.createStack({ StackName: 'two', TemplateBody, Tags: TAGS });
  await clock.advance(2_000);

  await logs.tagResource({ resourceArn: arn('changed'), tags: { team: 'dev', more: '1' } });
  await cfn.detectStackDrift({ StackName: 'two' });
  await clock.advance(2_000);
  const { StackResourceDrifts = [] } = await cfn.describeStackResourceDrifts({ StackName: 'two' });

  t.match(StackResourceDrifts, [
    { LogicalResourceId: 'Kept', StackResourceDriftStatus: 'IN_SYNC' },
    {
      LogicalResourceId: 'Changed',
      StackResourceDriftStatus: 'MODIFIED',
      PropertyDifferences: [
        { PropertyPath: '/Tags/0', DifferenceType: 'REMOVE', ExpectedValue: '{"Key":"team","Value":"soc"}' },
        { DifferenceType: 'ADD', ActualValue: '{"Key":"team","Value":"dev"}' },
        { DifferenceType: 'ADD', ActualValue: '{"Key":"more","Value":"1"}' },
      ],
    },
  ]);
});
