import { CloudFormation } from '@aws-sdk/client-cloudformation';
import type { Test } from 'tap';
import t from 'tap';

import { loadPolicy } from '../../agent/deploy/policies.ts';
import type { Keys, Session } from '../../agent/localaws/world.ts';
import { type DeployCli, startDeployCli } from '../support/deploy-cli.ts';
import { ACCOUNT, type TestAws } from '../support/local-aws.ts';
import { addOrganization } from '../support/organization.ts';

const WEB = '333333333333';
const SHOP = '444444444444';
const CLOSED = '555555555555';
const SECURITY = '666666666666';
const WORKLOADS = 'ou-loca-workload';
const RELAY = 'arn:aws:iam::999999999999:role/relay';
const DEPLOY = ['deploy', '--yes', '--poll-seconds', '0.1', '--wait-healthy=false'];

interface Deployer {
  readonly callAs?: string;
  keysOf?(test: TestAws): Keys | Session;
}

/** The deployer works in a member account that administers StackSets; the profile `owner` is the management account's. */
async function startDelegated(
  t: Test,
  collect: readonly string[],
  {
    keysOf = ({ aws }) => aws.world.principals.addUser(SECURITY, 'admin'),
    callAs = 'delegated-admin',
  }: Deployer = {},
): Promise<DeployCli> {
  const customer = {
    accounts: { collect: [...collect] },
    regions: ['us-east-1', 'eu-west-1'],
    stack: {
      mode: 'stackset-organizations',
      organizationalUnits: [WORKLOADS],
      callAs,
    },
  };
  return startDeployCli(t, customer, (test) => {
    const organization = addOrganization(test.aws, ACCOUNT, {
      units: [{ id: WORKLOADS }],
      members: [
        { id: WEB, unit: WORKLOADS },
        { id: SHOP, unit: WORKLOADS },
        { id: CLOSED, unit: WORKLOADS, isSuspended: true },
        { id: SECURITY },
      ],
      stackSetAdministrators: [SECURITY],
    });
    organization.hasStackSetAccess = true;
    return keysOf(test);
  });
}

t.test('the plan names every account, and why some get nothing from these credentials', async (t) => {
  const cli = await startDelegated(t, [ACCOUNT, WEB, SHOP, CLOSED]);

  const plan = await cli.run('plan', '-o', 'table', '--no-color', '--reader-role', RELAY);

  t.equal(plan.code, 0, plan.stderr);
  const lines = plan.stdout.split('\n').slice(0, 11);
  t.match(lines[0], `acme · StackSet guardrelay (service-managed, home us-east-1) in ${SECURITY} · template`);
  t.same(lines.slice(1, 7), [
    `  + create       2   reader role (guardrelay-reader): ${WEB} ${SHOP}: us-east-1`,
    `  + create       4   ${WEB} ${SHOP}: us-east-1 eu-west-1`,
    `  ! skip         2   ${ACCOUNT}   no StackSet of an organization reaches its management account, and the credentials belong to ${SECURITY} (CFN-001)`,
    `  ! skip         2   ${CLOSED}   the account is suspended (CFN-002)`,
    `  In ${WORKLOADS} and below; accounts that join later get their stacks from AWS.`,
    '  Each: 1 log group (30 days, kept on delete), 3 rules, 1 Logs resource policy. No IAM, no Lambda, no detector.',
  ]);
});

