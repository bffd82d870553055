import {
  CreateStackSetCommand,
  DescribeStackSetCommand,
  ListStackInstancesCommand,
} from '@aws-sdk/client-cloudformation';
import t from 'tap';

import type { DeployReport } from '../../agent/deploy/deploy.ts';
import { explainFailure } from '../../agent/deploy/failure.ts';
import { changes } from '../../agent/deploy/plan.ts';
import type { InstanceResult } from '../../agent/deploy/result.ts';
import type { Fault } from '../../agent/localaws/world.ts';
import {
  collector,
  type Deployment,
  MEMBER,
  PLACES,
  REGIONS,
  reader,
  startDeployment,
  writes,
} from '../support/deployment.ts';
import { ACCOUNT } from '../support/local-aws.ts';
import { finish } from '../support/virtual-clock.ts';

function resultsOf(report: DeployReport): readonly InstanceResult[] {
  return report.kind === 'done' ? report.results : [];
}

function named(results: readonly InstanceResult[], status: InstanceResult['status']): string[] {
  return results
    .filter((result) => result.status === status)
    .map(({ account, region }) => `${account} ${region}`)
    .sort();
}

function refusal(region: string, parts: Partial<Fault> = {}): Fault {
  const effect = {
    kind: 'error',
    code: 'AccessDenied',
    message: `logs:CreateLogGroup: explicit deny in ${region}`,
  } as const;
  return { operation: 'StackInstance', region, effect, ...parts };
}

async function instances(deployment: Deployment) {
  const { Summaries = [] } = await deployment
    .client()
    .send(new ListStackInstancesCommand({ StackSetName: 'guardrelay' }));
  return Summaries;
}

t.test(
  'a first deployment makes a managed StackSet and an instance in each place; the second writes nothing',
  async (t) => {
    const deployment = await startDeployment(t);

    const first = await deployment.deploy();
    const firstWrites = writes(deployment.calls);
    const second = await deployment.deploy();

    t.same(
      named(resultsOf(first), 'succeeded'),
      PLACES.map(({ account, region }) => `${account} ${region}`).sort(),
    );
    t.same(firstWrites, ['CreateStackSet', 'CreateStackInstances']);
    t.equal(second.kind, 'unchanged');
    t.same(writes(deployment.calls), firstWrites, 'the second run sent no write');
    const { StackSet } = await deployment
      .client()
      .send(new DescribeStackSetCommand({ StackSetName: 'guardrelay' }));
    t.equal(StackSet?.ManagedExecution?.Active, true);
    for (const { account, region } of PLACES) {
      const group = deployment.logGroup({ account, region });
      t.ok(group, `${account} ${region} has its log group`);
    }
  },
);

t.test('operations go to all regions at once and tolerate every failure', async (t) => {
  const deployment = await startDeployment(t);

  await deployment.deploy();

  const create = deployment.calls.find(({ command }) => command === 'CreateStackInstances');
  t.match(create?.input, {
    Accounts: [ACCOUNT, MEMBER],
    Regions: REGIONS,
    OperationId: /^gr-[0-9a-f]{32}-1$/,
    OperationPreferences: {
      RegionConcurrencyType: 'PARALLEL',
      FailureTolerancePercentage: 100,
      MaxConcurrentPercentage: 100,
      ConcurrencyMode: 'SOFT_FAILURE_TOLERANCE',
    },
  });
});

t.test(
  'D03, D04 one disabled region fails with AWS’s words, and the others succeed although the operation did too',
  async (t) => {
    const deployment = await startDeployment(t);
    deployment.aws.world.accounts.add({ id: MEMBER, regions: ['us-east-1', 'eu-west-1'] });

    const report = await deployment.deploy();

    const results = resultsOf(report);
    t.equal(named(results, 'succeeded').length, 5);
    t.same(named(results, 'failed'), [`${MEMBER} eu-central-1`]);
    const reason = results.find(({ status }) => status === 'failed')?.reason;
    t.match(reason, /security token/);
    t.match(explainFailure(reason), { code: 'CFN-003', fix: /Enable the region/ });
  },
);

