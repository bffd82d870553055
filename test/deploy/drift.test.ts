import { CreateStackInstancesCommand, DetectStackSetDriftCommand } from '@aws-sdk/client-cloudformation';
import t from 'tap';

import type { DriftReport } from '../../agent/deploy/drift.ts';
import type { DriftRow } from '../../agent/deploy/drift-rows.ts';
import type { Place } from '../../agent/deploy/places.ts';
import type { LocalAws } from '../../agent/localaws/server.ts';
import { collector, MEMBER, PLACES, REGIONS, startDeployment, writes } from '../support/deployment.ts';
import { ACCOUNT } from '../support/local-aws.ts';

const GROUP = '/aws/events/guardrelay';
const OWN_PLACES = REGIONS.map((region) => ({ account: ACCOUNT, region }));

function rowsOf(report: DriftReport): readonly DriftRow[] {
  return report.kind === 'done' ? report.rows : [];
}

/** `account region state` of everything that is not in sync. */
function findings(report: DriftReport): readonly string[] {
  return rowsOf(report)
    .filter(({ state }) => state !== 'in-sync')
    .map(({ account, region, state }) => `${account} ${region} ${state}`);
}

function disable({ events }: LocalAws, place: Place): void {
  const rules = events.rules({ ...place, partition: 'aws' });
  rules.put({ ...rules.get('guardrelay-findings'), state: 'DISABLED' });
}

function forget({ logs }: LocalAws, place: Place): void {
  logs.groups({ ...place, partition: 'aws' }).retain(GROUP, 7);
}

/** Plain stacks in three regions of one account, or the StackSet over all places. */
const MODES = [
  { mode: 'stack', targets: OWN_PLACES },
  { mode: 'stackset-self-managed', targets: PLACES },
] as const;

for (const { mode, targets } of MODES) {
  t.test(`D-drift what was just deployed is in sync, and looking writes nothing: ${mode}`, async (t) => {
    const deployment = await startDeployment(t);
    await deployment.deploy({ mode, targets });
    const before = writes(deployment.calls).length;

    const cheap = await deployment.drift({ mode, targets }, { detect: false });
    const calls = writes(deployment.calls).slice(before);
    const begunAt = deployment.clock.now();
    const detected = await deployment.drift({ mode, targets });

    t.equal(rowsOf(cheap).length, targets.length);
    t.same(findings(cheap), []);
    t.same(calls, []);
    t.same(findings(detected), []);
    t.same(
      writes(deployment.calls).filter((command) => !command.startsWith('Detect')),
      writes(deployment.calls).slice(0, before),
    );
    t.ok(rowsOf(cheap).every(({ checkedAt }) => checkedAt === undefined));
    t.ok(rowsOf(detected).every(({ checkedAt = '' }) => Date.parse(checkedAt) >= begunAt));
  });

  t.test(`D-drift what was changed by hand is named with what differs: ${mode}`, async (t) => {
    const deployment = await startDeployment(t);
    await deployment.deploy({ mode, targets });
    const place = { account: ACCOUNT, region: 'eu-west-1' };
    disable(deployment.aws, place);
    forget(deployment.aws, place);
    deployment.aws.logs
      .policies({ ...place, region: 'eu-central-1', partition: 'aws' })
      .deleteForAccount('guardrelay-events');

    const cheap = await deployment.drift({ mode, targets }, { detect: false });
    const detected = await deployment.drift({ mode, targets });

    t.same(findings(cheap), [], 'tags do not tell of it');
    t.same(findings(detected), [`${ACCOUNT} eu-west-1 drifted`, `${ACCOUNT} eu-central-1 drifted`]);
    t.match(
      rowsOf(detected).filter(({ state }) => state === 'drifted'),
      [
        {
          code: 'CFN-005',
          fix: /^guardrelay doctor --customer acme /,
          resources: [
            {
              logicalId: 'LogGroup',
              name: GROUP,
              type: 'AWS::Logs::LogGroup',
              change: 'modified',
              properties: [{ path: 'RetentionInDays', expected: '30', actual: '7' }],
            },
            {
              logicalId: 'FindingsRule',
              change: 'modified',
              properties: [{ path: 'State', expected: 'ENABLED', actual: 'DISABLED' }],
            },
          ],
        },
        { resources: [{ logicalId: 'LogPolicy', change: 'deleted', properties: [] }] },
      ],
    );
  });

  t.test(`D-drift another release or configuration is found by tags, at once: ${mode}`, async (t) => {
    const deployment = await startDeployment(t);
    await deployment.deploy({ mode, targets });
    const place = { account: ACCOUNT, region: 'eu-west-1' };
    disable(deployment.aws, place);
    const wanted = { mode, targets, collector: await collector({ team: 'soc' }) };

    const cheap = await deployment.drift(wanted, { detect: false });
    const detected = await deployment.drift(wanted, { isChosen: ({ region }) => region === 'eu-west-1' });

    t.equal(findings(cheap).length, targets.length);
    t.match(rowsOf(cheap)[0], {
      state: 'outdated',
      code: 'CFN-004',
      fix: 'guardrelay update --customer acme',
    });
    t.same(
      rowsOf(detected)
        .filter(({ account }) => account === ACCOUNT)
        .map(({ state, region }) => [state, region]),
      [
        ['outdated', 'eu-west-1'],
        ['drifted', 'eu-west-1'],
      ],
      'one row each for what is outdated and was changed as well, and none for other regions',
    );
  });
}

