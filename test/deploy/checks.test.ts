import t, { type Test } from 'tap';

import { CHECK_CODES } from '../../agent/commands/doctor/examine.ts';
import { type Check, type CheckResult, PASSED, runChecks } from '../../agent/deploy/checks/check.ts';
import { expectedAt } from '../../agent/deploy/checks/expected.ts';
import { policyFaults, policyFor } from '../../agent/deploy/checks/log-policy.ts';
import { loadRulePatterns } from '../../agent/deploy/checks/patterns.ts';
import { applyRemedy } from '../../agent/deploy/checks/remedy.ts';
import type { LocalAws } from '../../agent/localaws/server.ts';
import type { Place } from '../../agent/localaws/service.ts';
import type { Fault } from '../../agent/localaws/world.ts';
import type { ErrorCode } from '../../agent/model/error.ts';
import { clientsOf, OWN_SCOPE } from '../support/aws-clients.ts';
import { type CheckedWorld, customerOf, resultsIn, startCheckedWorld } from '../support/checked-world.ts';
import { ACCOUNT } from '../support/local-aws.ts';
import { evaluateTemplate, REGIONAL } from '../support/templates.ts';
import { finish } from '../support/virtual-clock.ts';

const GROUP = '/aws/events/guardrelay';
const FINDINGS = 'guardrelay-findings';
const HEARTBEAT = 'guardrelay-heartbeat';
const SOUND = 'us-east-1';
const MINUTE_MS = 60_000;
const READER = `arn:aws:iam::${ACCOUNT}:role/GuardRelayReader`;
const AUTH = { type: 'assumeRole', roleArn: READER, externalId: 'env:EXTERNAL_ID' };
/** The others are asked of every customer. */
const ASKED_OF_SOME = /^(GD-00[345]|MEM-.*|EB-003)$/;
const NOTHING = policyOf({
  Effect: 'Deny',
  Principal: { Service: 'none' },
  Action: 'logs:None',
  Resource: 'none',
});

type Break = (aws: LocalAws, place: Place) => void;

function policyOf(statement: object): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statement });
}

function placeIn(region: string): Place {
  return { account: ACCOUNT, region, partition: 'aws' };
}

function groupArn({ region }: Place): string {
  return `arn:aws:logs:${region}:${ACCOUNT}:log-group:${GROUP}`;
}

/** Puts a rule again with something else in it. */
function changeRule(name: string, change: object): Break {
  return ({ events }, place) => {
    const rules = events.rules(place);
    rules.put({ ...rules.get(name), ...change });
  };
}

/** Gives the findings rule the log group's ARN with these ends, and nothing else. */
function setTargets(...suffixes: readonly string[]): Break {
  return ({ events }, place) => {
    const rules = events.rules(place);
    rules.removeTargets(FINDINGS, [...rules.get(FINDINGS).targets.keys()]);
    const targets = suffixes.map((suffix, at) => ({ Id: `target-${at}`, Arn: groupArn(place) + suffix }));
    rules.addTargets(FINDINGS, targets);
  };
}

function removeRule(aws: LocalAws, place: Place): void {
  setTargets()(aws, place);
  aws.events.rules(place).delete(FINDINGS);
}

/** Puts the policy of the stack again with another text in it. */
function changePolicy(from: string | RegExp, to: string): Break {
  return ({ logs }, place) => {
    const policies = logs.policies(place);
    for (const { policyName, policyDocument } of policies.list()) {
      policies.putForAccount(policyName, JSON.stringify(JSON.parse(policyDocument)).replaceAll(from, to));
    }
  };
}

function removePolicy({ logs }: LocalAws, place: Place): void {
  for (const { policyName } of logs.policies(place).list()) logs.policies(place).deleteForAccount(policyName);
}

function recreateAs(logClass: 'STANDARD' | 'INFREQUENT_ACCESS'): Break {
  return ({ logs }, place) => {
    logs.groups(place).delete(GROUP);
    logs.groups(place).create({ name: GROUP, logClass, retentionInDays: 30 });
  };
}

/** Operations of a service are refused in a region. */
function refuse(code: string, message: string, which: Pick<Fault, 'service' | 'operation'>): Break {
  return ({ world }, { region }) => {
    world.faults.add({ ...which, region, effect: { kind: 'error', code, message } });
  };
}