t.test('D07 failed instances are tried again under a new operation id, and only they', async (t) => {
  const deployment = await startDeployment(t);
  deployment.aws.world.faults.add(refusal('eu-west-1', { times: 2 }));

  const first = await deployment.deploy();
  const second = await deployment.deploy();

  t.same(named(resultsOf(first), 'failed'), [`${ACCOUNT} eu-west-1`, `${MEMBER} eu-west-1`]);
  t.equal(explainFailure(resultsOf(first).find(({ reason }) => reason)?.reason).code, 'CFN-012');
  t.same(named(resultsOf(second), 'succeeded'), [`${ACCOUNT} eu-west-1`, `${MEMBER} eu-west-1`]);
  const creations = deployment.calls.filter(({ command }) => command === 'CreateStackInstances');
  t.same(
    creations.map(({ input }) => input.Regions),
    [REGIONS, ['eu-west-1']],
  );
  t.equal(new Set(creations.map(({ input }) => input.OperationId)).size, 2);
});

t.test('the same failure twice is retried with the next attempt number', async (t) => {
  const deployment = await startDeployment(t);
  const targets = [{ account: MEMBER, region: 'eu-west-1' }];
  deployment.aws.world.faults.add(refusal('eu-west-1'));

  await deployment.deploy({ targets });
  await deployment.deploy({ targets });

  const ids = deployment.calls
    .filter(({ command }) => command === 'CreateStackInstances')
    .map(({ input }) => String(input.OperationId));
  t.equal(ids.length, 2);
  t.equal(ids[0]?.replace(/1$/, '2'), ids[1]);
});

t.test('D05 results that lag behind the operation are waited for, not taken for success', async (t) => {
  const deployment = await startDeployment(t);
  deployment.aws.world.faults.add(refusal('eu-west-1'));
  let hidden = 12;
  deployment.client().middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const answer = await next(args);
        if (commandName === 'ListStackSetOperationResultsCommand' && hidden > 0) {
          hidden -= 1;
          return { ...answer, output: { ...answer.output, Summaries: [] } };
        }
        return answer;
      },
    { name: 'lag' },
  );

  const report = await deployment.deploy();

  t.equal(hidden, 0);
  t.same(named(resultsOf(report), 'failed'), [`${ACCOUNT} eu-west-1`, `${MEMBER} eu-west-1`]);
  t.equal(named(resultsOf(report), 'succeeded').length, 4);
});

t.test('results that never come count as failed', async (t) => {
  const deployment = await startDeployment(t);
  deployment.client().middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const answer = await next(args);
        if (commandName !== 'ListStackSetOperationResultsCommand') return answer;
        return { ...answer, output: { ...answer.output, Summaries: [] } };
      },
    { name: 'silence' },
  );

  const report = await deployment.deploy();

  t.equal(named(resultsOf(report), 'failed').length, 6);
});

t.test('D04 an operation that counts failures but does not name them is no success', async (t) => {
  const deployment = await startDeployment(t);
  deployment.client().middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const answer = await next(args);
        if (commandName !== 'DescribeStackSetOperationCommand') return answer;
        const state = {
          ...answer.output,
          StackSetOperation: { Status: 'SUCCEEDED', StatusDetails: { FailedStackInstancesCount: 2 } },
        };
        return { ...answer, output: state };
      },
    { name: 'count' },
  );

  await t.rejects(deployment.deploy(), { code: 'CFN-003', exitCode: 7, message: /2 failed stack instances/ });
});

t.test('a run that is stopped leaves the operation running, and the next one finds it again', async (t) => {
  const deployment = await startDeployment(t);
  const remove = deployment.aws.world.faults.add({
    operation: 'StackInstance',
    region: 'eu-west-1',
    effect: { kind: 'hang', ms: 120_000 },
  });
  const interrupt = new AbortController();
  const running = deployment.deploy({}, { signal: interrupt.signal });
  while (!deployment.changed.some(({ status }) => status === 'succeeded'))
    await deployment.clock.advance(250);

  interrupt.abort();
  const stopped = await running;
  remove();
  const resumed = await deployment.deploy();

  t.equal(stopped.kind, 'interrupted');
  t.equal(named(resultsOf(resumed), 'succeeded').length, 6);
  t.same(writes(deployment.calls), ['CreateStackSet', 'CreateStackInstances'], 'no second operation');
  t.match(deployment.notes.join(), /gr-[0-9a-f]{32}-1/);
});

