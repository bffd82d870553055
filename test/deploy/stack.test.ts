import {
  CreateChangeSetCommand,
  CreateStackCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { DeleteResourcePolicyCommand, PutResourcePolicyCommand } from '@aws-sdk/client-cloudwatch-logs';
import t from 'tap';

import { definition } from '../../agent/deploy/blueprint.ts';
import type { DeployReport } from '../../agent/deploy/deploy.ts';
import { planText } from '../../agent/deploy/plan-text.ts';
import type { InstanceResult } from '../../agent/deploy/result.ts';
import { deployRows, isProblem } from '../../agent/deploy/rows.ts';
import {
  collector,
  type Deployment,
  MEMBER,
  REGIONS,
  reader,
  startDeployment,
  writes,
} from '../support/deployment.ts';
import { ACCOUNT, logsClient } from '../support/local-aws.ts';

const DENIED = { kind: 'error', code: 'AccessDeniedException', message: 'no', statusCode: 400 } as const;
const TARGET = { account: ACCOUNT, region: 'eu-west-1' };
const ONE = { targets: [TARGET] };
const THREE = { mode: 'stack', targets: REGIONS.map((region) => ({ account: ACCOUNT, region })) } as const;

function resultsOf(report: DeployReport): readonly InstanceResult[] {
  return report.kind === 'done' ? report.results : [];
}

function outcomes(report: DeployReport): string[] {
  return resultsOf(report).map(({ region, stack, status }) => `${region} ${stack} ${status}`);
}

async function stackOf({ client }: Deployment, StackName = 'guardrelay', region = TARGET.region) {
  const { Stacks } = await client(region).send(new DescribeStacksCommand({ StackName }));
  return Stacks?.[0];
}

/** Ten account-level Logs policies, and there can be no more. */
async function takeAllPolicies(deployment: Deployment) {
  const logs = logsClient(deployment, { region: TARGET.region });
  const policyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [] });
  for (let count = 0; count < 10; count += 1) {
    await logs.send(new PutResourcePolicyCommand({ policyName: `other-${count}`, policyDocument }));
  }
  return logs;
}

t.test('one region of the own account becomes a plain stack, and a second run writes nothing', async (t) => {
  const deployment = await startDeployment(t);

  const first = await deployment.deploy(ONE);
  const second = await deployment.deploy(ONE);

  t.same(outcomes(first), ['eu-west-1 guardrelay succeeded']);
  t.equal(second.kind, 'unchanged');
  t.same(writes(deployment.calls), ['CreateChangeSet', 'ExecuteChangeSet']);
  t.match(first.kind === 'done' && planText(first.plan), /stack guardrelay in 1/);
  t.ok(deployment.logGroup(TARGET));
});

t.test('an update goes through a change set in place', async (t) => {
  const deployment = await startDeployment(t);
  await deployment.deploy(ONE);

  const report = await deployment.deploy({ ...ONE, collector: await collector({ owner: 'soc' }) });

  t.same(outcomes(report), ['eu-west-1 guardrelay succeeded']);
  t.match((await stackOf(deployment))?.Tags, [{ Key: 'owner', Value: 'soc' }]);
  t.equal((await stackOf(deployment))?.StackStatus, 'UPDATE_COMPLETE');
});

t.test('D12 a change set without changes is deleted, and that is success', async (t) => {
  const deployment = await startDeployment(t);
  await deployment.deploy(ONE);
  const { tags, ...blueprint } = await collector();
  const sameButHash = { ...blueprint, tags: { ...tags, 'guardrelay:config-hash': 'another' } };
  deployment.client(TARGET.region).middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        // As if only what AWS does not count as a change were different.
        const input =
          commandName === 'CreateChangeSetCommand'
            ? { ...args.input, Tags: definition({ ...blueprint, tags }).Tags }
            : args.input;
        return next({ ...args, input });
      },
    { name: 'same-tags' },
  );

  const report = await deployment.deploy({ ...ONE, collector: sameButHash });

  t.match(resultsOf(report), [{ status: 'succeeded', reason: 'nothing to change' }]);
  t.same(writes(deployment.calls).slice(2), ['CreateChangeSet', 'DeleteChangeSet']);
});