interface Trouble {
  readonly name: string;
  readonly region: string;
  readonly breaks: Break;
  /** The checks that fail, and the codes that they name. */
  readonly failing: Partial<Record<ErrorCode, ErrorCode>>;
  readonly found: RegExp;
  readonly fix: RegExp;
}

const TROUBLES: readonly Trouble[] = [
  {
    name: 'S30 a rule is disabled',
    region: 'us-east-2',
    breaks: changeRule(FINDINGS, { state: 'DISABLED' }),
    failing: { 'EB-001': 'EB-001' },
    found: /^rule guardrelay-findings is DISABLED$/,
    fix: /^aws events enable-rule --name guardrelay-findings --region us-east-2$/,
  },
  {
    name: 'S30 a pattern is changed',
    region: 'us-west-1',
    breaks: changeRule(FINDINGS, { eventPattern: '{"source":["aws.guardduty"]}' }),
    failing: { 'EB-001': 'EB-001' },
    found: /^rule guardrelay-findings has another event pattern than the template$/,
    fix: /^aws events put-rule --name guardrelay-findings --state ENABLED --event-pattern '{"source":.*}' --description 'All events .*' --region us-west-1$/,
  },
  {
    name: 'S30 a target is removed',
    region: 'us-west-2',
    breaks: setTargets(),
    failing: { 'EB-002': 'EB-002' },
    found: /^rule guardrelay-findings has no target$/,
    fix: /^aws events put-targets --rule guardrelay-findings --targets 'Id=logs,Arn=arn:aws:logs:us-west-2:\d+:log-group:[^:]+' --region us-west-2$/,
  },
  {
    name: 'S30 the resource policy is removed',
    region: 'eu-west-1',
    breaks: removePolicy,
    failing: { 'LOG-003': 'LOG-003' },
    found: /^no Logs resource policy lets EventBridge write to the log group$/,
    fix: /^aws logs put-resource-policy --policy-name guardrelay-events --policy-document '{.*}' --region eu-west-1$/,
  },
  {
    name: 'S30 a target ends in :*',
    region: 'eu-west-2',
    breaks: setTargets(':*'),
    failing: { 'EB-002': 'EB-002' },
    found: /^rule guardrelay-findings has a target that ends in :\*/,
    fix: /put-targets .* && aws events remove-targets --rule guardrelay-findings --ids target-0 /,
  },
  {
    name: 'a rule is deleted',
    region: 'eu-west-3',
    breaks: removeRule,
    failing: { 'EB-001': 'EB-001' },
    found: /^rule guardrelay-findings does not exist$/,
    fix: /^guardrelay deploy --customer acme /,
  },
  {
    name: 'a rule has a second target',
    region: 'eu-north-1',
    breaks: setTargets('', '-copy'),
    failing: { 'EB-002': 'EB-002' },
    found: /has 2 targets instead of the log group alone$/,
    fix: /^aws events remove-targets --rule guardrelay-findings --ids target-1 --region eu-north-1$/,
  },
  {
    name: 'a target is another log group',
    region: 'eu-central-1',
    breaks: setTargets('-copy'),
    failing: { 'EB-002': 'EB-002' },
    found: /has the target arn:aws:logs:.*-copy instead of the log group$/,
    fix: /put-targets .* && .*remove-targets/,
  },
  {
    name: 'the heartbeat rule is disabled',
    region: 'ca-central-1',
    breaks: changeRule(HEARTBEAT, { state: 'DISABLED' }),
    failing: { 'EB-004': 'EB-004' },
    found: /^rule guardrelay-heartbeat is DISABLED$/,
    fix: /enable-rule --name guardrelay-heartbeat/,
  },
  {
    name: 'the heartbeat rule runs too seldom',
    region: 'sa-east-1',
    breaks: changeRule(HEARTBEAT, { scheduleExpression: 'rate(1 day)' }),
    failing: { 'EB-004': 'EB-004' },
    found: /runs at rate\(1 day\) instead of rate\(5 minutes\)$/,
    fix: /--schedule-expression 'rate\(5 minutes\)'/,
  },
  {
    name: 'the policy lacks the second principal',
    region: 'ap-northeast-1',
    breaks: changePolicy(',"delivery.logs.amazonaws.com"', ''),
    failing: { 'LOG-003': 'LOG-003' },
    found: /^no Logs resource policy lets delivery\.logs\.amazonaws\.com write/,
    fix: /put-resource-policy/,
  },
  {
    name: 'the policy has a condition where it never holds',
    region: 'ap-northeast-2',
    breaks: changePolicy(
      '"logs:CreateLogStream"',
      '"logs:CreateLogStream","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:events:*"}}',
    ),
    failing: { 'LOG-003': 'LOG-003' },
    found: /^events\.amazonaws\.com may not logs:CreateLogStream.*; delivery\.logs\.amazonaws\.com may not/,
    fix: /put-resource-policy/,
  },
  {
    name: 'the policy does not name a rule',
    region: 'ap-northeast-3',
    breaks: changePolicy('rule/guardrelay-changes', 'rule/another'),
    failing: { 'LOG-003': 'LOG-003' },
    found: /^rule guardrelay-changes may not logs:PutLogEvents$/,
    fix: /put-resource-policy/,
  },
  {
    name: 'the log group forgets too soon',
    region: 'ap-south-1',
    breaks: ({ logs }, place) => logs.groups(place).retain(GROUP, 7),
    failing: { 'LOG-002': 'LOG-002' },
    found: /keeps events for 7 days, the configuration says 30$/,
    fix: /^aws logs put-retention-policy .*--retention-in-days 30 --region ap-south-1$/,
  },
  {
    name: 'the log group is of a class that cannot be read',
    region: 'ap-southeast-1',
    breaks: recreateAs('INFREQUENT_ACCESS'),
    failing: { 'LOG-001': 'LOG-001' },
    found: /not of class STANDARD.*INFREQUENT_ACCESS/,
    fix: /^aws logs delete-log-group --log-group-name \/aws\/events\/guardrelay --region ap-southeast-1 && guardrelay deploy/,
  },
  {
    name: 'the KMS key of the log group is disabled',
    region: 'ap-southeast-2',
    breaks: refuse('InvalidParameterException', 'the key is disabled', { operation: 'FilterLogEvents' }),
    failing: { 'LOG-004': 'LOG-005' },
    found: /FilterLogEvents of .* KMS key/,
    fix: /KMS key/,
  },
];

