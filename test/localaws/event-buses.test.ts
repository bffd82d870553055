import type { Target } from '@aws-sdk/client-eventbridge';
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import type { Test } from 'tap';
import t from 'tap';

import type { Place } from '../../agent/localaws/service.ts';
import { isJsonObject } from '../../agent/model/json.ts';
import type { TestAws } from '../support/local-aws.ts';
import { ACCOUNT, HOME, startTestAws } from '../support/local-aws.ts';

const HUB: Place = HOME;
const SPOKE: Place = { ...HOME, region: 'us-east-1' };
const THIRD: Place = { ...HOME, region: 'eu-west-1' };
const GROUP = '/aws/events/guardrelay';
const ROLE_ARN = `arn:aws:iam::${ACCOUNT}:role/forwarding`;
const PATTERN = JSON.stringify({ source: ['aws.guardduty'] });
const FINDING = { source: 'aws.guardduty', 'detail-type': 'GuardDuty Finding', detail: { id: 'f1' } };
const QUEUE_ARN = `arn:aws:sqs:${SPOKE.region}:${ACCOUNT}:guardrelay-dlq`;

interface RoleParts {
  readonly service?: string;
  readonly sourceArn?: string;
  readonly bus?: string;
}

interface BusesTest extends TestAws {
  putRole(parts?: RoleParts): void;
  /** A rule whose only target is the bus of another region. */
  forward(from: Place, to: Place, target?: Partial<Target>): Promise<void>;
  /** The events in the hub's log group. */
  written(): readonly unknown[];
}

function busArn({ region, account }: Place): string {
  return `arn:aws:events:${region}:${account}:event-bus/default`;
}

/** A hub region with a log group, into which its rule writes findings. */
async function startBuses(t: Test): Promise<BusesTest> {
  const test = await startTestAws(t);
  const { aws } = test;
  const groups = aws.logs.groups(HUB);
  const group = groups.create({ name: GROUP });
  const statement = {
    Effect: 'Allow',
    Principal: { Service: ['events.amazonaws.com', 'delivery.logs.amazonaws.com'] },
    Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    Resource: `${group.arn}:*`,
  };
  aws.logs.policies(HUB).putForAccount('write', JSON.stringify({ Statement: [statement] }));
  const writing = aws.events.rules(HUB);
  writing.put({ name: 'write', eventPattern: JSON.stringify({ source: ['aws.guardduty', 'aws.events'] }) });
  writing.addTargets('write', [{ Id: 'logs', Arn: group.arn }]);

  return {
    ...test,
    putRole({
      service = 'events.amazonaws.com',
      sourceArn = `arn:aws:events:*:${ACCOUNT}:rule/forward`,
      bus,
    } = {}) {
      const Condition = {
        StringEquals: { 'aws:SourceAccount': ACCOUNT },
        ArnLike: { 'aws:SourceArn': sourceArn },
      };
      const Principal = { Service: service };
      const trust = { Statement: [{ Effect: 'Allow', Principal, Action: 'sts:AssumeRole', Condition }] };
      const put = { Effect: 'Allow', Action: 'events:PutEvents', Resource: bus ?? busArn(HUB) };
      const role = { account: ACCOUNT, name: 'forwarding', arn: ROLE_ARN, trust };
      aws.world.principals.putRole({ ...role, policies: { put: { Statement: [put] } } });
    },
    async forward(from, to, target = {}) {
      const client = new EventBridgeClient(test.config({ region: from.region }));
      await client.send(new PutRuleCommand({ Name: 'forward', EventPattern: PATTERN }));
      const Targets = [{ Id: 'hub', Arn: busArn(to), RoleArn: ROLE_ARN, ...target }];
      await client.send(new PutTargetsCommand({ Rule: 'forward', Targets }));
    },
    written: () => groups.get(GROUP).rows.all.map(({ message }): unknown => JSON.parse(message)),
  };
}

t.test('an event reaches the rules of another region as it was in its own', async (t) => {
  const { aws, putRole, forward, written } = await startBuses(t);
  putRole();
  await forward(SPOKE, HUB);

  const id = aws.events.emit(SPOKE, { ...FINDING, resources: ['arn:x'], time: '2026-01-01T00:00:00Z' });

  const envelope = { version: '0', id, account: ACCOUNT, region: SPOKE.region, time: '2026-01-01T00:00:00Z' };
  t.same(written(), [{ ...envelope, ...FINDING, resources: ['arn:x'] }]);
  t.same(aws.events.counts(SPOKE), { delivered: 1, deadLettered: 0, dropped: 0 });
  t.same(aws.events.counts(HUB), { delivered: 1, deadLettered: 0, dropped: 0 });
});

