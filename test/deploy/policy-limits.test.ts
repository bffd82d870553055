import { CloudFormation } from '@aws-sdk/client-cloudformation';
import { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs';
import { EventBridge } from '@aws-sdk/client-eventbridge';
import { GuardDuty } from '@aws-sdk/client-guardduty';
import { SQS } from '@aws-sdk/client-sqs';
import { STS } from '@aws-sdk/client-sts';
import type { Test } from 'tap';
import t from 'tap';

import { loadPolicy, type PolicyName } from '../../agent/deploy/policies.ts';
import { isAllowed, parsePolicy } from '../../agent/localaws/policy.ts';
import { ACCOUNT, startTestAws, type TestAws } from '../support/local-aws.ts';
import { SCOPE, sessionWith } from '../support/policies.ts';

const OURS = { logGroupName: '/aws/events/guardrelay-eu' };
const THEIRS = { logGroupName: '/aws/lambda/payroll' };
const RULE = { Name: 'guardrelay-findings' };
const STRANGE_RULE = { Name: 'payroll-nightly' };
const SCHEDULE = { ScheduleExpression: 'rate(5 minutes)' };
const CHANGE = { ChangeSetName: 'c', TemplateBody: '{}' };

type Clients = ReturnType<typeof clientsWith>;
type Attempt = (aws: Clients) => Promise<unknown>;

/** What a role may do, and what lies right beside it. */
interface Limits {
  readonly name: PolicyName;
  readonly may: readonly Attempt[];
  readonly mayNot: readonly Attempt[];
}

const LIMITS: readonly Limits[] = [
  {
    name: 'relay',
    may: [({ sts }) => assume(sts, 'GuardRelayReader')],
    mayNot: [
      ({ sts }) => assume(sts, 'Admin'),
      ({ sts }) => assume(sts, 'GuardRelayStackSetExecution'),
      ({ logs }) => logs.filterLogEvents(OURS),
    ],
  },
  {
    name: 'reader',
    may: [({ logs }) => logs.filterLogEvents(OURS), ({ logs }) => logs.describeLogGroups()],
    mayNot: [
      ({ logs }) => logs.filterLogEvents(THEIRS),
      ({ logs }) => logs.getLogEvents({ ...OURS, logStreamName: 's' }),
      ({ logs }) => logs.deleteLogGroup(OURS),
      ({ events }) => events.describeRule(RULE),
      ({ sts }) => assume(sts, 'GuardRelayReader'),
    ],
  },
  {
    name: 'canary',
    may: [({ events }) => put(events, 'guardrelay.canary')],
    mayNot: [
      ({ events }) => put(events, 'guardrelay.other'),
      ({ events }) => put(events, 'guardrelay.canary', 'payroll'),
      ({ events }) => events.putRule({ ...RULE, ...SCHEDULE }),
    ],
  },
  {
    name: 'doctor',
    may: [
      ({ events }) => events.describeRule(RULE),
      ({ events }) => events.listTargetsByRule({ Rule: RULE.Name }),
      ({ sqs }) => sqs.getQueueUrl({ QueueName: 'guardrelay-dlq' }),
      ({ guardDuty }) => guardDuty.listDetectors(),
    ],
    mayNot: [
      ({ events }) => events.describeRule(STRANGE_RULE),
      ({ events }) => events.disableRule(RULE),
      ({ sqs }) => sqs.getQueueUrl({ QueueName: 'payroll-dlq' }),
      ({ guardDuty }) => guardDuty.deleteDetector({ DetectorId: 'd' }),
      ({ guardDuty }) => guardDuty.listFindings({ DetectorId: 'd' }),
      ({ logs }) => logs.putResourcePolicy({ policyName: 'p', policyDocument: '{}' }),
    ],
  },
  {
    name: 'backfill',
    may: [({ guardDuty }) => guardDuty.listDetectors()],
    mayNot: [
      ({ guardDuty }) => guardDuty.createSampleFindings({ DetectorId: 'd' }),
      ({ guardDuty }) => guardDuty.getDetector({ DetectorId: 'd' }),
      ({ logs }) => logs.filterLogEvents(OURS),
    ],
  },
  {
    name: 'deployer',
    may: [
      ({ cfn }) => cfn.describeStacks({ StackName: 'guardrelay-reader' }),
      ({ cfn }) => cfn.describeStackSet({ StackSetName: 'guardrelay-acme' }),
      ({ events }) => events.putRule({ ...RULE, ...SCHEDULE }),
    ],
    mayNot: [
      ({ cfn }) => cfn.createChangeSet({ StackName: 'payroll', ...CHANGE }),
      ({ cfn }) => cfn.deleteStack({ StackName: 'payroll' }),
      ({ cfn }) => cfn.deleteStackSet({ StackSetName: 'payroll' }),
      ({ cfn }) => cfn.createStack({ StackName: 'guardrelay', TemplateBody: '{}' }),
      ({ events }) => events.putRule({ ...STRANGE_RULE, ...SCHEDULE }),
      ({ logs }) => logs.deleteLogGroup(THEIRS),
      ({ logs }) => logs.filterLogEvents(OURS),
      ({ sts }) => assume(sts, 'GuardRelayReader'),
    ],
  },
  {
    name: 'repair',
    may: [
      ({ events }) => events.enableRule(RULE),
      ({ logs }) => logs.putRetentionPolicy({ ...OURS, retentionInDays: 30 }),
    ],
    mayNot: [
      ({ events }) => events.enableRule(STRANGE_RULE),
      ({ events }) => events.deleteRule(RULE),
      ({ logs }) => logs.putRetentionPolicy({ ...THEIRS, retentionInDays: 30 }),
      ({ logs }) => logs.deleteResourcePolicy({ policyName: 'guardrelay-events' }),
      ({ guardDuty }) => guardDuty.deleteDetector({ DetectorId: 'd' }),
    ],
  },
  {
    name: 'stackset-administration',
    may: [({ sts }) => assume(sts, 'GuardRelayStackSetExecution')],
    mayNot: [
      ({ sts }) => assume(sts, 'GuardRelayReader'),
      ({ cfn }) => cfn.describeStackSet({ StackSetName: 'guardrelay' }),
    ],
  },
  {
    name: 'stackset-execution',
    may: [
      ({ cfn }) => cfn.deleteStack({ StackName: 'StackSet-guardrelay-0a1b' }),
      ({ events }) => events.putRule({ ...RULE, ...SCHEDULE }),
      ({ logs }) => logs.deleteLogGroup(OURS),
    ],
    mayNot: [
      ({ cfn }) => cfn.deleteStack({ StackName: 'guardrelay-reader' }),
      ({ cfn }) => cfn.deleteStack({ StackName: 'StackSet-payroll-0a1b' }),
      ({ events }) => events.putRule({ ...STRANGE_RULE, ...SCHEDULE }),
      ({ logs }) => logs.deleteLogGroup(THEIRS),
      ({ logs }) => logs.filterLogEvents(OURS),
      ({ sts }) => assume(sts, 'Admin'),
    ],
  },
];

function assume(sts: STS, name: string): Promise<unknown> {
  return sts.assumeRole({ RoleArn: `arn:aws:iam::${ACCOUNT}:role/${name}`, RoleSessionName: 'test' });
}

/** A foreign entry taints the call. */
function put(events: EventBridge, ...sources: readonly string[]): Promise<unknown> {
  return events.putEvents({
    Entries: sources.map((Source) => ({ Source, DetailType: 'guardrelay canary', Detail: '{}' })),
  });
}

/** Clients of a role that may do what the policy says, in an account where every role would let it in. */
async function clientsWithPolicy(t: Test, name: PolicyName): Promise<Clients> {
  const test = await startTestAws(t);
  for (const each of ['GuardRelayReader', 'GuardRelayStackSetExecution', 'Admin']) sessionWith(test, each);
  return clientsWith(t, test.config({ keys: sessionWith(test, 'Tested', await loadPolicy(name, SCOPE)) }));
}

function clientsWith(t: Test, config: ReturnType<TestAws['config']>) {
  const clients = {
    cfn: new CloudFormation(config),
    events: new EventBridge(config),
    guardDuty: new GuardDuty(config),
    logs: new CloudWatchLogs(config),
    sqs: new SQS(config),
    sts: new STS(config),
  };
  t.teardown(() => {
    for (const client of Object.values(clients)) client.destroy();
  });
  return clients;
}

/** Whether IAM lets a call through; what the service then makes of it is another matter. */
async function isAdmitted(attempt: Attempt, clients: Clients): Promise<boolean> {
  try {
    await attempt(clients);
    return true;
  } catch (error) {
    return !(error instanceof Error && error.name.startsWith('AccessDenied'));
  }
}

for (const { name, may, mayNot } of LIMITS) {
  t.test(`${name} may do its own work, and nothing of what lies beside it`, async (t) => {
    const clients = await clientsWithPolicy(t, name);

    for (const attempt of may) t.ok(await isAdmitted(attempt, clients), String(attempt));
    for (const attempt of mayNot) t.notOk(await isAdmitted(attempt, clients), String(attempt));
  });
}

const role = (name: string): string => `arn:aws:iam::${ACCOUNT}:role/${name}`;
const passedTo = (service: string) => ({ 'iam:PassedToService': `${service}.amazonaws.com` });
const PASS = 'iam:PassRole';
const ADMINISTRATION = role('GuardRelayStackSetAdministration');
const FORWARDING = role('guardrelay-forwarding');

/** IAM has no operations in the embedded AWS; these are asked of the policy itself. */
for (const { name, action, resource, context = {}, allowed } of [
  {
    name: 'deployer',
    action: PASS,
    resource: ADMINISTRATION,
    context: passedTo('cloudformation'),
    allowed: true,
  },
  { name: 'deployer', action: PASS, resource: ADMINISTRATION, context: passedTo('ec2'), allowed: false },
  {
    name: 'deployer',
    action: PASS,
    resource: role('Admin'),
    context: passedTo('cloudformation'),
    allowed: false,
  },
  { name: 'deployer', action: PASS, resource: FORWARDING, context: passedTo('events'), allowed: true },
  { name: 'deployer', action: PASS, resource: FORWARDING, context: passedTo('lambda'), allowed: false },
  { name: 'deployer', action: 'iam:PutRolePolicy', resource: role('GuardRelayReader'), allowed: true },
  { name: 'deployer', action: 'iam:PutRolePolicy', resource: role('Admin'), allowed: false },
  { name: 'deployer', action: 'iam:AttachRolePolicy', resource: role('GuardRelayReader'), allowed: false },
  { name: 'deployer', action: 'iam:CreateUser', resource: role('GuardRelayReader'), allowed: false },
  {
    name: 'stackset-execution',
    action: PASS,
    resource: FORWARDING,
    context: passedTo('events'),
    allowed: true,
  },
  {
    name: 'stackset-execution',
    action: PASS,
    resource: FORWARDING,
    context: passedTo('ec2'),
    allowed: false,
  },
  {
    name: 'stackset-execution',
    action: 'iam:CreateRole',
    resource: role('GuardRelayReader'),
    allowed: false,
  },
  { name: 'reader', action: 'iam:GetRole', resource: role('GuardRelayReader'), allowed: false },
] satisfies readonly {
  name: PolicyName;
  action: string;
  resource: string;
  context?: Readonly<Record<string, string>>;
  allowed: boolean;
}[]) {
  const asked = [action, resource, ...Object.values(context)].join(' ');
  t.test(`${name} ${allowed ? 'may' : 'may not'} ${asked}`, async (t) => {
    const policy = parsePolicy(await loadPolicy(name, SCOPE));

    t.equal(isAllowed([policy], { action, resource, context }), allowed);
  });
}
