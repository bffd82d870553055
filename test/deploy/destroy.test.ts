import { ListStackInstancesCommand } from '@aws-sdk/client-cloudformation';
import t from 'tap';

import type { DestroyReport } from '../../agent/deploy/destroy.ts';
import { collectorParameters } from '../../agent/deploy/parameters.ts';
import type { Place } from '../../agent/deploy/places.ts';
import type { Removal } from '../../agent/deploy/removal.ts';
import { removalText } from '../../agent/deploy/removal-text.ts';
import { type DeployRow, removalRows } from '../../agent/deploy/rows.ts';
import { COLLECTOR } from '../support/deploy-request.ts';
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
import { inventory } from '../support/inventory.ts';
import { ACCOUNT } from '../support/local-aws.ts';

const EXECUTION_ROLE = 'AWSCloudFormationStackSetExecutionRole';
const THREE = { mode: 'stack', targets: REGIONS.map((region) => ({ account: ACCOUNT, region })) } as const;

const standing = (deployment: Deployment) => inventory(deployment, [ACCOUNT, MEMBER]);

function logGroupsIn(places: readonly Place[]): string[] {
  return places.map(({ account, region }) => `${account} ${region} log group ${COLLECTOR.logGroup}`).sort();
}

function rowsOf(report: DestroyReport): readonly DeployRow[] {
  return report.kind === 'done' ? removalRows('acme', report.removals, report.results) : [];
}

function problems(report: DestroyReport) {
  return rowsOf(report).filter(({ code }) => code !== undefined);
}

/** With everything that the template can make. */
async function fullRequest() {
  const blueprint = await collector();
  const parameters = collectorParameters({ ...COLLECTOR, deadLetterQueue: true });
  return { collector: { ...blueprint, parameters }, reader: await reader() };
}

t.test('D29 destroy shows everything that goes, and nothing is left but the log groups', async (t) => {
  const deployment = await startDeployment(t);
  const request = await fullRequest();
  await deployment.deploy(request);
  let shown: readonly Removal[] = [];

  const declined = await deployment.destroy(request, { approve: async () => false });
  const before = writes(deployment.calls).length;
  const report = await deployment.destroy(request, {
    async approve(removals) {
      shown = removals;
      t.equal(writes(deployment.calls).length, before, 'nothing is written before the answer');
      return true;
    },
  });

  t.equal(declined.kind, 'declined');
  t.equal(rowsOf(report).length, 8);
  t.same(problems(report), []);
  t.equal(
    removalText('acme', shown, COLLECTOR.logGroup),
    [
      'acme · to be removed:',
      '  - StackSet guardrelay   111122223333 222222222222: us-east-1 eu-west-1 eu-central-1',
      '  - stack guardrelay-reader with the reader role   111122223333: us-east-1',
      '  - StackSet guardrelay-reader with the reader role   222222222222: us-east-1',
      '  = 6 log groups /aws/events/guardrelay kept with their events',
      '',
    ].join('\n'),
  );
  t.same([...(await standing(deployment))].sort(), logGroupsIn(PLACES));
});

for (const [kind, parts, mode] of [
  ['a StackSet', {}, 'StackSet'],
  ['plain stacks', THREE, 'stack'],
] as const) {
  t.test(`D29 the log groups of ${kind} go too where that is asked for`, async (t) => {
    const deployment = await startDeployment(t);
    const request = { ...(await fullRequest()), ...parts };
    await deployment.deploy(request);
    let text = '';

    const report = await deployment.destroy(request, {
      keepLogs: false,
      async approve(removals) {
        text = removalText('acme', removals, COLLECTOR.logGroup);
        return true;
      },
    });

    t.same(problems(report), []);
    t.match(text, new RegExp(`- ${mode} guardrelay`));
    t.match(text, /- \d log groups \/aws\/events\/guardrelay with their events/);
    t.same(await standing(deployment), []);
    t.equal((await deployment.destroy(request, { keepLogs: false })).kind, 'nothing');
  });
}

t.test('a log group that was adopted is not ours to delete: it stays and is named', async (t) => {
  const deployment = await startDeployment(t);
  const first = { targets: PLACES.slice(0, 2), mode: 'stackset-self-managed' } as const;
  await deployment.deploy(first);
  await deployment.destroy(first);
  await deployment.deploy();

  const report = await deployment.destroy({}, { keepLogs: false });

  t.same(await standing(deployment), logGroupsIn(first.targets));
  t.match(report.kind === 'done' && report.removals, [
    { logGroups: { spared: { length: 2 }, deleted: { length: 4 } } },
  ]);
});

t.test('a destroy that is stopped goes on where it was, log groups and all', async (t) => {
  for (const stopAt of ['UpdateStackSet', 'DeleteStackInstances']) {
    const deployment = await startDeployment(t);
    await deployment.deploy();
    const interrupt = new AbortController();
    const running = deployment.destroy({}, { keepLogs: false, signal: interrupt.signal });
    while (!writes(deployment.calls).includes(stopAt)) await deployment.clock.advance(250);
    await deployment.clock.advance(1_000);
    interrupt.abort();

    const stopped = await running;
    const resumed = await deployment.destroy({}, { keepLogs: false });

    t.equal(stopped.kind, 'interrupted', stopAt);
    t.same(problems(resumed), []);
    t.same(await standing(deployment), [], stopAt);
    t.equal(writes(deployment.calls).filter((command) => command === 'UpdateStackSet').length, 1);
  }
});

