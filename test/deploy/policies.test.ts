import t from 'tap';

import { loadPolicy, type Policy } from '../../agent/deploy/policies.ts';
import { startDeployCli } from '../support/deploy-cli.ts';
import { handlerActions } from '../support/handler-permissions.ts';
import { ACCOUNT } from '../support/local-aws.ts';
import { actionsOf, recordCalls, SCOPE, sessionWith } from '../support/policies.ts';
import { HUB_ROLE, READER_ROLE, REGIONAL } from '../support/templates.ts';

const REFUSED = { kind: 'error', code: 'AccessDenied', message: 'no', statusCode: 403 } as const;
const RELAY = 'arn:aws:iam::999999999999:role/relay';

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

t.test(
  'the deployer works with its policy alone, and its policy allows nothing that is not used',
  async (t) => {
    const policy = await loadPolicy('deployer', SCOPE);
    const cli = await startDeployCli(t, {}, (test) => sessionWith(test, 'Deployer', policy));
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
  const cli = await startDeployCli(t, {}, (test) => sessionWith(test, 'Deployer', policy));

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
