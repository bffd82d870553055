import { CloudWatchClient, GetMetricStatisticsCommand, type Statistic } from '@aws-sdk/client-cloudwatch';
import type { PutRuleCommandInput, Target } from '@aws-sdk/client-eventbridge';
import {
  DeleteRuleCommand,
  DescribeRuleCommand,
  DisableRuleCommand,
  EnableRuleCommand,
  EventBridgeClient,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import type { Test } from 'tap';
import t from 'tap';

import { compilePattern } from '../../agent/localaws/events/pattern.ts';
import type { JsonObject } from '../../agent/model/json.ts';
import { isJsonObject } from '../../agent/model/json.ts';
import type { TestAws } from '../support/local-aws.ts';
import { ACCOUNT, HOME, startTestAws } from '../support/local-aws.ts';

const GROUP = '/aws/events/guardrelay';
const GROUP_ARN = `arn:aws:logs:${HOME.region}:${ACCOUNT}:log-group:${GROUP}`;
const RULE_ARN = `arn:aws:events:${HOME.region}:${ACCOUNT}:rule/guardrelay-findings`;
const QUEUE_ARN = `arn:aws:sqs:${HOME.region}:${ACCOUNT}:guardrelay-dlq`;
const PATTERN = JSON.stringify({ source: ['aws.guardduty', 'guardrelay.canary'] });
const FINDING = { source: 'aws.guardduty', 'detail-type': 'GuardDuty Finding', detail: { id: 'f1' } };
const BOTH = ['events.amazonaws.com', 'delivery.logs.amazonaws.com'];

interface PolicyOptions {
  readonly services?: readonly string[];
  readonly createCondition?: unknown;
  readonly ruleArn?: string;
  readonly groupArn?: string;
}

/** The policy of the regional template, or a spoilt one. */
function deliveryPolicy(options: PolicyOptions = {}): string {
  const { services = BOTH, createCondition, ruleArn = RULE_ARN, groupArn = GROUP_ARN } = options;
  const statement = { Effect: 'Allow', Principal: { Service: services } };
  const create = { ...statement, Action: 'logs:CreateLogStream', Resource: `${groupArn}:*` };
  const put = { ...statement, Action: 'logs:PutLogEvents', Resource: `${groupArn}:*:*` };
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      createCondition ? { ...create, Condition: createCondition } : create,
      { ...put, Condition: { ArnEquals: { 'aws:SourceArn': [ruleArn] } } },
    ],
  });
}

interface EventsTest extends TestAws {
  readonly client: EventBridgeClient;
  putRule(rule?: Partial<PutRuleCommandInput>, target?: Partial<Target>): Promise<void>;
  allow(policy?: string): void;
  /** What stands in the log group. */
  written(): { readonly timestamp: number; readonly event: JsonObject }[];
}

async function startEvents(t: Test): Promise<EventsTest> {
  const test = await startTestAws(t);
  const client = new EventBridgeClient(test.config());
  test.aws.logs.groups(HOME).create({ name: GROUP });
  return {
    ...test,
    client,
    async putRule(rule = { EventPattern: PATTERN }, target = {}) {
      const Name = 'guardrelay-findings';
      await client.send(new PutRuleCommand({ Name, ...rule }));
      const Targets = [{ Id: 'logs', Arn: GROUP_ARN, ...target }];
      await client.send(new PutTargetsCommand({ Rule: rule.Name ?? Name, Targets }));
    },
    allow: (policy = deliveryPolicy()) =>
      void test.aws.logs.policies(HOME).putForAccount('guardrelay-events', policy),
    written: () =>
      test.aws.logs
        .groups(HOME)
        .get(GROUP)
        .rows.all.map(({ timestamp, message }) => {
          const event: unknown = JSON.parse(message);
          if (!isJsonObject(event)) throw new TypeError('a log event is not an object');
          return { timestamp, event };
        }),
  };
}