t.test('D11 a log group that an earlier stack left is adopted', async (t) => {
  const deployment = await startDeployment(t);
  await deployment.deploy(ONE);
  await deployment.destroy(ONE);
  const kept = deployment.logGroup(TARGET);

  const report = await deployment.deploy(ONE);

  t.ok(kept);
  t.match(resultsOf(report), [{ status: 'succeeded', reason: 'adopted the log group that was there' }]);
  t.equal(deployment.logGroup(TARGET), kept, 'the very same group');
});

t.test(
  'a stack that fails says why, in the words of the first resource that failed, and can be tried again',
  async (t) => {
    const deployment = await startDeployment(t);
    const logs = await takeAllPolicies(deployment);

    const hidden = { operation: 'DescribeResourcePolicies', effect: DENIED } as const;
    const show = deployment.aws.world.faults.add(hidden);

    const report = await deployment.deploy(THREE);
    show();

    t.same(outcomes(report).sort(), [
      'eu-central-1 guardrelay succeeded',
      'eu-west-1 guardrelay failed',
      'us-east-1 guardrelay succeeded',
    ]);
    t.match(resultsOf(report).find(({ status }) => status === 'failed')?.reason, /^LogPolicy: .*limit/i);
    await logs.send(new DeleteResourcePolicyCommand({ policyName: 'other-0' }));
    t.same(outcomes(await deployment.deploy(THREE)), ['eu-west-1 guardrelay succeeded']);
  },
);

t.test('D22 ten account-level policies: the plan names the way out, which works', async (t) => {
  const deployment = await startDeployment(t);
  await takeAllPolicies(deployment);
  const { parameters, ...blueprint } = await collector();
  const ownPolicy = { ...blueprint, parameters: { ...parameters, LogPolicyScope: 'LogGroup' as const } };

  const refused = await deployment.deploy(ONE);
  const written = writes(deployment.calls);
  const made = await deployment.deploy({ ...ONE, collector: ownPolicy });

  const rows = refused.kind === 'unchanged' ? deployRows(refused.plan, []) : [];
  t.match(rows, [
    { status: 'skipped', code: 'LOG-003', reason: /10 account-level/, fix: /stack.logPolicyScope: logGroup/ },
  ]);
  t.same(written, [], 'before any write');
  t.same(outcomes(made), ['eu-west-1 guardrelay succeeded']);
});

t.test('D22 a policy of ours that is there already needs no room', async (t) => {
  const deployment = await startDeployment(t);
  const logs = await takeAllPolicies(deployment);
  await logs.send(new DeleteResourcePolicyCommand({ policyName: 'other-0' }));
  const policyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [] });
  await logs.send(new PutResourcePolicyCommand({ policyName: 'guardrelay-events', policyDocument }));

  const report = await deployment.deploy(ONE);

  t.equal(report.kind, 'done', 'it is tried');
});

t.test('a region that refuses the calls fails alone', async (t) => {
  const deployment = await startDeployment(t);
  const effect = { kind: 'error', code: 'AccessDenied', message: 'explicit deny', statusCode: 403 } as const;
  deployment.aws.world.faults.add({
    service: 'cloudformation',
    operation: 'CreateChangeSet',
    region: 'eu-west-1',
    effect,
  });

  const report = await deployment.deploy(THREE);

  t.match(
    resultsOf(report).find(({ status }) => status === 'failed'),
    { region: 'eu-west-1', reason: /explicit deny/ },
  );
  t.equal(resultsOf(report).length, 3);
});

t.test('a region that does not even show its stack is skipped with the reason', async (t) => {
  const deployment = await startDeployment(t);
  const effect = { kind: 'error', code: 'AccessDenied', message: 'explicit deny', statusCode: 403 } as const;
  deployment.aws.world.faults.add({
    service: 'cloudformation',
    operation: 'DescribeStacks',
    region: 'eu-west-1',
    effect,
  });

  const report = await deployment.deploy(THREE);

  t.equal(resultsOf(report).length, 2);
  const rows = report.kind === 'done' ? deployRows(report.plan, report.results) : [];
  t.match(rows.filter(isProblem), [
    { region: 'eu-west-1', status: 'skipped', code: 'CFN-012', reason: /explicit deny/, fix: /Allow/ },
  ]);
});