t.test(
  'a delegated administrator deploys, and the management account gets its stacks from its own credentials',
  async (t) => {
    const cli = await startDelegated(t, [ACCOUNT, WEB, SHOP]);
    const owner = ['--profile', 'owner'];

    const delegated = await cli.run(...DEPLOY);
    const managed = await cli.run(...DEPLOY, ...owner);
    const again = await cli.run(...DEPLOY, ...owner);
    const destroyed = await cli.run('destroy', '--customer', 'acme', '--yes', '--keep-logs', ...owner);

    t.equal(delegated.code, 7, delegated.stderr);
    t.match(delegated.stderr, /CFN-001 {2}111122223333: us-east-1 eu-west-1/);
    t.match(delegated.stderr, /once more with credentials of the management account \(--profile\)/);
    t.equal(managed.code, 0, managed.stderr);
    t.match(managed.stderr, /is the management account, which no StackSet reaches: stacks of its own/);
    t.match(managed.stderr, /✔ acme: 2 stacks deployed, 4 stacks up to date already\./);
    t.match(again.stderr, /✔ acme: 6 stacks up to date already\./);
    t.equal(destroyed.code, 0, destroyed.stderr);
    const cfn = new CloudFormation(cli.config({ region: 'us-east-1' }));
    t.teardown(() => cfn.destroy());
    const { Summaries } = await cfn.listStackSets({ Status: 'ACTIVE' });
    t.same(Summaries, []);
  },
);

t.test('the deployer of an organization needs its two policies, and all of the second', async (t) => {
  const names = { prefix: 'guardrelay', logGroup: '/aws/events/guardrelay', stackName: 'guardrelay' };
  const scope = { partition: 'aws', account: SECURITY, ...names };
  const [deployer, organizations] = await Promise.all([
    loadPolicy('deployer', scope),
    loadPolicy('organizations', scope),
  ]);
  const arn = `arn:aws:iam::${SECURITY}:role/Deployer`;
  const cli = await startDelegated(t, [WEB, SHOP], {
    keysOf: ({ aws: { world } }) => {
      world.principals.putRole({
        ...{ account: SECURITY, name: 'Deployer', arn },
        trust: { Statement: { Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' } },
        policies: { deployer, organizations },
        maxSessionSeconds: 43_200,
      });
      const caller = { account: SECURITY, region: 'us-east-1', partition: 'aws', arn };
      return world.principals.assume(caller, { roleArn: arn, sessionName: 'x', durationSeconds: 43_200 });
    },
  });
  const called = new Set<string>();
  cli.aws.watch(({ action }) => called.add(action));

  const deployed = await cli.run(...DEPLOY, '--reader-role', RELAY);
  const compared = await cli.run('drift', '--detect', '--poll-seconds', '0.1');
  const destroyed = await cli.run('destroy', '--customer', 'acme', '--yes', '--poll-seconds', '0.1');

  t.equal(deployed.code, 0, deployed.stderr);
  t.equal(compared.code, 0, compared.stderr);
  t.equal(destroyed.code, 0, destroyed.stderr);
  // CloudFormation asks it for a delegated administrator, with the caller's rights (Terraform's page of aws_cloudformation_stack_set).
  const implicit = ['organizations:ListDelegatedAdministrators'];
  t.same(
    organizations.Statement.flatMap(({ Action }) => Action).filter((action) => !called.has(action)),
    implicit,
  );
});

t.test(
  'credentials of a member that administers nothing are told so, and sent to the right ones',
  async (t) => {
    const cli = await startDelegated(t, [WEB], {
      keysOf: ({ aws }) => aws.world.principals.addUser(WEB, 'admin'),
      callAs: 'self',
    });

    const plan = await cli.run('plan');

    t.equal(plan.code, 5, plan.stderr);
    t.match(
      plan.stderr,
      `CFN-001  deploying acme to its organization with credentials of account ${WEB}, which is neither`,
    );
    t.match(plan.stderr, /credentials of the management account \(--profile\)/);
  },
);

t.test('a unit that does not exist is named before anything is sent to StackSets', async (t) => {
  const cli = await startDelegated(t, [WEB]);
  await cli.configure({
    accounts: { collect: [WEB] },
    stack: {
      mode: 'stackset-organizations',
      organizationalUnits: ['ou-loca-nowhere1'],
      callAs: 'delegated-admin',
    },
  });

  const plan = await cli.run('plan');

  t.equal(plan.code, 2, plan.stderr);
  t.match(plan.stderr, /CFN-001 {2}the organization has no unit ou-loca-nowhere1/);
});