t.test('a matching event becomes one line in the log group, in the time of the event', async (t) => {
  const { aws, clock, putRule, allow, written } = await startEvents(t);
  allow();
  await putRule();
  await clock.advance(1234);

  const id = aws.events.emit(HOME, { ...FINDING, resources: ['arn:x'] });
  aws.events.emit(HOME, { ...FINDING, source: 'aws.ec2' });

  t.same(written(), [
    {
      timestamp: Date.UTC(2026, 0, 1, 0, 0, 1),
      event: {
        version: '0',
        id,
        'detail-type': 'GuardDuty Finding',
        source: 'aws.guardduty',
        account: ACCOUNT,
        time: '2026-01-01T00:00:01Z',
        region: HOME.region,
        resources: ['arn:x'],
        detail: { id: 'f1' },
      },
    },
  ]);
  t.same(aws.events.counts(HOME), { delivered: 1, deadLettered: 0, dropped: 0 });
});

t.test('nothing is written, and nobody is told, when the plumbing is wrong', async (t) => {
  const sourceArn = { ArnEquals: { 'aws:SourceArn': RULE_ARN } };
  const table: { name: string; policy?: string; target?: Partial<Target> }[] = [
    { name: 'no policy', policy: JSON.stringify({ Statement: [] }) },
    { name: 'no delivery service', policy: deliveryPolicy({ services: BOTH.slice(0, 1) }) },
    { name: 'no events service', policy: deliveryPolicy({ services: BOTH.slice(1) }) },
    { name: 'a source condition on CreateLogStream', policy: deliveryPolicy({ createCondition: sourceArn }) },
    { name: 'another rule', policy: deliveryPolicy({ ruleArn: `${RULE_ARN}-2` }) },
    { name: 'another group', policy: deliveryPolicy({ groupArn: `${GROUP_ARN}-2` }) },
    { name: 'a target with :*', target: { Arn: `${GROUP_ARN}:*` } },
    { name: 'a group that is not there', target: { Arn: `${GROUP_ARN}-2` } },
  ];

  for (const { name, policy, target } of table) {
    const { aws, putRule, allow, written } = await startEvents(t);
    allow(policy);
    await putRule(undefined, target);

    aws.events.emit(HOME, FINDING);

    t.same(written(), [], name);
    t.equal(aws.events.counts(HOME).dropped, 1, name);
  }
});

t.test('a policy may name the rule by wildcard, or stand on the group itself', async (t) => {
  const { aws, putRule, allow, written } = await startEvents(t);
  await putRule();

  allow(deliveryPolicy({ ruleArn: `arn:aws:events:*:${ACCOUNT}:rule/guardrelay-*` }));
  aws.events.emit(HOME, FINDING);
  aws.logs.policies(HOME).deleteForAccount('guardrelay-events');
  aws.logs.policies(HOME).putForGroup(GROUP_ARN, 'own', deliveryPolicy());
  aws.events.emit(HOME, FINDING);

  t.equal(written().length, 2);
});

