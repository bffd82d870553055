import type { Test } from 'tap';
import t from 'tap';

import { createWorld } from '../../agent/localaws/create-world.ts';
import type { Place, Properties, ResourceHandler } from '../../agent/localaws/service.ts';
import type { Cloud } from '../../agent/localaws/services/index.ts';
import { createCloud } from '../../agent/localaws/services/index.ts';
import type { World } from '../../agent/localaws/world.ts';
import { ACCOUNT, HOME } from '../support/local-aws.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const GROUP = { LogGroupName: '/aws/events/guardrelay', RetentionInDays: '30' };
const GROUP_ARN = `arn:aws:logs:${HOME.region}:${ACCOUNT}:log-group:/aws/events/guardrelay`;

interface Resources extends Omit<Cloud, 'services'> {
  readonly world: World;
  handler(type: string): ResourceHandler;
}

function start(t: Test): Resources {
  const world = createWorld(createVirtualClock());
  world.accounts.add({ id: ACCOUNT });
  const { services, ...inside } = createCloud(world);
  t.teardown(() => {
    for (const service of services) service.close?.();
  });
  const handlers = services.flatMap(({ resources }) => resources);
  return {
    ...inside,
    world,
    handler(type) {
      const found = handlers.find((handler) => handler.type === type);
      if (!found) throw new Error(`no handler for ${type}`);
      return found;
    },
  };
}

t.test('every type can be made, found, made again and deleted', async (t) => {
  const { handler } = start(t);
  const queueArn = `arn:aws:sqs:${HOME.region}:${ACCOUNT}:dlq`;
  const table: [type: string, properties: Properties, physicalId: string, attributes: unknown][] = [
    ['AWS::Logs::LogGroup', GROUP, GROUP.LogGroupName, { Arn: `${GROUP_ARN}:*` }],
    ['AWS::Logs::ResourcePolicy', { PolicyName: 'p', PolicyDocument: '{"Statement":[]}' }, 'p', {}],
    [
      'AWS::Events::Rule',
      { Name: 'r', ScheduleExpression: 'rate(1 minute)', Targets: [{ Id: 'logs', Arn: GROUP_ARN }] },
      'r',
      { Arn: `arn:aws:events:${HOME.region}:${ACCOUNT}:rule/r` },
    ],
    [
      'AWS::SQS::Queue',
      { QueueName: 'dlq' },
      `https://sqs.${HOME.region}.amazonaws.com/${ACCOUNT}/dlq`,
      { Arn: queueArn, QueueName: 'dlq' },
    ],
    [
      'AWS::IAM::Role',
      { RoleName: 'Reader', AssumeRolePolicyDocument: { Statement: [] } },
      'Reader',
      { Arn: `arn:aws:iam::${ACCOUNT}:role/Reader` },
    ],
  ];

  for (const [type, properties, physicalId, attributes] of table) {
    const handle = handler(type);
    const made = await handle.create(HOME, properties, 'Logical');
    t.equal(made.physicalId, physicalId, type);
    t.match(made.attributes, attributes, type);
    t.same(await handle.find?.(HOME, properties), made, type);
    t.same(await handle.update(HOME, physicalId, properties, 'Logical'), made, type);

    await handle.delete(HOME, physicalId);
    t.equal(await handle.find?.(HOME, properties), undefined, type);
    await t.resolves(handle.delete(HOME, physicalId), `${type}: what is gone stays gone`);
  }
});

t.test('the address of a queue belongs to its partition', async (t) => {
  const { handler } = start(t);

  for (const [partition, region, host] of [
    ['aws-cn', 'cn-north-1', 'sqs.cn-north-1.amazonaws.com.cn'],
    ['aws-eusc', 'eusc-de-east-1', 'sqs.eusc-de-east-1.amazonaws.eu'],
  ] as const) {
    const place = { account: ACCOUNT, region, partition };
    const { physicalId } = await handler('AWS::SQS::Queue').create(place, { QueueName: 'dlq' }, 'Queue');
    t.equal(physicalId, `https://${host}/${ACCOUNT}/dlq`);
  }
});

t.test('a resource that exists already is not made again', async (t) => {
  const { handler } = start(t);
  const table: [type: string, properties: Properties][] = [
    ['AWS::Logs::LogGroup', GROUP],
    ['AWS::Events::Rule', { Name: 'r', EventPattern: { source: ['x'] } }],
    ['AWS::SQS::Queue', { QueueName: 'dlq' }],
    ['AWS::IAM::Role', { RoleName: 'Reader', AssumeRolePolicyDocument: { Statement: [] } }],
  ];

  for (const [type, properties] of table) {
    await handler(type).create(HOME, properties, 'Logical');
    await t.rejects(handler(type).create(HOME, properties, 'Other'), { message: /already exists/ }, type);
  }
});

t.test('a new name is a new resource', async (t) => {
  const { handler, logs } = start(t);
  const groups = handler('AWS::Logs::LogGroup');
  const { physicalId } = await groups.create(HOME, GROUP, 'Logical');

  const replaced = await groups.update(HOME, physicalId, { LogGroupName: '/other' }, 'Logical');

  t.equal(replaced.physicalId, '/other');
  t.ok(logs.groups(HOME).find(physicalId));
});