t.test('D21 each fault of a region is named by its own check, with the fix, and by no other', async (t) => {
  const world = await startCheckedWorld(t, [SOUND, ...TROUBLES.map(({ region }) => region)]);
  for (const { region, breaks } of TROUBLES) breaks(world.aws, placeIn(region));

  const seen = await world.examine();
  await world.clock.advance(18 * MINUTE_MS);
  const later = await world.examine({ only: ['LOG-006'] });

  const account = Object.entries(resultsIn(seen)).map(([check, { kind }]) => [check, kind]);
  const sound = Object.entries(resultsIn(seen, SOUND)).map(([check, { kind }]) => [check, kind]);
  t.same(
    [...account, ...sound],
    CHECK_CODES.filter((code) => !ASKED_OF_SOME.test(code)).map((code) => [code, 'passed']),
  );
  for (const { name, region, failing, found, fix } of TROUBLES) {
    const failures = Object.entries(resultsIn(seen, region)).flatMap(([check, result]) =>
      result.kind === 'failed' ? [{ check, ...result }] : [],
    );
    t.same(Object.fromEntries(failures.map(({ check, code }) => [check, code])), failing, name);
    t.match(failures, [{ found, fix }], name);
  }
  const silent = later.rows.filter(({ result }) => result.kind === 'failed').map(({ region }) => region);
  t.same(
    silent.toSorted(),
    ['ap-northeast-1', 'ap-northeast-2', 'ca-central-1', 'eu-west-1', 'sa-east-1'],
    'where heartbeats stopped',
  );
  t.match(resultsIn(later, 'eu-west-1'), { 'LOG-006': { found: /the last one came (19|2\d) min ago/ } });
});