t.test('what cannot be written goes to the dead-letter queue, if its policy lets it', async (t) => {
  const { aws, putRule } = await startEvents(t);
  const queue = aws.queues.create(HOME, 'guardrelay-dlq');
  await putRule(undefined, { DeadLetterConfig: { Arn: QUEUE_ARN } });
  const allowQueue = (ruleArn: string) => {
    const statement = {
      Effect: 'Allow',
      Principal: { Service: 'events.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: QUEUE_ARN,
      Condition: { ArnEquals: { 'aws:SourceArn': ruleArn } },
    };
    aws.queues.setPolicy(HOME, QUEUE_ARN, { Statement: statement });
  };

  aws.events.emit(HOME, FINDING);
  allowQueue(`${RULE_ARN}-2`);
  aws.events.emit(HOME, FINDING);
  allowQueue(RULE_ARN);
  const id = aws.events.emit(HOME, FINDING);

  t.same(aws.events.counts(HOME), { delivered: 0, deadLettered: 1, dropped: 2 });
  const [letter] = queue.messages;
  t.match(letter?.attributes, { RULE_ARN, TARGET_ARN: GROUP_ARN, ERROR_CODE: 'NO_PERMISSIONS' });
  t.match(JSON.parse(letter?.body ?? ''), { id });
});

interface MetricQuery {
  readonly MetricName: string;
  readonly minutes: number;
  readonly Period?: number;
  readonly Statistics?: Statistic[];
}

t.test('CloudWatch counts what rules send, and says nothing of what never happened', async (t) => {
  const test = await startEvents(t);
  const { aws, clock, putRule, allow } = test;
  const cloudwatch = new CloudWatchClient(test.config());
  const ask = async ({ minutes, Period = 60, Statistics = ['Sum'], ...query }: MetricQuery) => {
    const EndTime = new Date(clock.now() + 60_000);
    const StartTime = new Date(EndTime.getTime() - minutes * 60_000);
    const Dimensions = [{ Name: 'RuleName', Value: 'guardrelay-findings' }];
    const span = { StartTime, EndTime, Period, Statistics };
    const answer = await cloudwatch.send(
      new GetMetricStatisticsCommand({ Namespace: 'AWS/Events', Dimensions, ...query, ...span }),
    );
    return answer.Datapoints ?? [];
  };
  aws.queues.create(HOME, 'guardrelay-dlq');
  await putRule(undefined, { DeadLetterConfig: { Arn: QUEUE_ARN } });

  aws.events.emit(HOME, FINDING);
  aws.events.emit(HOME, FINDING);
  await clock.advance(5 * 60_000);
  aws.events.emit(HOME, FINDING);
  allow();
  aws.events.emit(HOME, FINDING);
  await putRule(undefined, { Arn: `${GROUP_ARN}:*` });
  aws.events.emit(HOME, FINDING);

  const failed = await ask({ MetricName: 'FailedInvocations', minutes: 10, Statistics: ['Sum', 'Maximum'] });
  t.same(
    failed.map(({ Timestamp, Sum, Maximum, Unit }) => [Timestamp?.toISOString(), Sum, Maximum, Unit]),
    [
      ['2026-01-01T00:05:00.000Z', 1, 1, 'Count'],
      ['2026-01-01T00:00:00.000Z', 2, 1, 'Count'],
    ],
    'a target with :* fails nowhere',
  );
  t.match(await ask({ MetricName: 'FailedInvocations', minutes: 10, Period: 600 }), [{ Sum: 3 }]);
  t.match(await ask({ MetricName: 'FailedInvocations', minutes: 2 }), [{ Sum: 1 }], 'the time is kept to');
  t.match(await ask({ MetricName: 'Invocations', minutes: 10, Period: 600 }), [{ Sum: 4 }]);
  t.match(await ask({ MetricName: 'InvocationsFailedToBeSentToDlq', minutes: 10, Period: 600 }), [
    { Sum: 3 },
  ]);
  t.same(await ask({ MetricName: 'InvocationsSentToDlq', minutes: 10 }), []);
  await t.rejects(ask({ MetricName: 'Invocations', minutes: 1441 }), /1441 datapoints/);
  await t.rejects(ask({ MetricName: 'Invocations', minutes: 0 }), /StartTime must be less/);
  await t.rejects(ask({ MetricName: 'Invocations', minutes: 10, Period: 45 }), /Period/);
  await clock.advance(16 * 86_400_000);
  t.same(await ask({ MetricName: 'Invocations', minutes: 17 * 1440, Period: 86_400 }), [], 'kept 15 days');
});

t.test('the faults of delivery', async (t) => {
  const { aws, putRule, allow, written } = await startEvents(t);
  const site = { service: 'events', operation: 'Deliver' };
  allow();
  await putRule();

  aws.world.faults.add({ ...site, times: 1, effect: { kind: 'duplicate', copies: 2 } });
  aws.events.emit(HOME, FINDING);
  t.equal(written().length, 2);
  t.equal(written()[0]?.event.id, written()[1]?.event.id);

  aws.world.faults.add({ ...site, effect: { kind: 'undeliverable' } });
  aws.events.emit(HOME, FINDING);
  t.equal(written().length, 2);
});

t.test('a disabled rule delivers nothing, and a rule with a schedule only matches nothing', async (t) => {
  const { aws, client, putRule, allow, written } = await startEvents(t);
  allow();
  await putRule({ EventPattern: PATTERN, State: 'DISABLED' });
  await putRule({ Name: 'guardrelay-heartbeat', ScheduleExpression: 'rate(1 hour)' });

  aws.events.emit(HOME, FINDING);
  t.same(written(), []);

  await client.send(new EnableRuleCommand({ Name: 'guardrelay-findings' }));
  aws.events.emit(HOME, FINDING);
  t.equal(written().length, 1);

  await client.send(new DisableRuleCommand({ Name: 'guardrelay-findings' }));
  aws.events.emit(HOME, FINDING);
  t.equal(written().length, 1);
});

t.test('a schedule fires on the clock until its rule is disabled', async (t) => {
  const { clock, client, putRule, allow, written } = await startEvents(t);
  allow();
  await putRule({ ScheduleExpression: 'rate(5 minutes)' });

  await clock.advance(14 * 60_000);
  t.same(
    written().map(({ event }) => event.time),
    ['2026-01-01T00:05:00Z', '2026-01-01T00:10:00Z'],
  );
  t.match(written()[0]?.event, {
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: ACCOUNT,
    region: HOME.region,
    resources: [RULE_ARN],
    detail: {},
  });

  await client.send(new DisableRuleCommand({ Name: 'guardrelay-findings' }));
  await clock.advance(60 * 60_000);
  t.equal(written().length, 2);

  await client.send(new EnableRuleCommand({ Name: 'guardrelay-findings' }));
  await clock.advance(5 * 60_000);
  t.equal(written().length, 3);
});

t.test('schedules of many rates share the clock', async (t) => {
  const { clock, client, putRule, allow, written } = await startEvents(t);
  allow(deliveryPolicy({ ruleArn: `arn:aws:events:*:${ACCOUNT}:rule/*` }));
  await putRule({ Name: 'slow', ScheduleExpression: 'rate(10 minutes)' });
  await clock.advance(60_000);
  await putRule({ Name: 'fast', ScheduleExpression: 'rate(1 minute)' });

  await clock.advance(10 * 60_000);
  await client.send(new RemoveTargetsCommand({ Rule: 'fast', Ids: ['logs'] }));
  await client.send(new DeleteRuleCommand({ Name: 'fast' }));
  await clock.advance(10 * 60_000);

  const rules = written().map(({ event }) => `${JSON.stringify(event.resources)}`.split('/')[1]?.slice(0, 4));
  t.equal(rules.filter((rule) => rule === 'fast').length, 10);
  t.equal(rules.filter((rule) => rule === 'slow').length, 2);
});

t.test('PutEvents answers for each entry, and refuses the sources of AWS', async (t) => {
  const { client, clock, putRule, allow, written } = await startEvents(t);
  allow();
  await putRule();
  const canary = { Source: 'guardrelay.canary', DetailType: 'guardrelay canary', Detail: '{"id":"c1"}' };

  const { FailedEntryCount, Entries } = await client.send(
    new PutEventsCommand({
      Entries: [
        { ...canary, Time: new Date(clock.now() - 60_500) },
        { ...canary, Source: 'aws.guardduty' },
        { ...canary, Detail: '{' },
        { ...canary, Detail: '[]' },
        { Source: 'guardrelay.canary', Detail: '{}' },
      ],
    }),
  );

  t.equal(FailedEntryCount, 4);
  t.match(Entries?.[0], { EventId: /^[0-9a-f-]{36}$/ });
  t.same(
    Entries?.slice(1).map(({ ErrorCode }) => ErrorCode),
    ['NotAuthorizedForSourceException', 'MalformedDetail', 'MalformedDetail', 'InvalidArgument'],
  );
  t.match(written(), [{ event: { time: '2025-12-31T23:58:59Z', detail: { id: 'c1' } } }]);
  await t.rejects(client.send(new PutEventsCommand({ Entries: [] })), { name: 'ValidationException' });
});

t.test('a role may be allowed one source of events and no other', async (t) => {
  const test = await startEvents(t);
  const arn = `arn:aws:iam::${ACCOUNT}:role/Reader`;
  const canaryOnly = {
    Effect: 'Allow',
    Action: ['events:PutEvents'],
    Resource: `arn:aws:events:*:${ACCOUNT}:event-bus/default`,
    Condition: { StringEquals: { 'events:source': 'guardrelay.canary' } },
  };
  test.aws.world.principals.putRole({
    account: ACCOUNT,
    name: 'Reader',
    arn,
    trust: { Statement: { Effect: 'Allow', Principal: { AWS: ACCOUNT }, Action: 'sts:AssumeRole' } },
    policies: { canary: { Statement: [canaryOnly] } },
  });
  const keys = test.aws.world.principals.assume(
    { ...HOME, arn: `arn:aws:iam::${ACCOUNT}:user/admin` },
    { roleArn: arn, sessionName: 'canary', durationSeconds: 900 },
  );
  const client = new EventBridgeClient(test.config({ keys }));
  const put = (...sources: string[]) =>
    client.send(
      new PutEventsCommand({
        Entries: sources.map((Source) => ({ Source, DetailType: 'x', Detail: '{}' })),
      }),
    );

  await t.resolves(put('guardrelay.canary'));
  await t.rejects(put('guardrelay.canary', 'mine'), { name: 'AccessDeniedException' });
  await t.rejects(client.send(new ListRulesCommand({})), { name: 'AccessDeniedException' });
});

t.test('rules and targets are kept and checked', async (t) => {
  const { client, putRule } = await startEvents(t);
  await putRule();
  const rule = { Name: 'r', EventPattern: PATTERN };
  const put = (input: Partial<PutRuleCommandInput>) =>
    client.send(new PutRuleCommand({ Name: 'r', ...input }));
  const target = (input: Partial<Target>) =>
    client.send(
      new PutTargetsCommand({
        Rule: 'guardrelay-findings',
        Targets: [{ Id: 'a', Arn: GROUP_ARN, ...input }],
      }),
    );

  await t.rejects(put({}), { name: 'ValidationException' }, 'neither pattern nor schedule');
  await t.rejects(put({ ...rule, Name: 'x'.repeat(65) }), { name: 'ValidationException' });
  await t.rejects(put({ ...rule, EventBusName: 'mine' }), { name: 'ValidationException' });
  await t.rejects(put({ EventPattern: '{"source":"aws.guardduty"}' }), {
    name: 'InvalidEventPatternException',
  });
  await t.rejects(put({ ScheduleExpression: 'rate(1 minutes)' }), { name: 'ValidationException' });
  await t.rejects(put({ ScheduleExpression: 'rate(5 minute)' }), { name: 'ValidationException' });
  await t.rejects(put({ ScheduleExpression: 'cron(0 * * * ? *)' }), { message: /rate\(\.\.\.\) only/ });
  await t.rejects(target({ RoleArn: 'arn:aws:iam::1:role/x' }), { name: 'ValidationException' });
  await t.rejects(target({ InputPath: '$.detail' }), { name: 'ValidationException' });
  await t.rejects(target({ Arn: 'arn:aws:lambda:eu-central-1:1:function:x' }), {
    message: /log groups and event buses only/,
  });
  for (const Id of ['1', '2', '3', '4']) await target({ Id });
  await t.rejects(target({ Id: '5' }), { name: 'LimitExceededException' });

  const described = await client.send(new DescribeRuleCommand({ Name: 'guardrelay-findings' }));
  t.match(described, { Arn: RULE_ARN, State: 'ENABLED', EventPattern: PATTERN, EventBusName: 'default' });
  const { Targets } = await client.send(new ListTargetsByRuleCommand({ Rule: 'guardrelay-findings' }));
  t.match(Targets?.[0], { Id: 'logs', Arn: GROUP_ARN });
  t.equal(Targets?.length, 5);
  const { Rules } = await client.send(new ListRulesCommand({ NamePrefix: 'guardrelay' }));
  t.match(Rules, [{ Name: 'guardrelay-findings' }]);
  await t.rejects(client.send(new DeleteRuleCommand({ Name: 'guardrelay-findings' })), {
    name: 'ValidationException',
    message: /has targets/,
  });
  await t.rejects(client.send(new DescribeRuleCommand({ Name: 'gone' })), {
    name: 'ResourceNotFoundException',
  });
});

t.test('event patterns match as EventBridge documents it', async (t) => {
  const event = {
    source: 'aws.guardduty',
    'detail-type': 'GuardDuty Finding',
    resources: [],
    detail: {
      severity: 8,
      readOnly: false,
      name: 'Recon:EC2/PortProbe',
      tags: ['a', 'b'],
      nothing: null,
      people: [{ role: 'admin' }, { role: 'user' }],
    },
  };
  const table: [pattern: unknown, matches: boolean][] = [
    [{ source: ['aws.guardduty'] }, true],
    [{ source: ['aws.ec2', 'aws.guardduty'], 'detail-type': ['x'] }, false],
    [{ source: [{ prefix: 'aws.' }] }, true],
    [{ source: [{ prefix: { 'equals-ignore-case': 'AWS.' } }] }, true],
    [{ source: [{ suffix: 'duty' }] }, true],
    [{ source: [{ suffix: 'Duty' }] }, false],
    [{ source: [{ 'equals-ignore-case': 'AWS.GuardDuty' }] }, true],
    [{ source: [{ wildcard: 'aws.*d*y' }] }, true],
    [{ source: [{ wildcard: 'aws\\.*' }] }, false],
    [{ source: [{ 'anything-but': 'aws.ec2' }] }, true],
    [{ source: [{ 'anything-but': ['aws.ec2', 'aws.guardduty'] }] }, false],
    [{ source: [{ 'anything-but': { prefix: 'aws.' } }] }, false],
    [{ source: [{ 'anything-but': { suffix: ['x', 'y'] } }] }, false],
    [{ source: [{ 'anything-but': { wildcard: '*ec2*' } }] }, true],
    [{ absent: [{ 'anything-but': 'x' }] }, false],
    [{ absent: [{ exists: false }] }, true],
    [{ absent: { inside: [{ exists: false }] } }, true],
    [{ source: [{ exists: false }] }, false],
    [{ resources: [{ exists: true }] }, false],
    [{ detail: { severity: [{ numeric: ['>=', 7, '<', 9] }] } }, true],
    [{ detail: { severity: [{ numeric: ['=', 8.0] }] } }, true],
    [{ detail: { severity: [{ numeric: ['<', 8] }] } }, false],
    [{ detail: { severity: ['8'] } }, false],
    [{ detail: { severity: [8] } }, true],
    [{ detail: { readOnly: [false] } }, true],
    [{ detail: { readOnly: ['false'] } }, false],
    [{ detail: { nothing: [null] } }, true],
    [{ detail: { tags: ['b', 'c'] } }, true],
    [{ detail: { people: { role: ['user'] } } }, true],
    [{ detail: { people: { role: ['guest'] } } }, false],
    [{ detail: { toString: [{ exists: true }] } }, false],
    [{ $or: [{ source: ['x'] }, { detail: { severity: [8] } }] }, true],
  ];

  for (const [pattern, matches] of table) {
    const text = JSON.stringify(pattern);
    t.equal(compilePattern(text)(event), matches, text);
  }
});

t.test('event patterns that EventBridge refuses are refused', async (t) => {
  const table = [
    '{',
    '[]',
    '{}',
    '{"source":"x"}',
    '{"source":[]}',
    '{"detail":{}}',
    '{"source":[{"cidr":"10.0.0.0/8"}]}',
    '{"source":[{"prefix":"a","suffix":"b"}]}',
    '{"source":[{"prefix":1}]}',
    '{"source":[{"exists":"yes"}]}',
    '{"source":[{"numeric":["~",1]}]}',
    '{"source":[{"numeric":[">"]}]}',
    '{"source":[{"anything-but":[]}]}',
    '{"source":[{"anything-but":[true]}]}',
    '{"source":[{"anything-but":{"exists":true}}]}',
    '{"source":[{"anything-but":{"prefix":"a","suffix":"b"}}]}',
    '{"source":[{"anything-but":{"prefix":[]}}]}',
    '{"source":[{"wildcard":"a**b"}]}',
    '{"$or":[{"source":["x"]}]}',
    JSON.stringify({ source: ['x'.repeat(4096)] }),
  ];

  for (const pattern of table) {
    t.throws(() => compilePattern(pattern), { code: 'InvalidEventPatternException' }, pattern.slice(0, 60));
  }
});