t.test('D08 a busy StackSet is waited for, and a full quota ends the command at once', async (t) => {
  const busy = await startDeployment(t);
  const inProgress = {
    kind: 'error',
    code: 'OperationInProgressException',
    message: 'in progress',
    statusCode: 409,
  } as const;
  busy.aws.world.faults.add({ operation: 'CreateStackInstances', times: 2, effect: inProgress });
  const full = await startDeployment(t);
  const limit = {
    kind: 'error',
    code: 'LimitExceededException',
    message: 'too many',
    statusCode: 400,
  } as const;
  full.aws.world.faults.add({ operation: 'CreateStackInstances', effect: limit });
  const startedAt = busy.clock.monotonic();

  const report = await busy.deploy();
  const failed = full.deploy();

  t.equal(named(resultsOf(report), 'succeeded').length, 6);
  t.ok(busy.clock.monotonic() - startedAt >= 40_000, 'two waits of 20 s');
  await t.rejects(failed, { code: 'AWS-002', exitCode: 1, fix: /quota/ });
  t.equal(writes(full.calls).filter((command) => command === 'CreateStackInstances').length, 1);
});

t.test('D14 more stacks than a StackSet holds are refused with the sum, before any write', async (t) => {
  const deployment = await startDeployment(t);
  const targets = Array.from({ length: 3_000 }, (_, account) =>
    Array.from({ length: 34 }, (__, region) => ({
      account: String(100_000_000_000 + account),
      region: `region-${region}`,
    })),
  ).flat();

  await t.rejects(deployment.deploy({ targets, mode: 'stackset-self-managed' }), {
    code: 'CFN-002',
    exitCode: 2,
    message: /102,000 stacks in 3,000 accounts, 34 regions each, and a StackSet holds 100,000/,
    fix: /guardrelay-1 and guardrelay-2/,
  });
  t.same(writes(deployment.calls), []);
});

t.test('D09 a missing execution role is named with its own code', async (t) => {
  const deployment = await startDeployment(t);
  deployment.aws.world.principals.deleteRole(MEMBER, 'AWSCloudFormationStackSetExecutionRole');

  const report = await deployment.deploy();

  const failed = resultsOf(report).filter(({ status }) => status === 'failed');
  t.same(
    failed.map(({ account }) => account),
    [MEMBER, MEMBER, MEMBER],
  );
  t.equal(explainFailure(failed[0]?.reason).code, 'CFN-001');
});

t.test('D15 an update reaches one place first, and if that fails the fleet is untouched', async (t) => {
  const deployment = await startDeployment(t);
  await deployment.deploy();
  deployment.aws.world.faults.add(refusal('us-east-1', { times: 1 }));
  const changed = { collector: await collector({ owner: 'soc' }) };

  const first = await deployment.deploy(changed);
  const afterFirst = await instances(deployment);
  const second = await deployment.deploy(changed);

  t.same(named(resultsOf(first), 'failed'), [`${ACCOUNT} us-east-1`], 'the administrator’s home region');
  t.equal(resultsOf(first).length, 1);
  t.same(afterFirst.map(({ StackInstanceStatus }) => StackInstanceStatus?.DetailedStatus).sort(), [
    'FAILED',
    ...Array(5).fill('SUCCEEDED'),
  ]);
  t.equal(named(resultsOf(second), 'succeeded').length, 6);
  t.same(writes(deployment.calls).slice(2), ['UpdateStackSet', 'CreateStackInstances', 'UpdateStackSet']);
  const update = deployment.calls.find(({ command }) => command === 'UpdateStackSet');
  t.match(update?.input, { Accounts: [ACCOUNT], Regions: ['us-east-1'] });
  t.equal((await deployment.deploy(changed)).kind, 'unchanged');
});

t.test('without a first wave an update reaches all places at once', async (t) => {
  const deployment = await startDeployment(t);
  await deployment.deploy();

  const report = await deployment.deploy({ collector: await collector({ owner: 'soc' }), firstWave: false });

  t.equal(named(resultsOf(report), 'succeeded').length, 6);
  t.same(writes(deployment.calls).slice(2), ['UpdateStackSet']);
});

t.test(
  'D22 in a StackSet the account meets the limit of policies, and the report names the way out',
  async (t) => {
    const deployment = await startDeployment(t);
    const place = { account: MEMBER, region: 'eu-west-1', partition: 'aws' };
    const document = JSON.stringify({ Version: '2012-10-17', Statement: [] });
    for (let count = 0; count < 10; count += 1) {
      deployment.aws.logs.policies(place).putForAccount(`other-${count}`, document);
    }

    const report = await deployment.deploy();

    const failed = resultsOf(report).filter(({ status }) => status === 'failed');
    t.match(failed, [{ account: MEMBER, region: 'eu-west-1' }]);
    t.match(explainFailure(failed[0]?.reason), { code: 'LOG-003', fix: /stack.logPolicyScope: logGroup/ });
  },
);

