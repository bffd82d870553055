import { CloudFormationClient, CreateStackCommand } from '@aws-sdk/client-cloudformation';
import {
  CreateDetectorCommand,
  CreateSampleFindingsCommand,
  GuardDutyClient,
} from '@aws-sdk/client-guardduty';
import t from 'tap';

import { loadPolicy, type Policy, type PolicyName, type PolicyScope } from '../../agent/deploy/policies.ts';
import type { LocalAws } from '../../agent/localaws/server.ts';
import type { Keys, Session } from '../../agent/localaws/world.ts';
import { until } from '../peers/support/until.ts';
import { ADMIN, insert, placeOf, REGIONS, setScene } from '../support/agent-cli.ts';
import { runCli } from '../support/cli.ts';
import { startDeployCli } from '../support/deploy-cli.ts';
import { handlerActions } from '../support/handler-permissions.ts';
import { ACCOUNT, type TestAws } from '../support/local-aws.ts';
import { HUB_ROLE, READER_ROLE, REGIONAL } from '../support/templates.ts';

const SCOPE: PolicyScope = {
  partition: 'aws',
  account: ACCOUNT,
  prefix: 'guardrelay',
  logGroup: '/aws/events/guardrelay',
  stackName: 'guardrelay',
};
const REFUSED = { kind: 'error', code: 'AccessDenied', message: 'no', statusCode: 403 } as const;
const RELAY = 'arn:aws:iam::999999999999:role/relay';

async function actionsOf(name: PolicyName): Promise<readonly string[]> {
  const { Statement } = await loadPolicy(name, SCOPE);
  return [...new Set(Statement.flatMap(({ Action }) => Action))].sort();
}