t.test('D25 a check that throws fails as a fault of our own and stops no other', async (t) => {
  const checks: readonly Check<string>[] = [
    { code: 'EB-001', applies: () => true, run: () => Promise.reject(new Error('out of order')) },
    { code: 'EB-002', applies: () => true, run: async () => PASSED },
    { code: 'EB-004', applies: (subject) => subject === 'another', run: async () => PASSED },
  ];

  const checked = await runChecks(checks, 'subject');

  t.match(checked, [
    { check: 'EB-001', result: { kind: 'failed', code: 'INT-001', found: /out of order/ } },
    { check: 'EB-002', result: PASSED },
  ]);
  t.equal(checked.length, 2, 'what does not apply is left out');
});

t.test('a missing right makes a check skipped, never passed', async (t) => {
  const world = await startCheckedWorld(t, [SOUND]);
  const { principals } = world.aws.world;
  const role = principals.role(ACCOUNT, 'GuardRelayReader');
  if (!role) throw new Error('no reader role');
  const { CheckGuardRelay, ...policies } = role.policies;
  principals.putRole({ ...role, policies });

  const results = resultsIn(await world.examine(), SOUND);

  t.ok(CheckGuardRelay, 'the template gave the rights');
  t.match(results, {
    'EB-001': {
      kind: 'skipped',
      right: 'events:DescribeRule',
      resource: `arn:aws:events:${SOUND}:${ACCOUNT}:rule/${FINDINGS}`,
      why: `the right events:DescribeRule on arn:aws:events:${SOUND}:${ACCOUNT}:rule/${FINDINGS} is missing`,
    },
    'EB-002': { kind: 'skipped', right: 'events:ListTargetsByRule' },
    'EB-004': { kind: 'skipped', right: 'events:DescribeRule' },
    'EB-005': { kind: 'skipped', right: 'cloudwatch:GetMetricStatistics' },
    'LOG-002': { kind: 'skipped', right: 'logs:DescribeAccountPolicies' },
    'LOG-003': { kind: 'skipped', right: 'logs:DescribeResourcePolicies' },
    'CFN-002': { kind: 'skipped', right: 'events:ListTagsForResource' },
    'CFN-003': { kind: 'skipped', right: 'events:ListTagsForResource' },
    'CFN-004': { kind: 'skipped', right: 'events:ListTagsForResource' },
    'CFN-005': { kind: 'skipped', right: 'events:ListTagsForResource' },
  });
  for (const code of ['AUTH-006', 'LOG-001', 'LOG-004', 'LOG-006'] as const) {
    t.match(results[code], { kind: 'passed' }, `${code} needs no more than the agent`);
  }
});

t.test('a region that is refused fails alone, an account that lets nobody in fails once', async (t) => {
  const world = await startCheckedWorld(t, [SOUND, 'eu-west-1']);
  const scp = 'with an explicit deny in a service control policy: arn:aws:organizations::1:policy/o-1/p-1';
  refuse('AccessDeniedException', scp, { service: 'logs' })(world.aws, placeIn('eu-west-1'));

  const refused = await world.examine();
  const unlisted = await world.examine({
    settings: { stack: { mode: 'existing', logGroup: '/aws/events/guard*' } },
  });
  const stranger = await world.examine({
    settings: { auth: { ...AUTH, externalId: 'env:ANOTHER' } },
  });
  const misnamed = await world.examine({
    settings: { accounts: { collect: ['222222222222'] }, auth: AUTH },
    only: ['AUTH-001', 'AUTH-002'],
  });

  t.match(resultsIn(refused, 'eu-west-1'), {
    'AUTH-006': {
      kind: 'failed',
      code: 'AUTH-006',
      found: /DescribeLogGroups.*explicit deny in a service control policy: arn:aws:organizations::1:/,
      fix: /^Ask whoever administers the organization/,
    },
    'EB-001': { kind: 'passed' },
    'LOG-001': { kind: 'skipped', why: /AUTH-006/ },
    'LOG-004': { kind: 'skipped', why: /AUTH-006/ },
    'LOG-006': { kind: 'skipped' },
  });
  t.ok(Object.values(resultsIn(refused, SOUND)).every(({ kind }) => kind === 'passed'));
  t.match(resultsIn(unlisted, 'eu-west-1'), { 'AUTH-006': { kind: 'failed', code: 'AUTH-006' } });
  t.match(resultsIn(unlisted, SOUND), { 'AUTH-006': { kind: 'passed' }, 'LOG-006': { kind: 'passed' } });
  t.match(resultsIn(stranger), {
    'AUTH-001': { kind: 'passed' },
    'AUTH-002': { kind: 'failed', code: 'AUTH-002', fix: /ExternalId/ },
    'EB-001': { kind: 'skipped' },
  });
  t.equal(stranger.rows.length, CHECK_CODES.length, 'one row for each check, whatever the regions');
  t.match(resultsIn(misnamed), {
    'AUTH-001': {
      kind: 'failed',
      code: 'AUTH-001',
      found: /222222222222 is read as .* belongs to account 1111/,
    },
    'AUTH-002': { kind: 'passed' },
  });
});