t.test('a few outdated instances are tried again by name, and the others stay as they are', async (t) => {
  const deployment = await startDeployment(t);
  await deployment.deploy();
  const changed = { collector: await collector({ owner: 'soc' }) };
  deployment.aws.world.faults.add(refusal('eu-west-1', { account: MEMBER, times: 1 }));

  const first = await deployment.deploy(changed);
  const second = await deployment.deploy(changed);

  t.same(named(resultsOf(first), 'failed'), [`${MEMBER} eu-west-1`]);
  t.same(named(resultsOf(second), 'succeeded'), [`${MEMBER} eu-west-1`]);
  t.same(writes(deployment.calls).slice(2), ['UpdateStackSet', 'UpdateStackSet', 'CreateStackInstances']);
  t.equal((await deployment.deploy(changed)).kind, 'unchanged');
});

t.test('an update comes before the instances of new places, and gives custom roles again', async (t) => {
  const deployment = await startDeployment(t);
  const { principals } = deployment.aws.world;
  const administrationRoleArn = `arn:aws:iam::${ACCOUNT}:role/Administration`;
  const name = 'AWSCloudFormationStackSetAdministrationRole';
  const sample = principals.role(ACCOUNT, name);
  if (sample) principals.putRole({ ...sample, name: 'Administration', arn: administrationRoleArn });
  for (const account of [ACCOUNT, MEMBER]) {
    const role = principals.role(account, 'AWSCloudFormationStackSetExecutionRole');
    const trust = {
      Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: administrationRoleArn } }],
    };
    if (role) principals.putRole({ ...role, trust });
  }
  const settings = {
    homeRegion: 'us-east-1',
    parallelRegions: true,
    failureTolerancePercent: 100,
    maxConcurrentPercent: 100,
  };
  const targets = PLACES.slice(0, 1);

  await deployment.deploy({
    mode: 'stackset-self-managed',
    targets,
    stackSet: { ...settings, permissions: { model: 'SELF_MANAGED', administrationRoleArn } },
  });
  const report = await deployment.deploy({
    stackSet: { ...settings, permissions: { model: 'SELF_MANAGED' } },
    collector: await collector({ owner: 'soc' }),
  });

  t.equal(named(resultsOf(report), 'succeeded').length, 6);
  t.same(writes(deployment.calls).slice(2), [
    'UpdateStackSet',
    'CreateStackInstances',
    'CreateStackInstances',
  ]);
  const update = deployment.calls.find(({ command }) => command === 'UpdateStackSet');
  t.equal(update?.input.AdministrationRoleARN, administrationRoleArn);
});

t.test('the plan is asked about before the first write, and no is no', async (t) => {
  const deployment = await startDeployment(t);
  let asked = 0;

  const report = await deployment.deploy(
    { targets: [...PLACES, { account: ACCOUNT, region: 'me-south-1', off: 'not enabled' }] },
    {
      approve: async (plan) => {
        asked = changes(plan).length;
        return false;
      },
    },
  );

  t.equal(asked, 6);
  t.equal(report.kind, 'declined');
  t.same(writes(deployment.calls), []);
});

t.test('a StackSet of somebody else is left alone', async (t) => {
  const deployment = await startDeployment(t);
  const { template } = await collector();
  await deployment
    .client()
    .send(new CreateStackSetCommand({ StackSetName: 'guardrelay', TemplateBody: template.body }));

  await t.rejects(deployment.deploy(), { code: 'CFN-002', fix: /guardrelay-acme/ });
});

t.test(
  'destroy removes the instances and then the set, keeps the log groups, and finds nothing the second time',
  async (t) => {
    const deployment = await startDeployment(t);
    await deployment.deploy();

    const report = await deployment.destroy();
    const again = await deployment.destroy();

    t.equal(report.kind === 'done' && named(report.results, 'succeeded').length, 6);
    t.equal(again.kind, 'nothing');
    await t.rejects(deployment.client().send(new DescribeStackSetCommand({ StackSetName: 'guardrelay' })), {
      name: 'StackSetNotFoundException',
    });
    for (const { account, region } of PLACES) {
      const group = deployment.logGroup({ account, region });
      t.ok(group, `${account} ${region} keeps its log group`);
    }
  },
);

t.test('a set with an instance that could not be removed stays', async (t) => {
  const deployment = await startDeployment(t);
  await deployment.deploy();
  deployment.aws.world.faults.add(refusal('eu-west-1', { account: MEMBER }));

  const report = await deployment.destroy();

  t.same(report.kind === 'done' && named(report.results, 'failed'), [`${MEMBER} eu-west-1`]);
  t.same(
    (await instances(deployment)).map(({ Account, Region }) => `${Account} ${Region}`),
    [`${MEMBER} eu-west-1`],
  );
  const plan = await finish(deployment.clock, deployment.deploy());
  t.match(plan.kind === 'done' && plan.plan.steps.find(({ action }) => action === 'skip'), {
    account: MEMBER,
    code: 'CFN-002',
    reason: /inoperable/,
  });
});