t.test('a log group follows its properties, and its class stays', async (t) => {
  const { handler, logs } = start(t);
  const groups = handler('AWS::Logs::LogGroup');
  await groups.create(HOME, { ...GROUP, ResourcePolicyDocument: { Statement: [] } }, 'Logical');
  t.equal(logs.groups(HOME).get(GROUP.LogGroupName).retentionInDays, 30);
  t.match(logs.policies(HOME).list(), [{ policyScope: 'RESOURCE', resourceArn: GROUP_ARN }]);

  await groups.update(HOME, GROUP.LogGroupName, { ...GROUP, RetentionInDays: 90 }, 'Logical');

  t.equal(logs.groups(HOME).get(GROUP.LogGroupName).retentionInDays, 90);
  t.same(logs.policies(HOME).list(), []);
  await t.rejects(
    groups.update(HOME, GROUP.LogGroupName, { ...GROUP, LogGroupClass: 'INFREQUENT_ACCESS' }, 'Logical'),
    { message: /class of a log group cannot be changed/ },
  );
  await t.rejects(groups.create(HOME, { LogGroupName: '/x', RetentionInDays: 42 }, 'Logical'), {
    code: 'InvalidParameterException',
  });
  await t.rejects(groups.create(HOME, { LogGroupName: 7 }, 'Logical'), { code: 'ValidationError' });
});

t.test('a rule gives up the targets that its properties no longer name', async (t) => {
  const { handler, events } = start(t);
  const rule = handler('AWS::Events::Rule');
  const properties = { Name: 'r', EventPattern: { source: ['x'] } };
  const targets = (...ids: string[]) => ({ Targets: ids.map((Id) => ({ Id, Arn: GROUP_ARN })) });
  await rule.create(HOME, { ...properties, ...targets('a', 'b') }, 'Logical');

  await rule.update(HOME, 'r', { ...properties, ...targets('b', 'c'), State: 'DISABLED' }, 'Logical');

  t.same([...events.rules(HOME).get('r').targets.keys()], ['b', 'c']);
  t.equal(events.rules(HOME).get('r').state, 'DISABLED');
});

t.test('an inline policy comes to a role and goes, and an update of the role leaves it', async (t) => {
  const { handler, world } = start(t);
  const role = { RoleName: 'Reader', AssumeRolePolicyDocument: { Statement: [] } };
  const document = { Statement: { Effect: 'Allow', Action: 'logs:*', Resource: '*' } };
  const canary = { PolicyName: 'canary', PolicyDocument: document, Roles: ['Reader'] };
  const names = () => Object.keys(world.principals.role(ACCOUNT, 'Reader')?.policies ?? {});
  const own = (PolicyName: string) => ({ Policies: [{ PolicyName, PolicyDocument: document }] });
  await handler('AWS::IAM::Role').create(HOME, { ...role, ...own('one') }, 'Logical');

  const { physicalId } = await handler('AWS::IAM::Policy').create(HOME, canary, 'Canary');
  t.same(names(), ['one', 'canary']);

  await handler('AWS::IAM::Role').update(HOME, 'Reader', { ...role, ...own('two') }, 'Logical');
  t.same(names(), ['canary', 'two']);

  await handler('AWS::IAM::Policy').update(HOME, physicalId, { ...canary, PolicyName: 'bird' }, 'Canary');
  t.same(names(), ['two', 'bird']);

  await handler('AWS::IAM::Policy').delete(HOME, physicalId);
  t.same(names(), ['two']);
});

t.test('roles take one managed policy, and policies only what is understood', async (t) => {
  const { handler, world } = start(t);
  const create = (properties: Properties) =>
    handler('AWS::IAM::Role').create(
      HOME,
      { AssumeRolePolicyDocument: { Statement: [] }, ...properties },
      'R',
    );

  await create({ ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess'] });
  const session = { ...HOME, arn: `arn:aws:sts::${ACCOUNT}:assumed-role/R/x` };

  t.ok(world.principals.allows(session, 'logs:FilterLogEvents', {}));
  await t.rejects(create({ RoleName: 'S', ManagedPolicyArns: ['arn:aws:iam::aws:policy/Other'] }), {
    code: 'NoSuchEntity',
  });
  await t.rejects(create({ RoleName: 'S', AssumeRolePolicyDocument: { Statement: { NotAction: 'x' } } }), {
    code: 'MalformedPolicyDocument',
  });
});

t.test('a queue policy opens the queue to the rules that it names', async (t) => {
  const { handler, queues } = start(t);
  const { physicalId, attributes } = await handler('AWS::SQS::Queue').create(HOME, {}, 'Dlq');
  const ruleArn = `arn:aws:events:${HOME.region}:${ACCOUNT}:rule/r`;
  const letter = { queueArn: attributes.Arn ?? '', ruleArn, body: '{}', attributes: {} };
  const statement = {
    Effect: 'Allow',
    Principal: { Service: 'events.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Resource: attributes.Arn,
    Condition: { ArnEquals: { 'aws:SourceArn': [ruleArn] } },
  };
  const take = (place: Place = HOME) => queues.takeDeadLetter(place, letter);
  t.notOk(take());

  const policy = await handler('AWS::SQS::QueuePolicy').create(
    HOME,
    { Queues: [physicalId], PolicyDocument: { Statement: [statement] } },
    'DlqPolicy',
  );
  t.ok(take());
  t.notOk(take({ ...HOME, region: 'us-east-1' }));

  await handler('AWS::SQS::QueuePolicy').delete(HOME, policy.physicalId);
  t.notOk(take());
});