t.test('where nothing is deployed, that is what is to be done', async (t) => {
  const world = await startCheckedWorld(t, [SOUND]);
  world.aws.guardDuty.detectors.create(placeIn('eu-west-1'), { frequency: 'FIFTEEN_MINUTES' });

  const results = resultsIn(await world.examine({ settings: { regions: ['eu-west-1'] } }), 'eu-west-1');

  const failures = Object.entries(results).filter(([, { kind }]) => kind === 'failed');
  t.same(
    failures.map(([check]) => check),
    ['EB-001', 'EB-004', 'LOG-001', 'LOG-003'],
  );
  for (const [check, result] of failures) {
    t.match(result, { fix: /^guardrelay deploy --customer acme [^&]*$/ }, check);
  }
});

t.test('only what the configuration wants is asked for', async (t) => {
  const world = await startCheckedWorld(t, [SOUND]);
  const codes = async (settings: object) => Object.keys(resultsIn(await world.examine({ settings }), SOUND));

  const others = await codes({ stack: { mode: 'existing' } });
  const quiet = await world.examine({ settings: { heartbeat: { mode: 'off' } } });
  const scans = await world.examine({ settings: { collect: { objectScanResults: true } }, only: ['EB-001'] });
  setTargets()(world.aws, placeIn(SOUND));
  const buried = await world.examine({ settings: { stack: { deadLetterQueue: true } }, only: ['EB-002'] });
  const elsewhere = await world.examine({ isChosen: () => false, only: ['EB-001'] });

  t.same(others, ['AUTH-006', 'LOG-001', 'LOG-004', 'LOG-006'], 'rules of others are theirs');
  t.notHas(resultsIn(quiet, SOUND), { 'EB-004': {} });
  t.match(resultsIn(quiet, SOUND), { 'LOG-006': { kind: 'skipped', why: /silence proves nothing/ } });
  t.match(resultsIn(scans, SOUND), { 'EB-001': { kind: 'failed', found: /another event pattern/ } });
  t.match(resultsIn(buried, SOUND), {
    'EB-002': {
      fix: /,DeadLetterConfig=\{Arn=arn:aws:sqs:us-east-1:\d+:guardrelay-dlq\},RetryPolicy=\{.*\}' /,
    },
  });
  t.same(elsewhere.rows, []);
});

t.test('a new log group may wait for its heartbeat, and a busy one is not searched to its end', async (t) => {
  const world = await startCheckedWorld(t, [SOUND, 'eu-west-1']);
  recreateAs('STANDARD')(world.aws, placeIn('eu-west-1'));
  const old = await world.examine({ only: ['LOG-006'] });
  const message = 'x'.repeat(200_000);
  const events = Array.from({ length: 40 }, () => ({ timestamp: world.clock.now(), message }));
  world.aws.logs.insert(placeIn(SOUND), GROUP, events);

  const busy = await world.examine({ only: ['LOG-006'] });

  t.match(resultsIn(old, SOUND), { 'LOG-006': { kind: 'passed', found: /no other event/ } });
  t.match(resultsIn(old, 'eu-west-1'), { 'LOG-006': { kind: 'skipped', why: /is new/ } });
  t.match(resultsIn(busy, SOUND), { 'LOG-006': { kind: 'skipped', why: /more events/ } });
});

