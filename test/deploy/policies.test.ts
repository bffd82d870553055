import t from 'tap';

import { loadPolicy, type Policy, type PolicyName, type PolicyScope } from '../../agent/deploy/policies.ts';
import type { LocalAws } from '../../agent/localaws/server.ts';
import type { Session } from '../../agent/localaws/world.ts';
import { startDeployCli } from '../support/deploy-cli.ts';
import { ACCOUNT, type TestAws } from '../support/local-aws.ts';

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

/**
 * What AWS wants beside the calls that we make, by the reason. A resource handler of CloudFormation works with the
 * caller's rights (CloudFormation User Guide, "Controlling access with IAM") and needs what the schema of its type
 * lists under `handlers.*.permissions`.
 */
const IMPLICIT = {
  'CreateStackSet and UpdateStackSet give an administration role (IAM User Guide, "Grant permissions to pass a role")':
    ['iam:PassRole'],
  'CreateStackSet and UpdateStackSet give tags (CloudFormation API reference, member Tags)': [
    ...prefixed('cloudformation', 'TagResource UntagResource'),
  ],
  'AWS::Logs::LogGroup': [
    ...prefixed('logs', 'CreateLogGroup DeleteLogGroup DescribeLogGroups PutRetentionPolicy'),
    ...prefixed('logs', 'DeleteRetentionPolicy TagResource UntagResource ListTagsForResource'),
    ...prefixed('logs', 'GetDataProtectionPolicy DescribeIndexPolicies'),
  ],
  'AWS::Logs::ResourcePolicy': prefixed(
    'logs',
    'PutResourcePolicy DeleteResourcePolicy DescribeResourcePolicies',
  ),
  'AWS::Events::Rule': [
    ...prefixed('events', 'PutRule DeleteRule DescribeRule PutTargets RemoveTargets ListTargetsByRule'),
    ...prefixed('events', 'TagResource UntagResource ListTagsForResource'),
  ],
  'AWS::SQS::Queue and AWS::SQS::QueuePolicy': [
    ...prefixed('sqs', 'CreateQueue DeleteQueue GetQueueUrl GetQueueAttributes SetQueueAttributes'),
    ...prefixed('sqs', 'TagQueue UntagQueue ListQueueTags'),
  ],
  'AWS::IAM::Role and AWS::IAM::Policy, for the reader role': [
    ...prefixed(
      'iam',
      'CreateRole DeleteRole GetRole UpdateRole UpdateRoleDescription UpdateAssumeRolePolicy',
    ),
    ...prefixed(
      'iam',
      'PutRolePolicy DeleteRolePolicy GetRolePolicy ListRolePolicies ListAttachedRolePolicies',
    ),
    ...prefixed('iam', 'PutRolePermissionsBoundary DeleteRolePermissionsBoundary TagRole UntagRole'),
  ],
};

function prefixed(service: string, names: string): readonly string[] {
  return names.split(' ').map((name) => `${service}:${name}`);
}

/** Every call of sessions whose role has this name. GetCallerIdentity needs no permission (STS API reference). */
function recordCalls(aws: LocalAws, role: string): ReadonlySet<string> {
  const called = new Set<string>();
  aws.watch(({ action, caller }) => {
    if (caller.arn.includes(`/${role}/`) && action !== 'sts:GetCallerIdentity') called.add(action);
  });
  return called;
}

t.test(
  'the deployer works with its policy alone, and its policy allows nothing that is not used',
  async (t) => {
    const policy = await loadPolicy('deployer', SCOPE);
    const cli = await startDeployCli(t, {}, (test) => sessionWith(test, policy));
    const called = recordCalls(cli.aws, 'Deployer');
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
    const removed = await cli.run('destroy', '--customer', 'acme', '--yes', '--poll-seconds', '0.1');

    t.equal(cutOff.code, 7, 'an unexecuted change set is left');
    t.equal(failed.code, 7, failed.stderr);
    t.equal(made.code, 0, made.stderr);
    t.equal(updated.code, 0, updated.stderr);
    t.equal(removed.code, 0, removed.stderr);
    t.same([...called, ...Object.values(IMPLICIT).flat()].sort(), await actionsOf('deployer'));
  },
);

t.test('an action that the deployer lacks is named, with what to do', async (t) => {
  const policy = without(await loadPolicy('deployer', SCOPE), 'cloudformation:CreateStackSet');
  const cli = await startDeployCli(t, {}, (test) => sessionWith(test, policy));

  const refused = await cli.run('deploy', '--yes', '--quiet', '--poll-seconds', '0.1');

  t.equal(refused.code, 5, refused.stderr);
  t.match(refused.stderr, /CFN-012 .*\/Deployer\/.* cloudformation:CreateStackSet .*\n {2}fix {3}Allow/s);
});

function without(policy: Policy, action: string): Policy {
  const Statement = policy.Statement.map((statement) => ({
    ...statement,
    Action: statement.Action.filter((each) => each !== action),
  }));
  return { ...policy, Statement };
}