t.test('an update of several stacks goes to the home region first', async (t) => {
  const deployment = await startDeployment(t);
  await deployment.deploy(THREE);
  const effect = { kind: 'error', code: 'AccessDenied', message: 'explicit deny', statusCode: 403 } as const;
  deployment.aws.world.faults.add({
    service: 'cloudformation',
    operation: 'CreateChangeSet',
    region: 'us-east-1',
    effect,
  });

  const report = await deployment.deploy({ ...THREE, collector: await collector({ owner: 'soc' }) });

  t.same(outcomes(report), ['us-east-1 guardrelay failed']);
});

t.test(
  'what a killed run left behind is picked up: an unexecuted change set, and work in progress',
  async (t) => {
    const deployment = await startDeployment(t);
    const blueprint = await collector();
    const ChangeSetName = `guardrelay-${blueprint.tags['guardrelay:config-hash']}`;
    await deployment.client(TARGET.region).send(
      new CreateChangeSetCommand({
        StackName: 'guardrelay',
        ChangeSetName,
        ChangeSetType: 'CREATE',
        ...definition(blueprint),
      }),
    );
    await deployment
      .client('us-east-1')
      .send(new CreateStackCommand({ StackName: 'guardrelay', ...definition(blueprint) }));
    const before = writes(deployment.calls).length;

    const report = await deployment.deploy({
      mode: 'stack',
      targets: [TARGET, { account: ACCOUNT, region: 'us-east-1' }],
    });

    t.same(outcomes(report), ['us-east-1 guardrelay succeeded', 'eu-west-1 guardrelay succeeded']);
    t.same(writes(deployment.calls).slice(before), [
      'CreateChangeSet',
      'DeleteChangeSet',
      'CreateChangeSet',
      'ExecuteChangeSet',
    ]);
  },
);

t.test('the reader role gets a stack of its own, once, and goes with destroy', async (t) => {
  const deployment = await startDeployment(t);
  const parts = { ...ONE, reader: await reader() };

  const first = await deployment.deploy(parts);
  const second = await deployment.deploy(parts);
  const role = deployment.aws.world.principals.role(ACCOUNT, 'GuardRelayReader');
  const gone = await deployment.destroy(parts);

  t.same(outcomes(first), ['us-east-1 guardrelay-reader succeeded', 'eu-west-1 guardrelay succeeded']);
  t.equal(second.kind, 'unchanged');
  t.match(JSON.stringify(role?.trust), /0123456789abcdef0123456789abcdef/);
  t.match(gone, { kind: 'done', removals: [{ name: 'guardrelay' }, { name: 'guardrelay-reader' }] });
  t.equal(deployment.aws.world.principals.role(ACCOUNT, 'GuardRelayReader'), undefined);
});

t.test(
  'what exists decides the mode: stacks stay stacks when regions are added, sets stay sets',
  async (t) => {
    const stacks = await startDeployment(t);
    await stacks.deploy(ONE);
    const set = await startDeployment(t);
    await set.deploy({ ...THREE, mode: 'auto' });

    const more = await stacks.deploy({ ...THREE, mode: 'auto' });
    const fewer = await set.deploy({ targets: THREE.targets.slice(0, 1) });

    t.match(more, { kind: 'done', plan: { mode: 'stack' } });
    t.equal(resultsOf(more).length, 2);
    t.match(fewer, { kind: 'unchanged', plan: { mode: 'stackset-self-managed' } });
  },
);

t.test('stacks can only be made in the account of the credentials', async (t) => {
  const deployment = await startDeployment(t);

  await t.rejects(deployment.deploy({ mode: 'stack', targets: [{ account: MEMBER, region: 'eu-west-1' }] }), {
    code: 'CLI-001',
    exitCode: 2,
    message: /222222222222/,
  });
});

t.test('a stack of somebody else is left alone, and so is nothing at all', async (t) => {
  const deployment = await startDeployment(t);
  const { template } = await collector();
  const nothing = await deployment.destroy(ONE);
  await deployment
    .client(TARGET.region)
    .send(new CreateStackCommand({ StackName: 'guardrelay', TemplateBody: template.body }));
  await deployment.clock.advance(600_000);

  await t.rejects(deployment.deploy(ONE), { code: 'CFN-002' });
  await t.rejects(deployment.destroy(ONE), { code: 'CFN-002' });
  t.equal(nothing.kind, 'nothing');
});