t.test('with all policies of the account in use, ours has to be one of the log group', async (t) => {
  const world = await startCheckedWorld(t, [SOUND]);
  const place = placeIn(SOUND);
  removePolicy(world.aws, place);
  const policies = world.aws.logs.policies(place);
  for (let at = 0; at < 10; at += 1) policies.putForAccount(`other-${at}`, NOTHING);
  const look = async (settings: object = {}) =>
    resultsIn(await world.examine({ only: ['LOG-003'], settings }), SOUND)['LOG-003'];
  const ofGroup = { stack: { logPolicyScope: 'logGroup' } };

  const full = await look();
  const missing = await look(ofGroup);
  await cure(t, world, missing);
  const cured = await look(ofGroup);
  policies.putForGroup(groupArn(place), 'guardrelay-events', NOTHING);
  const spoilt = await look(ofGroup);
  await cure(t, world, spoilt);
  const curedAgain = await look(ofGroup);
  policies.deleteForGroup(groupArn(place));
  world.aws.logs.groups(place).delete(GROUP);
  const before = await look();

  const taken = {
    kind: 'failed',
    found: /10 of the 10 policies/,
    fix: 'guardrelay deploy --customer acme   (once its stack.logPolicyScope is logGroup: docs/errors/LOG-003.md)',
  };
  t.match(full, taken);
  t.match(missing, {
    kind: 'failed',
    fix: new RegExp(`--resource-arn ${groupArn(place)} --region ${SOUND}$`),
  });
  t.match(spoilt, { kind: 'failed', fix: / --expected-revision-id [^ ]+ --region us-east-1$/ });
  t.match([cured, curedAgain], [{ kind: 'passed' }, { kind: 'passed' }]);
  t.match(before, taken, 'before a deployment, too');
});

/** Does what --fix does, as an administrator of the account. */
async function cure(t: Test, world: CheckedWorld, result: CheckResult | undefined): Promise<void> {
  const remedies = result?.kind === 'failed' ? (result.remedies ?? []) : [];
  const hand = { clients: clientsOf(t, world), scope: OWN_SCOPE, signal: new AbortController().signal };
  for (const remedy of remedies) await finish(world.clock, applyRemedy(remedy, hand));
}

const EXPECTED = expectedAt(
  { customer: 'acme', ...placeIn(SOUND), logGroup: GROUP },
  customerOf({ regions: [SOUND] }),
  await loadRulePatterns({ objectScanResults: false }),
);

t.test('policies are judged by what they allow, not by their names', async (t) => {
  const ours = policyFor(EXPECTED);
  const statement = { Effect: 'Allow', Principal: '*', Action: 'logs:*', Resource: '*' };
  const sourceAccount = (account: string) => ({ StringEquals: { 'AWS:SourceAccount': account } });
  const cases = [
    { name: 'that of the template', documents: [ours], faults: 0 },
    { name: 'one that allows everything', documents: [policyOf(statement)], faults: 0 },
    {
      name: 'one for this account',
      documents: [policyOf({ ...statement, Condition: sourceAccount(ACCOUNT) })],
      faults: 0,
    },
    {
      name: 'one for another account',
      documents: [policyOf({ ...statement, Condition: sourceAccount('2') })],
      faults: 1,
    },
    {
      name: 'one for another log group',
      documents: [policyOf({ ...statement, Resource: 'arn:aws:logs:*:*:log-group:x' })],
      faults: 1,
    },
    { name: 'one that denies', documents: [ours, policyOf({ ...statement, Effect: 'Deny' })], faults: 1 },
    { name: 'what is no policy', documents: ['{', '{"Statement":[7]}', ours], faults: 0 },
  ];

  for (const { name, documents, faults } of cases) {
    t.equal(policyFaults(documents, EXPECTED).length, faults, name);
  }
});

t.test('pattern, policy and schedule are those of the template', async (t) => {
  for (const objectScanResults of [true, false]) {
    const { resources } = evaluateTemplate(
      REGIONAL,
      { IncludeObjectScanResults: String(objectScanResults) },
      placeIn(SOUND),
    );
    const patterns = await loadRulePatterns({ objectScanResults });

    t.same(patterns.findings, resources.get('FindingsRule')?.properties.EventPattern);
    t.same(patterns.changes, resources.get('ChangesRule')?.properties.EventPattern);
    const document = String(resources.get('LogPolicy')?.properties.PolicyDocument).replaceAll(
      '<LogGroup>',
      GROUP,
    );
    t.same(JSON.parse(policyFor(EXPECTED)), JSON.parse(document));
    t.match(
      EXPECTED.rules.find(({ kind }) => kind === 'schedule'),
      { schedule: resources.get('HeartbeatRule')?.properties.ScheduleExpression },
    );
  }
});
