import { DisableRuleCommand, EnableRuleCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import t from 'tap';

import type { DeployReport } from '../../agent/deploy/deploy.ts';
import { isFinding } from '../../agent/deploy/drift-rows.ts';
import { planText } from '../../agent/deploy/plan-text.ts';
import { deployText } from '../../agent/deploy/report-text.ts';
import { type DeployRow, deployRows, isProblem } from '../../agent/deploy/rows.ts';
import { startFleetScene } from '../support/fleet-scene.ts';
import { ACCOUNT } from '../support/local-aws.ts';

const OFF = ['il-central-1', 'me-south-1', 'mx-central-1'];
const STACKS = 40 * 31;
const REFUSED = { account: '500000000007', region: 'ap-northeast-3' };
const SCP =
  'ResourceLogicalId:LogGroup, ResourceType:AWS::Logs::LogGroup, ResourceStatusReason:with an explicit deny in a service control policy: arn:aws:organizations::111122223333:policy/o-1/service_control_policy/p-xyz: logs:CreateLogGroup.';
const SEQUEL = { customer: 'acme', again: 'guardrelay deploy --customer acme', why: 'stopped' };

function rowsOf(report: DeployReport): readonly DeployRow[] {
  if (report.kind === 'interrupted') return [];
  return deployRows(report.plan, 'results' in report ? report.results : []);
}

function counts(rows: readonly DeployRow[]): Readonly<Record<string, number>> {
  const states = Map.groupBy(rows, ({ status }) => status);
  return Object.fromEntries([...states].map(([status, some]) => [status, some.length]));
}

t.test('a customer with 40 accounts in 34 regions, from the plan to the end', async (t) => {
  const fleet = await startFleetScene(t, { accountCount: 40, off: OFF, unguarded: ['eu-south-2'] });
  const { aws, clock } = fleet;

  await t.test(
    'D01 the plan names every region of every account, with a reason where nothing is done',
    async (t) => {
      const { plan } = await fleet.plan();

      const off = plan.steps.filter(({ action }) => action === 'off');
      t.equal(plan.steps.length, 40 * 34);
      t.equal(plan.steps.filter(({ action }) => action === 'create').length, STACKS);
      t.same(new Set(off.map(({ region }) => region)), new Set(OFF));
      t.ok(off.every(({ reason }) => reason === 'not enabled in the account'));
      t.match(
        plan.steps.filter(({ action, reason }) => action === 'create' && reason !== undefined),
        [{ account: ACCOUNT, region: 'eu-south-2', reason: /no GuardDuty detector \(GD-001\)/ }],
        'the deployer sees the detectors of his own account, and deploys all the same',
      );
      t.match(planText(plan), /Plan: 1240 to create, 0 to update, 0 unchanged, 120 off\./);
      t.same(fleet.writes(), []);
    },
  );

  await t.test('D03 one refused region is named with its reason, and 1,239 others stand', async (t) => {
    const effect = { kind: 'error', code: 'AccessDenied', message: SCP } as const;
    const allow = aws.world.faults.add({ operation: 'StackInstance', ...REFUSED, effect });
    aws.world.faults.add({
      ...{ operation: 'ListStackSetOperationResults', times: 6 },
      effect: { kind: 'rate-limit', callsPerSecond: 1 },
    });

    const report = await fleet.deploy();
    const again = await fleet.deploy();
    allow();

    const rows = rowsOf(report);
    t.same(counts(rows), { succeeded: STACKS - 1, failed: 1, off: 120 });
    t.match(rows.filter(isProblem), [{ ...REFUSED, code: 'CFN-012', reason: /p-xyz: logs:CreateLogGroup/ }]);
    t.match(
      deployText(SEQUEL, report, rows),
      /1239 of 1240 stacks up to date, 1 failed\.\n {2}CFN-012 {2}500000000007: ap-northeast-3\n/,
    );
    t.match(fleet.notes.join('\n'), /AWS does not answer \(.*Rate exceeded.*\): asking again/);
    t.same(
      counts(rowsOf(again)),
      { unchanged: STACKS - 1, failed: 1, off: 120 },
      'D07 only what failed is tried again',
    );
  });

  await t.test('D02 once all stands, deploying again changes nothing and writes nothing', async (t) => {
    const last = await fleet.deploy();
    const writes = fleet.writes();
    const report = await fleet.deploy();

    t.match(last, { kind: 'done', results: [{ ...REFUSED, status: 'succeeded' }] });
    t.equal(writes.length, 4, writes.join());
    t.equal(report.kind, 'unchanged');
    t.same(fleet.writes(), []);
    t.match(
      deployText(SEQUEL, report, rowsOf(report)),
      /1240 stacks up to date already, 120 regions are off/,
    );
  });

  await t.test('the agent finds and reads every source', async (t) => {
    await clock.advance(6 * 60_000);

    const { sources, leftOut } = await fleet.discover();
    const proofs = await fleet.prove();

    t.equal(sources.length, STACKS);
    t.same(leftOut, []);
    t.equal(proofs.filter(({ verdict }) => verdict.kind === 'proven').length, STACKS);
  });

  await t.test('a rule that somebody switched off in one of 1,240 stacks is found', async (t) => {
    const changed = { account: '500000000011', region: 'eu-west-1' };
    const keys = aws.world.principals.addUser(changed.account, 'somebody');
    const events = new EventBridgeClient(fleet.config({ keys, region: changed.region }));
    await events.send(new DisableRuleCommand({ Name: 'guardrelay-findings' }));

    const report = await fleet.drift();
    await events.send(new EnableRuleCommand({ Name: 'guardrelay-findings' }));

    const rows = report.kind === 'done' ? report.rows : [];
    t.match(rows.filter(isFinding), [
      { ...changed, state: 'drifted', resources: [{ logicalId: 'FindingsRule' }] },
    ]);
    t.equal(rows.filter(({ state }) => state === 'in-sync').length, STACKS - 1);
  });

  await t.test(
    'D15, D06 an update reaches one region first; cut off and run again, it is taken up',
    async (t) => {
      const settings = { stack: { retentionDays: 60 } };
      const allow = aws.world.faults.add({
        ...{ operation: 'StackInstance', region: 'sa-east-1' },
        effect: { kind: 'hang', ms: 600_000 },
      });
      fleet.writes();

      const stopped = await fleet.deploy(settings, 600);
      const begun = fleet.writes();
      allow();
      const resumed = await fleet.deploy(settings);

      t.equal(stopped.kind, 'interrupted');
      t.same(begun, ['cloudformation:UpdateStackSet', 'cloudformation:UpdateStackSet']);
      t.match(fleet.notes.at(-1), /operation gr-[0-9a-f]{32}-1 of an earlier run goes on/);
      t.same(fleet.writes(), [], 'no second operation');
      t.equal(counts(rowsOf(resumed)).succeeded, STACKS);
      t.equal((await fleet.deploy(settings)).kind, 'unchanged');
    },
  );

  await t.test('D29 at the end all stacks and the set are gone, and the log groups are kept', async (t) => {
    const report = await fleet.destroy();
    const again = await fleet.destroy();

    t.equal(report.kind === 'done' && report.results.every(({ status }) => status === 'succeeded'), true);
    t.equal(report.kind === 'done' && report.results.length, STACKS);
    t.same(fleet.writes(), ['cloudformation:DeleteStackInstances', 'cloudformation:DeleteStackSet']);
    t.equal(again.kind, 'nothing');
    const kept = (await fleet.discover()).sources.filter(({ account, region }) =>
      aws.logs.groups({ account, region, partition: 'aws' }).find('/aws/events/guardrelay'),
    );
    t.equal(kept.length, STACKS);
  });
});
