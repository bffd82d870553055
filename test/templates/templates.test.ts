import { CloudFormationClient, CreateStackCommand } from '@aws-sdk/client-cloudformation';
import { FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import type { Test } from 'tap';
import t from 'tap';
import { z } from 'zod';

import { parseTemplate } from '../../agent/localaws/cloudformation/template/template.ts';
import type { TestAws } from '../support/local-aws.ts';
import { HOME, logsClient, startTestAws } from '../support/local-aws.ts';
import type { Evaluated } from '../support/templates.ts';
import { evaluateTemplate, READER_ROLE, REGIONAL, templateFile } from '../support/templates.ts';

type Given = Readonly<Record<string, string>>;

const RULES = ['findings', 'changes', 'heartbeat', 'spokes'];
const OTHER_REGION = 'us-east-1';
const READER: Given = {
  RelayPrincipalArn: 'arn:aws:iam::999999999999:role/relay',
  ExternalId: '0123456789abcdef',
};

const statement = z.strictObject({
  Sid: z.string(),
  Effect: z.literal('Allow'),
  Principal: z.object({ Service: z.array(z.string()) }).optional(),
  Action: z.union([z.string(), z.array(z.string())]).transform((actions) => [actions].flat()),
  Resource: z.union([z.string(), z.array(z.string())]),
  Condition: z.json().optional(),
});
const policy = z.object({ Version: z.literal('2012-10-17'), Statement: z.array(statement) });
const rule = z.object({
  Name: z.string().max(64),
  Description: z.string().max(512),
  State: z.literal('ENABLED'),
  EventPattern: z.json().optional(),
  ScheduleExpression: z.string().optional(),
  Targets: z.tuple([
    z.object({
      Arn: z.string(),
      RoleArn: z.string().optional(),
      DeadLetterConfig: z.json().optional(),
    }),
  ]),
});

/** Every choice of one value for each name. */
function combinations(choices: Readonly<Record<string, readonly string[]>>): readonly Given[] {
  return Object.entries(choices).reduce<readonly Given[]>(
    (made, [name, values]) => made.flatMap((given) => values.map((value) => ({ ...given, [name]: value }))),
    [{}],
  );
}

const SWITCH = ['true', 'false'];
const COMBINATIONS = combinations({
  Prefix: ['guardrelay', 'p'.repeat(48)],
  LogGroupName: ['/aws/events/guardrelay', `/aws/events/${'g'.repeat(480)}`],
  KmsKeyArn: ['', 'arn:aws:kms:eu-central-1:111122223333:key/1234-abcd'],
  CollectFindings: SWITCH,
  IncludeObjectScanResults: SWITCH,
  CollectConfigChanges: SWITCH,
  HeartbeatMinutes: ['0', '1', '5', '10', '15'],
  EnableDlq: SWITCH,
  Policy: ['Account', 'LogGroup', 'Account of a group that is there'],
  HubRegion: ['', HOME.region, OTHER_REGION],
})
  .filter(({ CollectFindings, CollectConfigChanges }) =>
    `${CollectFindings}${CollectConfigChanges}`.includes('true'),
  )
  .map(({ Policy = '', ...given }): Given => {
    const [LogPolicyScope = '', ...existing] = Policy.split(' ');
    const ExistingLogGroupName = existing.length > 0 ? (given.LogGroupName ?? '') : '';
    return { ...given, LogPolicyScope, ExistingLogGroupName };
  });

/** Runs a check on what the regional template declares, for every combination of its parameters. */
function forAll(t: Test, check: (evaluated: Evaluated, given: Given) => void): void {
  const template = parseTemplate(REGIONAL);
  for (const given of COMBINATIONS) {
    try {
      check(evaluateTemplate(template, given), given);
    } catch (error) {
      t.fail(JSON.stringify(given), { found: String(error) });
    }
  }
  t.pass(`${COMBINATIONS.length} combinations`);
}

function equal(found: unknown, wanted: unknown): void {
  if (JSON.stringify(found) === JSON.stringify(wanted)) return;
  throw new Error(`found ${JSON.stringify(found)}, wanted ${JSON.stringify(wanted)}`);
}

function propertiesOf({ resources }: Evaluated, logicalId: string) {
  return resources.get(logicalId)?.properties ?? {};
}

function rulesOf(evaluated: Evaluated): readonly z.output<typeof rule>[] {
  return [...evaluated.resources.values()]
    .filter(({ type }) => type === 'AWS::Events::Rule')
    .map(({ properties }) => rule.parse(properties));
}

/** Another region has the log group: here there is none, and nothing that would write to it. */
function isSpoke({ HubRegion }: Given): boolean {
  return HubRegion === OTHER_REGION;
}

/** What policy and rules name: the resource where there is one, so that they wait for it. */
function groupOf({ ExistingLogGroupName, LogGroupName }: Given): string | undefined {
  return ExistingLogGroupName === LogGroupName ? LogGroupName : '<LogGroup>';
}

/** The text of the policy that lets EventBridge write, wherever it stands, with the group as it is named there. */
function deliveryPolicyOf(evaluated: Evaluated, given: Given): { text: string; group: string | undefined } {
  const { PolicyDocument } = propertiesOf(evaluated, 'LogPolicy');
  if (typeof PolicyDocument === 'string') return { text: PolicyDocument, group: groupOf(given) };
  const { ResourcePolicyDocument } = propertiesOf(evaluated, 'LogGroup');
  return { text: JSON.stringify(ResourcePolicyDocument), group: given.LogGroupName };
}

const arn = (service: string, resource: string): string =>
  `arn:aws:${service}:${HOME.region}:${HOME.account}:${resource}`;

t.test('the regional template makes log group, policy, rules and queue, and never touches IAM', (t) => {
  const types = [...parseTemplate(REGIONAL).Resources.values()].map(({ Type }) => Type);

  t.same([...new Set(types)].sort(), [
    'AWS::Events::Rule',
    'AWS::Logs::LogGroup',
    'AWS::Logs::ResourcePolicy',
    'AWS::SQS::Queue',
    'AWS::SQS::QueuePolicy',
  ]);
  t.end();
});

t.test('the log group outlives its stack, but not an attempt to make it', (t) => {
  const group = parseTemplate(REGIONAL).Resources.get('LogGroup');

  t.match(group, { DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
  t.match(propertiesOf(evaluateTemplate(REGIONAL), 'LogGroup'), {
    LogGroupClass: 'STANDARD',
    RetentionInDays: 30,
  });
  t.end();
});

t.test('a log group that is there already is written to and told of, but not part of the stack', (t) => {
  const name = '/aws/events/kept';

  const { resources, outputs } = evaluateTemplate(REGIONAL, {
    ExistingLogGroupName: name,
    LogGroupName: name,
  });

  t.same([...resources.keys()], ['LogPolicy', 'FindingsRule', 'ChangesRule', 'HeartbeatRule']);
  t.same(
    outputs.map(({ OutputValue }) => OutputValue),
    [name, arn('logs', `log-group:${name}`), '1'],
  );
  t.end();
});

t.test('a stack whose log group gets another name makes it, whatever it wrote into before', (t) => {
  const renamed = { ExistingLogGroupName: '/aws/events/kept', LogGroupName: '/aws/events/new' };

  const { resources } = evaluateTemplate(REGIONAL, renamed);

  t.match(resources.get('LogGroup')?.properties, { LogGroupName: '/aws/events/new' });
  t.end();
});

t.test('EventBridge may write: both principals, and the condition only where it is known', (t) => {
  forAll(t, (evaluated, given) => {
    if (isSpoke(given)) return equal([...evaluated.resources.keys()].filter(isAboutLogs), []);
    const { text, group } = deliveryPolicyOf(evaluated, given);
    const [create, put, ...others] = policy.parse(JSON.parse(text)).Statement;
    const groupArn = arn('logs', `log-group:${group}`);

    equal(others, []);
    equal(create?.Principal?.Service, ['events.amazonaws.com', 'delivery.logs.amazonaws.com']);
    equal(put?.Principal?.Service, create?.Principal?.Service);
    equal([create?.Action, create?.Resource], [['logs:CreateLogStream'], `${groupArn}:*`]);
    equal([put?.Action, put?.Resource], [['logs:PutLogEvents'], `${groupArn}:*:*`]);
    equal(create?.Condition, undefined);
    equal(put?.Condition, {
      ArnEquals: { 'aws:SourceArn': writersOf(given).map((name) => arn('events', `rule/${name}`)) },
    });
    if (text.length > 5120) throw new Error(`the policy has ${text.length} of 5,120 characters`);
  });
  t.end();
});

function isAboutLogs(logicalId: string): boolean {
  return logicalId.startsWith('Log');
}

/** Rules that may write, whether they are there or not; that of the spokes only where it is. */
function writersOf(given: Given): readonly string[] {
  const always = RULES.slice(0, 3).map((suffix) => `${given.Prefix}-${suffix}`);
  return [...always, ...wantedRules(given).filter((name) => name.endsWith('-spokes'))];
}

function wantedRules({ Prefix, ...given }: Given): readonly string[] {
  const beats = given.HeartbeatMinutes !== '0';
  const isHub = given.HubRegion === HOME.region;
  const asked = [
    given.CollectFindings === 'true',
    given.CollectConfigChanges === 'true',
    beats,
    beats && isHub,
  ];
  return RULES.filter((_rule, index) => asked[index]).map((suffix) => `${Prefix}-${suffix}`);
}

function wantedTarget(given: Given): Given {
  if (!isSpoke(given)) return { Arn: arn('logs', `log-group:${groupOf(given)}`) };
  return {
    Arn: `arn:aws:events:${OTHER_REGION}:${HOME.account}:event-bus/default`,
    RoleArn: `arn:aws:iam::${HOME.account}:role/${given.Prefix}-forwarding`,
  };
}

t.test('each rule that is asked for has one target that delivers, and waits for the policy', (t) => {
  forAll(t, (evaluated, given) => {
    const rules = rulesOf(evaluated);
    const waits = given.LogPolicyScope === 'Account' && !isSpoke(given);

    equal(
      rules.map(({ Name }) => Name),
      wantedRules(given),
    );
    for (const { Name, Targets, Description, EventPattern } of rules) {
      const [{ DeadLetterConfig, ...found }] = Targets;
      equal(found, wantedTarget(given));
      equal(Description.includes('<LogPolicy>'), waits);
      const keepsFailures = given.EnableDlq === 'true' && /-(findings|changes)$/.test(Name);
      equal(DeadLetterConfig, keepsFailures ? { Arn: '<DeadLetterQueue.Arn>' } : undefined);
      if (JSON.stringify(EventPattern ?? '').length > 2048) throw new Error('the pattern is too long');
    }
  });
  t.end();
});

t.test(
  'the heartbeat is a rate that EventBridge takes, the key and the queue are there when asked for',
  (t) => {
    forAll(t, (evaluated, given) => {
      const minutes = given.HeartbeatMinutes;
      const schedule = minutes === '1' ? 'rate(1 minute)' : `rate(${minutes} minutes)`;
      const { ScheduleExpression } = propertiesOf(evaluated, 'HeartbeatRule');
      const { KmsKeyId } = propertiesOf(evaluated, 'LogGroup');
      const { QueueName } = propertiesOf(evaluated, 'DeadLetterQueue');

      equal(ScheduleExpression, minutes === '0' ? undefined : schedule);
      const isOwn = given.ExistingLogGroupName === '' && !isSpoke(given);
      equal(KmsKeyId, isOwn && given.KmsKeyArn !== '' ? given.KmsKeyArn : undefined);
      equal(QueueName, given.EnableDlq === 'true' ? `${given.Prefix}-dlq` : undefined);
      equal(String(QueueName ?? '').length <= 80, true);
      equal(
        evaluated.outputs.some(({ OutputKey }) => OutputKey === 'DeadLetterQueueUrl'),
        QueueName !== undefined,
      );
    });
    t.end();
  },
);

t.test('what cannot work is refused before anything is made', (t) => {
  const refusals: readonly [Given, RegExp][] = [
    [
      { CollectFindings: 'false', CollectConfigChanges: 'false' },
      /CollectFindings or CollectConfigChanges must be true/,
    ],
    [
      { LogPolicyScope: 'LogGroup', ExistingLogGroupName: '/aws/events/guardrelay' },
      /LogPolicyScope LogGroup needs a log group that this stack makes/,
    ],
    [{ Prefix: 'p'.repeat(49) }, /Parameter Prefix .* 1 to 48 letters/],
    [{ Prefix: '-x' }, /Parameter Prefix/],
    [{ LogGroupName: '/aws/lambda/x' }, /Parameter LogGroupName .* must start with \/aws\/events\//],
    [{ RetentionInDays: '42' }, /'RetentionInDays' must be one of AllowedValues/],
    [{ HeartbeatMinutes: '2' }, /'HeartbeatMinutes' must be one of AllowedValues/],
    [{ HubRegion: 'Frankfurt' }, /Parameter HubRegion .* code of a Region/],
    [{ KmsKeyArn: 'alias/mine' }, /Parameter KmsKeyArn .* ARN of a symmetric KMS key/],
  ];
  for (const [given, text] of refusals) t.throws(() => evaluateTemplate(REGIONAL, given), text);

  const { ExternalId = '', ...withoutExternalId } = READER;
  t.throws(
    () => evaluateTemplate(READER_ROLE, withoutExternalId),
    /Parameters: \[ExternalId\] must have values/,
  );
  t.throws(() => evaluateTemplate(READER_ROLE, { ...READER, ExternalId: ExternalId.slice(1) }), /ExternalId/);
  t.throws(
    () => evaluateTemplate(READER_ROLE, { ...READER, RelayPrincipalArn: 'arn:aws:iam::999999999999:root' }),
    /never :root/,
  );
  t.end();
});

function apiCall(eventName: string, detail: object = {}) {
  const call = { eventSource: 'guardduty.amazonaws.com', eventName, readOnly: false };
  return {
    source: 'aws.guardduty',
    'detail-type': 'AWS API Call via CloudTrail',
    detail: { ...call, ...detail },
  };
}
const guardDuty = (detailType: string, source = 'aws.guardduty') => ({
  source,
  'detail-type': detailType,
  detail: {},
});

/** What AWS and others send, and whether it belongs in the log group. */
const SAMPLES = [
  { event: guardDuty('GuardDuty Finding'), arrives: true },
  { event: guardDuty('GuardDuty Malware Protection Object Scan Result'), arrives: 'with scan results' },
  { event: guardDuty('GuardDuty Malware Protection Resource Status Active'), arrives: true },
  { event: guardDuty('GuardDuty Malware Protection Resource Status Warning'), arrives: true },
  { event: guardDuty('GuardDuty Malware Protection Resource Status Error'), arrives: true },
  { event: guardDuty('GuardDuty Malware Protection Post Scan Action Failed'), arrives: true },
  { event: guardDuty('GuardDuty Runtime Protection Healthy'), arrives: true },
  { event: guardDuty('GuardDuty Runtime Protection Unhealthy'), arrives: true },
  { event: guardDuty('A detail-type of next year'), arrives: true },
  { event: guardDuty('guardrelay canary', 'guardrelay.canary'), arrives: true },
  { event: guardDuty('AWS API Call via CloudTrail', 'guardrelay.canary'), arrives: false },
  { event: guardDuty('GuardDuty Finding', 'my.application'), arrives: false },
  { event: guardDuty('guardrelay canary', 'guardrelay.other'), arrives: false },
  { event: guardDuty('Security Hub Findings - Imported', 'aws.securityhub'), arrives: false },
  { event: guardDuty('Scheduled Event', 'aws.events'), arrives: false },
  { event: apiCall('DeleteDetector'), arrives: true },
  { event: apiCall('InviteMembers'), arrives: true },
  { event: apiCall('CreateSomethingOfNextYear'), arrives: true },
  { event: apiCall('UpdateDetector', { errorCode: 'AccessDenied' }), arrives: true },
  { event: apiCall('ListDetectors', { readOnly: true }), arrives: false },
  { event: apiCall('SendSecurityTelemetry'), arrives: false },
  { event: apiCall('PutRule', { eventSource: 'events.amazonaws.com' }), arrives: false },
  { event: { ...apiCall('DeleteUser'), source: 'aws.iam' }, arrives: false },
];

const identity = z.object({
  source: z.string(),
  'detail-type': z.string(),
  detail: z.object({ eventName: z.string().optional() }),
});

async function deployRegional(t: Test, given: Given): Promise<TestAws> {
  const test = await startTestAws(t);
  const client = new CloudFormationClient(test.config());
  t.teardown(() => client.destroy());
  const Parameters = Object.entries(given).map(([ParameterKey, ParameterValue]) => ({
    ParameterKey,
    ParameterValue,
  }));
  await client.send(new CreateStackCommand({ StackName: 'guardrelay', TemplateBody: REGIONAL, Parameters }));
  await test.clock.advance(1_000);
  return test;
}

const DEPLOYMENTS: readonly Given[] = [
  {},
  { IncludeObjectScanResults: 'true' },
  { LogPolicyScope: 'LogGroup', EnableDlq: 'true', Prefix: 'other', LogGroupName: '/aws/events/other' },
];
for (const given of DEPLOYMENTS) {
  t.test(
    `a stack deployed with ${JSON.stringify(given)} takes what it should and nothing else`,
    async (t) => {
      const test = await deployRegional(t, given);
      const { IncludeObjectScanResults, LogGroupName: logGroupName = '/aws/events/guardrelay' } = given;
      const wanted = SAMPLES.filter(
        ({ arrives }) => arrives === true || (IncludeObjectScanResults === 'true' && arrives !== false),
      );

      for (const { event } of SAMPLES) test.aws.events.emit(HOME, event);
      const { events = [] } = await logsClient(test).send(new FilterLogEventsCommand({ logGroupName }));

      const name = (event: unknown): string => JSON.stringify(identity.parse(event));
      t.same(
        events.map(({ message = '' }) => name(JSON.parse(message))).sort(),
        wanted.map(({ event }) => name(event)).sort(),
      );
    },
  );
}

t.test('the reader role may do what the published policies say, and each right has its switch', (t) => {
  const always = statementsIn('reader-policy.json');
  const optional = statementsIn('reader-policy-optional.json');
  const switches: Readonly<Record<string, RegExp>> = {
    AllowCanary: /^Canary$/,
    AllowDoctor: /^Doctor/,
    AllowBackfill: /^Backfill/,
    AllowAccountNames: /^AccountNames$/,
  };
  const names = Object.keys(switches);

  for (const given of combinations(Object.fromEntries(names.map((name) => [name, SWITCH])))) {
    const allowed = names.filter((name) => given[name] === 'true');
    const wanted = optional.filter(({ Sid }) => allowed.some((name) => switches[name]?.test(Sid)));

    t.same(grantedBy(evaluateTemplate(READER_ROLE, { ...READER, ...given })), [...always, ...wanted]);
  }
  t.end();
});

t.test('the reader role can read and send a canary, nothing else', (t) => {
  const statements = ['reader-policy.json', 'reader-policy-optional.json'].flatMap(statementsIn);

  const others = statements
    .flatMap(({ Action }) => Action)
    .filter((action) => !/^[a-z]+:(Filter|Describe|List|Get|Lookup)[A-Za-z]+$/.test(action));

  t.same(others, ['events:PutEvents']);
  t.same(statements.find(({ Action }) => Action.includes('events:PutEvents'))?.Condition, {
    StringEquals: { 'events:source': 'guardrelay.canary' },
  });
  t.end();
});

t.test(
  'the reader role lets in one principal with its external ID, within a boundary where one is given',
  (t) => {
    const boundary = 'arn:aws:iam::111122223333:policy/boundary';

    const role = propertiesOf(evaluateTemplate(READER_ROLE, READER), 'ReaderRole');
    const bounded = propertiesOf(
      evaluateTemplate(READER_ROLE, { ...READER, PermissionsBoundaryArn: boundary }),
      'ReaderRole',
    );

    t.match(role, { RoleName: 'GuardRelayReader', MaxSessionDuration: 3600 });
    t.same(role.AssumeRolePolicyDocument, {
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'GuardRelay',
          Effect: 'Allow',
          Principal: { AWS: READER.RelayPrincipalArn },
          Action: 'sts:AssumeRole',
          Condition: { StringEquals: { 'sts:ExternalId': READER.ExternalId } },
        },
      ],
    });
    t.notOk('PermissionsBoundary' in role);
    t.equal(bounded.PermissionsBoundary, boundary);
    t.end();
  },
);

function statementsIn(file: string): readonly z.output<typeof statement>[] {
  const names = { Prefix: 'guardrelay', LogGroup: '/aws/events/guardrelay', StackName: 'guardrelay' };
  const values: Given = { Partition: HOME.partition, Account: HOME.account, ...names };
  const text = templateFile(file).replace(/\$\{(\w+)\}/g, (_whole, name) => values[name] ?? '');
  return policy.parse(JSON.parse(text)).Statement;
}

/** The statements of the role itself and of the policies beside it. */
function grantedBy({ resources }: Evaluated): readonly z.output<typeof statement>[] {
  const inline = z.object({ PolicyDocument: policy });
  const granting = z.union([
    inline.transform((one) => [one]),
    z.object({ Policies: z.array(inline) }).transform(({ Policies }) => Policies),
  ]);
  return [...resources.values()]
    .flatMap(({ properties }) => granting.parse(properties))
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
}