/** A session of a role in the administrator's account that may do what the policy says, and nothing else. */
function sessionWith(test: TestAws, policy: unknown): Session {
  const { principals } = test.aws.world;
  const arn = `arn:aws:iam::${ACCOUNT}:role/Deployer`;
  principals.putRole({
    account: ACCOUNT,
    name: 'Deployer',
    arn,
    trust: { Statement: { Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' } },
    policies: { deployer: policy },
    maxSessionSeconds: 43_200,
  });
  const caller = {
    account: ACCOUNT,
    region: 'us-east-1',
    partition: 'aws',
    arn: `arn:aws:iam::${ACCOUNT}:user/admin`,
  };
  return principals.assume(caller, { roleArn: arn, sessionName: 'deployer', durationSeconds: 43_200 });
}

/** What AWS wants beside the calls that we make. */
const IMPLICIT = [
  // CreateStackSet and UpdateStackSet give an administration role (IAM User Guide, "Grant permissions to pass a role"),
  // and tags (CloudFormation API reference, member Tags).
  ...['iam:PassRole', 'cloudformation:TagResource', 'cloudformation:UntagResource'],
  // Drift detection (CloudFormation User Guide, "Detect unmanaged configuration changes").
  ...['cloudformation:DetectStackResourceDrift', 'cloudformation:BatchDescribeTypeConfigurations'],
  // The handlers of resources work with the caller's rights (CloudFormation User Guide, "Controlling access with IAM").
  ...handlerActions(REGIONAL, READER_ROLE, HUB_ROLE),
];

/** Every call of principals with this text in their ARN. GetCallerIdentity needs no permission (STS API reference). */
function recordCalls(aws: LocalAws, who: string): ReadonlySet<string> {
  const called = new Set<string>();
  aws.watch(({ action, caller }) => {
    if (caller.arn.includes(who) && action !== 'sts:GetCallerIdentity') called.add(action);
  });
  return called;
}

t.test(
  'the deployer works with its policy alone, and its policy allows nothing that is not used',
  async (t) => {
    const policy = await loadPolicy('deployer', SCOPE);
    const cli = await startDeployCli(t, {}, (test) => sessionWith(test, policy));
    const called = recordCalls(cli.aws, '/Deployer/');
    const proof = await actionsOf('relay');
    const deploy = ['deploy', '--yes', '--poll-seconds', '0.1', '--reader-role', RELAY];
    const { principals } = cli.aws.world;
    const taken = {
      account: ACCOUNT,
      name: 'GuardRelayReader',
      arn: `arn:aws:iam::${ACCOUNT}:role/GuardRelayReader`,
    };

    const allow = cli.aws.world.faults.add({ operation: 'ExecuteChangeSet', effect: REFUSED });
    const cutOff = await cli.run(...deploy);
    allow();
    principals.putRole({ ...taken, trust: { Statement: [] }, policies: {} });
    const failed = await cli.run(...deploy);
    principals.deleteRole(ACCOUNT, taken.name);
    const made = await cli.run(...deploy);
    await cli.configure({ stack: { retentionDays: 60 } });
    const updated = await cli.run(...deploy);
    const detect = ['drift', '--detect', '--poll-seconds', '0.1'];
    const changed = { account: ACCOUNT, region: 'us-east-1', partition: 'aws' };
    cli.aws.logs.groups(changed).retain('/aws/events/guardrelay', 7);
    const ofSet = await cli.run(...detect);
    const destroy = ['destroy', '--customer', 'acme', '--yes', '--keep-logs=false', '--poll-seconds', '0.1'];
    const removed = await cli.run(...destroy);
    const one = { accounts: { collect: [ACCOUNT] }, regions: [changed.region] };
    await cli.configure({ ...one, stack: { mode: 'stack' } });
    await cli.run('deploy', '--yes', '--poll-seconds', '0.1');
    const ofStacks = await cli.run(...detect);

    t.equal(cutOff.code, 7, 'an unexecuted change set is left');
    t.equal(failed.code, 7, failed.stderr);
    t.equal(made.code, 0, made.stderr);
    t.equal(updated.code, 0, updated.stderr);
    t.equal(ofSet.code, 3, ofSet.stderr);
    t.equal(removed.code, 0, removed.stderr);
    t.equal(ofStacks.code, 0, ofStacks.stderr);
    // The proof by heartbeats reads as the agent does.
    const own = [...called].filter((action) => !proof.includes(action));
    t.same([...new Set([...own, ...IMPLICIT])].sort(), await actionsOf('deployer'));
  },
);

t.test('an action that the deployer lacks is named, with what to do', async (t) => {
  const policy = without(await loadPolicy('deployer', SCOPE), 'cloudformation:CreateStackSet');
  const cli = await startDeployCli(t, {}, (test) => sessionWith(test, policy));

  const refused = await cli.run('deploy', '--yes', '--quiet', '--poll-seconds', '0.1');

  t.equal(refused.code, 5, refused.stderr);
  t.match(refused.stderr, /CFN-012 .*\/Deployer\/.* cloudformation:CreateStackSet .*\n {2}fix {3}Allow/s);
});

/**
 * Rights of `--for doctor` that this scene does not need: it has no trail and no dead-letter queue, whose state would be
 * asked for, and the check of the streams has yet to come. Whoever adds it takes it away here.
 */
const WAITING = /^(cloudtrail:Get|sqs:Get|logs:DescribeLogStreams$)/;

t.test('the agent calls what its policies allow: relay, reader, and what each command adds', async (t) => {
  const accounts = { collect: [ADMIN], names: 'organizations' };
  const scene = await setScene(t, {}, { accounts, regions: 'enabled' });
  const { aws, cwd } = scene;
  aws.world.accounts.add({ id: ADMIN, regions: REGIONS });
  const place = { ...SCOPE, account: ADMIN };
  const added = ['doctor', 'backfill', 'account-names'] as const;
  const policies = await Promise.all((['reader', ...added] as const).map((name) => loadPolicy(name, place)));
  const reader = aws.world.principals.role(ADMIN, 'GuardRelayReader');
  if (!reader) throw new Error('the scene has no reader role');
  aws.world.principals.putRole({ ...reader, policies: Object.fromEntries(policies.entries()) });
  aws.world.organizations.add({
    management: ADMIN,
    accounts: [{ id: ADMIN, name: 'root', email: 'r@acme.example' }],
  });
  const owner = aws.world.principals.addUser(ADMIN, 'owner');
  for (const region of REGIONS) await collectIn(aws, region, owner);
  for (const region of REGIONS) insert(aws, region, 1);

  const relay = recordCalls(aws, ':user/relay');
  const calls: Record<string, readonly string[]> = {};
  for (const [name, ...args] of [
    ['run', '--once'],
    ['backfill', '--from-findings', '90d'],
    ['doctor'],
  ] as const) {
    const called = recordCalls(aws, '/GuardRelayReader/');
    const ran = await runCli([name, ...args], { cwd, env: scene.env });
    t.notMatch(ran.stderr, /is not authorized/, name);
    calls[name] = [...called];
  }

  t.same([...relay], await actionsOf('relay'));
  const always = await actionsOf('reader');
  const beside = (name: string): readonly string[] =>
    (calls[name] ?? []).filter((action) => !always.includes(action)).sort();
  t.same(
    always.filter((action) => !calls.run?.includes(action)),
    [],
  );
  t.same(beside('run'), await actionsOf('account-names'));
  t.same(
    beside('backfill').filter((action) => action !== 'organizations:ListAccounts'),
    await actionsOf('backfill'),
  );
  const doctor = await actionsOf('doctor');
  t.same(
    beside('doctor').filter((action) => !doctor.includes(action)),
    [],
  );
  t.same(
    doctor.filter((action) => !beside('doctor').includes(action) && !WAITING.test(action)),
    [],
  );
});

/** What the customer has in a region: the real stack, and GuardDuty with a finding. */
async function collectIn(
  { url: endpoint, events }: LocalAws,
  region: string,
  credentials: Keys,
): Promise<void> {
  const settings = { endpoint, region, credentials };
  const rules = events.rules(placeOf(region));
  await new CloudFormationClient(settings).send(
    new CreateStackCommand({ StackName: 'guardrelay', TemplateBody: REGIONAL }),
  );
  const guardDuty = new GuardDutyClient(settings);
  const { DetectorId } = await guardDuty.send(new CreateDetectorCommand({ Enable: true }));
  await guardDuty.send(new CreateSampleFindingsCommand({ DetectorId }));
  await until('the stack stands', () => rules.list().length === 3);
}

function without(policy: Policy, action: string): Policy {
  const Statement = policy.Statement.map((statement) => ({
    ...statement,
    Action: statement.Action.filter((each) => each !== action),
  }));
  return { ...policy, Statement };
}