t.test('a schedule may have the bus of another region as its target', async (t) => {
  const { aws, clock, putRole, written } = await startBuses(t);
  putRole({ sourceArn: `arn:aws:events:*:${ACCOUNT}:rule/beat` });
  const rules = aws.events.rules(SPOKE);
  const { arn } = rules.put({ name: 'beat', scheduleExpression: 'rate(5 minutes)' });
  rules.addTargets('beat', [{ Id: 'hub', Arn: busArn(HUB), RoleArn: ROLE_ARN }]);

  await clock.advance(10 * 60_000);

  const beats = written().filter(isJsonObject);
  t.equal(beats.length, 2);
  t.match(beats[0], { source: 'aws.events', region: SPOKE.region, resources: [arn] });
});

t.test('a bus as a target needs a role that EventBridge can assume for this rule', async (t) => {
  const table: { name: string; role?: RoleParts; target?: Partial<Target>; message: RegExp }[] = [
    { name: 'no role', message: /cannot be assumed by principal 'events.amazonaws.com'/ },
    { name: 'another service', role: { service: 'lambda.amazonaws.com' }, message: /cannot be assumed/ },
    {
      name: 'another rule',
      role: { sourceArn: 'arn:aws:events:*:*:rule/other' },
      message: /cannot be assumed/,
    },
    { name: 'its own bus', role: {}, target: { Arn: busArn(SPOKE) }, message: /another region/ },
  ];

  for (const { name, role, target, message } of table) {
    const { putRole, forward } = await startBuses(t);
    if (role) putRole(role);

    await t.rejects(forward(SPOKE, HUB, target), { name: 'ValidationException', message }, name);
  }
});

t.test('a bus as a target needs a role at all', async (t) => {
  const { config, putRole } = await startBuses(t);
  putRole();
  const client = new EventBridgeClient(config({ region: SPOKE.region }));
  await client.send(new PutRuleCommand({ Name: 'forward', EventPattern: PATTERN }));

  const Targets = [{ Id: 'hub', Arn: busArn(HUB) }];
  const putting = client.send(new PutTargetsCommand({ Rule: 'forward', Targets }));

  await t.rejects(putting, { message: `RoleArn is required for target ${busArn(HUB)}.` });
});

t.test(
  'what the role no longer allows goes to the dead-letter queue of its own region, or nowhere',
  async (t) => {
    const { aws, putRole, forward, written } = await startBuses(t);
    const send = {
      Effect: 'Allow',
      Principal: { Service: 'events.amazonaws.com' },
      Action: 'sqs:SendMessage',
    };
    const { messages } = aws.queues.create(SPOKE, 'guardrelay-dlq');
    aws.queues.setPolicy(SPOKE, 'guardrelay-dlq', { Statement: [{ ...send, Resource: QUEUE_ARN }] });
    putRole();
    await forward(SPOKE, HUB, { DeadLetterConfig: { Arn: QUEUE_ARN } });
    await forward(THIRD, HUB);

    putRole({ bus: busArn(THIRD) });
    aws.events.emit(SPOKE, FINDING);
    aws.world.principals.deleteRole(ACCOUNT, 'forwarding');
    aws.events.emit(SPOKE, FINDING);
    aws.events.emit(THIRD, FINDING);

    t.same(written(), []);
    t.equal(messages.length, 2);
    t.match(messages[0]?.attributes, { ERROR_CODE: 'NO_PERMISSIONS', TARGET_ARN: busArn(HUB) });
    t.equal(aws.events.counts(THIRD).dropped, 1);
  },
);

t.test('what came from another bus is not sent on to a third', async (t) => {
  const { aws, putRole, forward, written } = await startBuses(t);
  putRole({ bus: '*' });
  await forward(SPOKE, THIRD);
  await forward(THIRD, HUB);
  await forward(HUB, SPOKE);

  aws.events.emit(SPOKE, FINDING);
  aws.events.emit(HUB, FINDING);

  t.equal(written().length, 1, 'the one that began in the hub');
  t.same(aws.events.counts(THIRD), { delivered: 0, deadLettered: 0, dropped: 1 });
});