t.test('D-drift missing stacks, stacks too many and regions that are off are told apart', async (t) => {
  const deployment = await startDeployment(t);
  const [first, ...others] = PLACES;
  await deployment.deploy({ targets: others });

  const targets = [
    ...PLACES.filter((place) => place !== others[0]),
    { account: ACCOUNT, region: 'me-south-1', off: 'not enabled in the account' },
  ];
  const report = await deployment.drift({ targets });

  t.same(findings(report), [
    `${first?.account} ${first?.region} missing`,
    `${ACCOUNT} me-south-1 off`,
    `${others[0]?.account} ${others[0]?.region} extra`,
  ]);
  t.match(
    rowsOf(report).filter(({ state }) => state === 'missing' || state === 'extra'),
    [
      { code: 'CFN-004', fix: 'guardrelay deploy --customer acme' },
      { code: 'CFN-004', fix: /docs\/errors\/CFN-004.md/ },
    ],
  );
});

t.test('D-drift nothing deployed is everything missing', async (t) => {
  const deployment = await startDeployment(t);

  const report = await deployment.drift();

  t.same(
    rowsOf(report).map(({ state }) => state),
    PLACES.map(() => 'missing'),
  );
});

t.test(
  'D-drift what CloudFormation could not compare is unknown, with its words, and stops nobody',
  async (t) => {
    const deployment = await startDeployment(t);
    await deployment.deploy();
    const effect = {
      kind: 'error',
      code: 'AccessDenied',
      message: 'logs:DescribeLogGroups: Access Denied',
    } as const;
    deployment.aws.world.faults.add({
      operation: 'StackInstance',
      account: MEMBER,
      region: 'eu-west-1',
      effect,
    });
    disable(deployment.aws, { account: ACCOUNT, region: 'us-east-1' });

    const report = await deployment.drift();

    t.same(findings(report), [`${ACCOUNT} us-east-1 drifted`, `${MEMBER} eu-west-1 unknown`]);
    t.match(
      rowsOf(report).find(({ state }) => state === 'unknown'),
      { code: 'CFN-012', reason: /Access Denied/, fix: /run the same command again/ },
    );
  },
);

t.test(
  'D-drift a stack of which one resource could not be read shows what was found, and that it is not all',
  async (t) => {
    const deployment = await startDeployment(t);
    const targets = OWN_PLACES;
    await deployment.deploy({ mode: 'stack', targets });
    disable(deployment.aws, { account: ACCOUNT, region: 'us-east-1' });
    const effect = { kind: 'error', code: 'AccessDenied', message: 'no right to read' } as const;
    for (const region of ['us-east-1', 'eu-west-1']) {
      deployment.aws.world.faults.add({ operation: 'ReadResource', region, times: 1, effect });
    }

    const report = await deployment.drift({ mode: 'stack', targets });

    t.match(
      rowsOf(report).filter(({ state }) => state !== 'in-sync'),
      [
        { state: 'drifted', reason: /no right to read/, resources: [{ logicalId: 'FindingsRule' }] },
        { state: 'unknown', reason: /no right to read/ },
      ],
    );
  },
);

t.test('D-drift a set that is busy is waited for', async (t) => {
  const deployment = await startDeployment(t);
  await deployment.deploy();
  deployment.aws.world.faults.add({
    ...{ operation: 'StackInstance', region: 'eu-west-3', times: 1 },
    effect: { kind: 'hang', ms: 60_000 },
  });
  await deployment.client().send(
    new CreateStackInstancesCommand({
      StackSetName: 'guardrelay',
      Accounts: [MEMBER],
      Regions: ['eu-west-3'],
      OperationId: 'gr-somebody-1',
    }),
  );

  const report = await deployment.drift();

  t.same(findings(report), [`${MEMBER} eu-west-3 extra`]);
  t.match(deployment.notes.join('\n'), /operation gr-somebody-1 of an earlier run goes on/);
});

t.test(
  'D-drift a detection of somebody else on the set is waited for, and another one follows',
  async (t) => {
    const deployment = await startDeployment(t);
    await deployment.deploy();
    const effect = { kind: 'hang', ms: 60_000 } as const;
    deployment.aws.world.faults.add({ operation: 'StackInstance', times: 1, effect });
    await deployment
      .client()
      .send(new DetectStackSetDriftCommand({ StackSetName: 'guardrelay', OperationId: 'somebody-1' }));

    const report = await deployment.drift();

    t.same(findings(report), []);
    t.match(deployment.notes.join('\n'), /another operation is running on StackSet guardrelay/);
    t.equal(deployment.calls.at(-1)?.command, 'ListStackInstances');
  },
);

t.test('D-drift a detection of somebody else is waited for, stack by stack', async (t) => {
  const deployment = await startDeployment(t);
  const targets = OWN_PLACES.slice(0, 1);
  await deployment.deploy({ mode: 'stack', targets });

  const [one, other] = await Promise.all([
    deployment.drift({ mode: 'stack', targets }),
    deployment.drift({ mode: 'stack', targets }),
  ]);

  t.same([findings(one), findings(other)], [[], []]);
});

t.test('D-drift stopped, it says so', async (t) => {
  const deployment = await startDeployment(t);
  await deployment.deploy();

  const report = await deployment.drift({}, { signal: AbortSignal.abort() });

  t.equal(report.kind, 'interrupted');
});