t.test('D11 a StackSet adopts the log groups that an earlier one left, and updates keep them', async (t) => {
  const deployment = await startDeployment(t);
  await deployment.deploy();
  await deployment.destroy();
  const kept = PLACES.map(deployment.logGroup);
  const before = writes(deployment.calls).length;

  const report = await deployment.deploy();
  const adopting = writes(deployment.calls).slice(before);
  const updated = await deployment.deploy({ collector: await collector({ owner: 'soc' }) });

  t.same(adopting, ['CreateStackSet', 'CreateStackInstances', 'CreateStackInstances']);
  t.equal(named(resultsOf(report), 'succeeded').length, 6);
  t.same(
    [...new Set(resultsOf(report).map(({ reason }) => reason))],
    ['adopted the log group that was there'],
  );
  t.notOk(
    deployment.changed.some(({ status }) => status === 'failed'),
    'nothing is told to have failed',
  );
  t.equal(named(resultsOf(updated), 'succeeded').length, 6);
  t.ok(
    resultsOf(updated).every(({ reason }) => reason === undefined),
    'nothing was adopted anew',
  );
  t.same(PLACES.map(deployment.logGroup), kept, 'the very same groups');
  t.equal((await deployment.deploy({ collector: await collector({ owner: 'soc' }) })).kind, 'unchanged');
});

t.test('an adoption that was cut off stands in the next plan, and is carried out then', async (t) => {
  const deployment = await startDeployment(t);
  await deployment.deploy();
  await deployment.destroy();
  const effect = { kind: 'error', code: 'AccessDenied', message: 'not now', statusCode: 403 } as const;
  deployment.aws.world.faults.add({ operation: 'CreateStackInstances', after: 1, times: 1, effect });

  await t.rejects(deployment.deploy(), { code: 'CFN-012' });
  const again = await deployment.deploy();

  const { plan } = again.kind === 'done' ? again : { plan: undefined };
  t.same(
    [...new Set(plan?.steps.map(({ reason }) => reason))],
    ['its log group is there already and will be adopted'],
  );
  t.equal(named(resultsOf(again), 'succeeded').length, 6);
});

t.test('a policy of the log group itself rules adoption out, and the failure says so', async (t) => {
  const deployment = await startDeployment(t);
  await deployment.deploy();
  await deployment.destroy();
  const { parameters, ...blueprint } = await collector();
  const ownPolicy = { ...blueprint, parameters: { ...parameters, LogPolicyScope: 'LogGroup' as const } };

  const report = await deployment.deploy({ collector: ownPolicy });

  t.equal(named(resultsOf(report), 'failed').length, 6);
  t.match(explainFailure(resultsOf(report)[0]?.reason), { code: 'CFN-003', fix: /logPolicyScope: logGroup/ });
  t.equal(deployment.calls.filter(({ command }) => command === 'CreateStackInstances').length, 2);
});

t.test(
  'the reader role stands in every account: by a stack where the credentials belong, by a StackSet elsewhere',
  async (t) => {
    const deployment = await startDeployment(t);

    const report = await deployment.deploy({ reader: await reader() });
    const first = writes(deployment.calls);
    const again = await deployment.deploy({ reader: await reader() });
    const removed = await deployment.destroy({ reader: await reader() });

    t.same(named(resultsOf(report), 'failed'), []);
    t.same(
      resultsOf(report)
        .slice(0, 2)
        .map(({ account, stack }) => `${account} ${stack}`)
        .sort(),
      [`${ACCOUNT} guardrelay-reader`, `${MEMBER} guardrelay-reader`],
      'before anything else',
    );
    const [roles] = deployment.calls.filter(({ command }) => command === 'CreateStackInstances');
    t.match(roles?.input, { StackSetName: 'guardrelay-reader', Accounts: [MEMBER], Regions: ['us-east-1'] });
    t.equal(again.kind, 'unchanged');
    t.same(writes(deployment.calls).slice(0, first.length), first);
    t.equal(removed.kind === 'done' && removed.results.every(({ status }) => status === 'succeeded'), true);
    for (const account of [ACCOUNT, MEMBER]) {
      t.equal(deployment.aws.world.principals.role(account, 'GuardRelayReader'), undefined, account);
    }
  },
);