t.test('a stack that would retain its log group stays, to be tried again', async (t) => {
  const deployment = await startDeployment(t);
  await deployment.deploy();
  const effect = { kind: 'error', code: 'AccessDenied', message: 'explicit deny' } as const;
  const fault = { operation: 'StackInstance', account: MEMBER, region: 'eu-west-1', effect };
  deployment.aws.world.faults.add({ ...fault, times: 1 });

  const first = await deployment.destroy({}, { keepLogs: false });
  const left = await standing(deployment);
  const second = await deployment.destroy({}, { keepLogs: false });

  t.match(problems(first), [{ account: MEMBER, region: 'eu-west-1', code: 'CFN-012' }]);
  t.same(
    left.filter((thing) => /log group|StackSet guardrelay/.test(thing)),
    [`${ACCOUNT} us-east-1 StackSet guardrelay`, ...logGroupsIn([{ account: MEMBER, region: 'eu-west-1' }])],
  );
  t.same(problems(second), []);
  t.same(await standing(deployment), []);
});

t.test('D13 an inoperable instance is tried once more, then let go, and its stack is named', async (t) => {
  const deployment = await startDeployment(t);
  await deployment.deploy();
  const { principals } = deployment.aws.world;
  principals.deleteRole(MEMBER, EXECUTION_ROLE);
  const { Summaries = [] } = await deployment
    .client()
    .send(new ListStackInstancesCommand({ StackSetName: 'guardrelay', StackInstanceAccount: MEMBER }));
  let text = '';

  const first = await deployment.destroy();
  const second = await deployment.destroy(
    {},
    {
      async approve(removals) {
        text = removalText('acme', removals, COLLECTOR.logGroup);
        return true;
      },
    },
  );

  t.equal(problems(first).length, 3);
  t.match(problems(first), [{ code: 'CFN-001', account: MEMBER }]);
  t.match(
    text,
    /! 222222222222: us-east-1 eu-west-1 eu-central-1 {3}inoperable: Account 222222222222 should have/,
  );
  t.match(text, /lets go of these/);
  t.same(
    problems(second).map(({ code, fix }) => [code, fix]),
    Summaries.map(({ StackId, Region }) => [
      'CFN-002',
      `In account ${MEMBER}: aws cloudformation delete-stack --stack-name ${StackId?.split('/')[1]} --region ${Region}`,
    ]),
  );
  const left = await standing(deployment);
  t.same(
    left.filter((thing) => thing.includes('StackSet guardrelay')),
    [],
  );
  t.ok(left.every((thing) => thing.startsWith(MEMBER) || thing.includes('log group')));
  t.equal((await deployment.destroy()).kind, 'nothing');
});

t.test('an inoperable instance whose cause is gone is removed like any other', async (t) => {
  const deployment = await startDeployment(t);
  await deployment.deploy();
  const { principals } = deployment.aws.world;
  const role = principals.role(MEMBER, EXECUTION_ROLE);
  principals.deleteRole(MEMBER, EXECUTION_ROLE);
  await deployment.destroy();
  if (role) principals.putRole(role);

  const report = await deployment.destroy();

  t.same(problems(report), []);
  t.equal(rowsOf(report).length, 3);
  t.same([...(await standing(deployment))].sort(), logGroupsIn(PLACES));
});

t.test('stacks in a suspended account are let go too: CloudFormation skips them', async (t) => {
  const deployment = await startDeployment(t);
  const { organizations } = deployment.aws.world;
  const member = { id: MEMBER, name: 'member', email: 'member@acme.example' };
  const management = { id: ACCOUNT, name: 'management', email: 'aws@acme.example' };
  organizations.add({ management: ACCOUNT, accounts: [management, member] });
  await deployment.deploy();
  const organization = organizations.of(MEMBER);
  if (organization) organizations.put(organization, { ...member, isSuspended: true });

  const first = await deployment.destroy();
  const second = await deployment.destroy();

  t.match(problems(first), Array(3).fill({ account: MEMBER, code: 'CFN-002', reason: /suspended/ }));
  t.match(problems(second), Array(3).fill({ account: MEMBER, code: 'CFN-002', fix: /delete-stack/ }));
  t.equal((await deployment.destroy()).kind, 'nothing');
});

t.test('a plain stack that is refused is no less a problem for having been so before', async (t) => {
  const deployment = await startDeployment(t);
  await deployment.deploy(THREE);
  const effect = { kind: 'error', code: 'AccessDenied', message: 'explicit deny', statusCode: 403 } as const;
  deployment.aws.world.faults.add({ operation: 'DescribeStacks', region: 'eu-west-1', effect });

  const report = await deployment.destroy(THREE);

  t.equal(rowsOf(report).length, 3);
  t.match(problems(report), [{ region: 'eu-west-1', status: 'failed', code: 'CFN-012' }]);
});
