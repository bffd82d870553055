import t from 'tap';

import { customerRequest } from '../../agent/deploy/customer-request.ts';
import type { DeployReport } from '../../agent/deploy/deploy.ts';
import { planText } from '../../agent/deploy/plan-text.ts';
import type { DeployRequest } from '../../agent/deploy/request.ts';
import { deployRows } from '../../agent/deploy/rows.ts';
import type { LocalAws } from '../../agent/localaws/server.ts';
import type { Place } from '../../agent/localaws/service.ts';
import { isJsonObject } from '../../agent/model/json.ts';
import { customerOf, resultsIn, startCheckedWorld } from '../support/checked-world.ts';
import {
  collector,
  type Deployment,
  forwarding,
  MEMBER,
  PLACES,
  REGIONS,
  startDeployment,
  writes,
} from '../support/deployment.ts';
import { ACCOUNT } from '../support/local-aws.ts';

const HUB = 'eu-central-1';
const GROUP = '/aws/events/guardrelay';
const OWN = REGIONS.map((region) => ({ account: ACCOUNT, region }));
const MINUTE_MS = 60_000;

type Parts = Partial<DeployRequest>;

async function hubParts(parts: Parts): Promise<Parts> {
  return { collector: await collector({}, { hubRegion: HUB }), forwarding: await forwarding(HUB), ...parts };
}

function placeIn(region: string, account = ACCOUNT): Place {
  return { account, region, partition: 'aws' };
}

/** In the order in which they came about. */
function outcomes(report: DeployReport): readonly string[] {
  const results = report.kind === 'done' ? report.results : [];
  return results.map(({ account, region, stack, status }) => `${account} ${region} ${stack} ${status}`);
}

/** Where there is a log group. */
function groups({ logGroup }: Deployment): readonly string[] {
  return PLACES.filter((place) => logGroup(place)).map(({ account, region }) => `${account} ${region}`);
}

/** Puts a finding on the bus of a region. */
function emit(aws: LocalAws, place: Place): void {
  aws.events.emit(place, { source: 'aws.guardduty', 'detail-type': 'GuardDuty Finding', detail: {} });
}

/** Regions of the findings that a log group holds. */
function foundIn({ aws }: Deployment, place: Place): readonly unknown[] {
  const { all } = aws.logs.groups(place).get(GROUP).rows;
  const events = all.map(({ message }): unknown => JSON.parse(message)).filter(isJsonObject);
  return events.filter(({ source }) => source === 'aws.guardduty').map(({ region }) => region);
}

t.test(
  'stacks: the role first, then the hub, then those that forward to it; a second run writes nothing',
  async (t) => {
    const deployment = await startDeployment(t);
    const parts = await hubParts({ mode: 'stack', targets: OWN });

    const first = await deployment.deploy(parts);
    const written = writes(deployment.calls).length;
    const second = await deployment.deploy(parts);
    for (const { region } of OWN) emit(deployment.aws, placeIn(region));

    t.same(outcomes(first), [
      `${ACCOUNT} us-east-1 guardrelay-hub succeeded`,
      `${ACCOUNT} eu-central-1 guardrelay succeeded`,
      `${ACCOUNT} us-east-1 guardrelay succeeded`,
      `${ACCOUNT} eu-west-1 guardrelay succeeded`,
    ]);
    t.equal(second.kind, 'unchanged');
    t.equal(writes(deployment.calls).length, written);
    t.same(groups(deployment), [`${ACCOUNT} ${HUB}`]);
    t.same(foundIn(deployment, placeIn(HUB)).toSorted(), REGIONS.toSorted());
  },
);

t.test(
  'a StackSet: the same parameters everywhere, and in each account the role and the hub first',
  async (t) => {
    const deployment = await startDeployment(t);
    const parts = await hubParts({});

    const first = await deployment.deploy(parts);
    const second = await deployment.deploy(parts);
    for (const place of PLACES) emit(deployment.aws, { ...place, partition: 'aws' });

    t.same(
      outcomes(first).map((text) => text.replace(/ succeeded$/, '')),
      [
        ...[`${ACCOUNT} us-east-1 guardrelay-hub`, `${MEMBER} us-east-1 guardrelay-hub`],
        ...[`${ACCOUNT} ${HUB} guardrelay`, `${MEMBER} ${HUB} guardrelay`],
        ...['us-east-1', 'eu-west-1'].map((region) => `${ACCOUNT} ${region} guardrelay`),
        ...['us-east-1', 'eu-west-1'].map((region) => `${MEMBER} ${region} guardrelay`),
      ],
    );
    t.equal(second.kind, 'unchanged');
    t.same(groups(deployment), [`${ACCOUNT} ${HUB}`, `${MEMBER} ${HUB}`]);
    for (const account of [ACCOUNT, MEMBER]) {
      t.same(foundIn(deployment, placeIn(HUB, account)).toSorted(), REGIONS.toSorted());
    }
  },
);

t.test('no region forwards to a hub that does not stand', async (t) => {
  const deployment = await startDeployment(t);
  const refusal = { kind: 'error', code: 'AccessDenied', message: 'explicit deny' } as const;
  const fault = { operation: 'StackInstance', account: MEMBER, region: HUB, effect: refusal };
  const allow = deployment.aws.world.faults.add(fault);

  const report = await deployment.deploy(await hubParts({}));
  const rows = report.kind === 'done' ? deployRows(report.plan, report.results) : [];
  allow();
  const again = await deployment.deploy(await hubParts({}));

  const status = (account: string) =>
    rows.filter((row) => row.account === account && row.stack === 'guardrelay');
  t.same(
    status(MEMBER).map(({ region, status }) => `${region} ${status}`),
    ['us-east-1 untouched', 'eu-west-1 untouched', 'eu-central-1 failed'],
  );
  t.ok(status(ACCOUNT).every(({ status }) => status === 'succeeded'));
  t.equal(outcomes(again).filter((text) => text.endsWith('succeeded')).length, 3, 'what was left');
});

t.test(
  'from log groups everywhere to a hub and back: what the groups hold stays, and they are adopted',
  async (t) => {
    for (const parts of [{ mode: 'stack', targets: OWN }, {}] as const) {
      const deployment = await startDeployment(t);
      const spoke = placeIn('eu-west-1');
      await deployment.deploy(parts);
      emit(deployment.aws, spoke);

      const toHub = await deployment.deploy(await hubParts(parts));
      emit(deployment.aws, spoke);
      const inHub = [foundIn(deployment, spoke).length, foundIn(deployment, placeIn(HUB)).length];
      const back = await deployment.deploy({ ...parts, collector: await collector() });
      emit(deployment.aws, spoke);

      for (const report of [toHub, back]) {
        t.ok(
          outcomes(report).every((text) => text.endsWith('succeeded')),
          outcomes(report).join('; '),
        );
      }
      t.same(inHub, [1, 1], 'the second finding went to the hub');
      t.equal(foundIn(deployment, spoke).length, 2, 'the third to the group of its own region again');
      t.equal(foundIn(deployment, placeIn(HUB)).length, 1);
    }
  },
);

t.test(
  'an account whose role cannot be made keeps its regions as they are, and the others go on',
  async (t) => {
    const deployment = await startDeployment(t);
    const refusal = {
      kind: 'error',
      code: 'AccessDenied',
      message: 'iam:CreateRole is not allowed',
    } as const;
    const fault = {
      operation: 'StackInstance',
      account: MEMBER,
      region: 'us-east-1',
      times: 1,
      effect: refusal,
    };
    deployment.aws.world.faults.add(fault);

    const report = await deployment.deploy(await hubParts({}));

    const rows = report.kind === 'done' ? deployRows(report.plan, report.results) : [];
    t.same(
      rows
        .filter(({ account }) => account === MEMBER)
        .map((row) => `${row.stack} ${row.region} ${row.status}`),
      [
        'guardrelay-hub us-east-1 failed',
        'guardrelay us-east-1 untouched',
        'guardrelay eu-west-1 untouched',
        'guardrelay eu-central-1 succeeded',
      ],
    );
    t.ok(rows.filter(({ account }) => account === ACCOUNT).every(({ status }) => status === 'succeeded'));
  },
);

t.test('destroy leaves the log group of the hub, or nothing', async (t) => {
  for (const keepLogs of [true, false]) {
    const deployment = await startDeployment(t);
    await deployment.deploy(await hubParts({}));

    const report = await deployment.destroy(await hubParts({}), { keepLogs });

    t.match(report, {
      kind: 'done',
      removals: [{ name: 'guardrelay' }, { name: 'guardrelay-hub' }, { name: 'guardrelay-hub' }],
    });
    t.same(groups(deployment), keepLogs ? [`${ACCOUNT} ${HUB}`, `${MEMBER} ${HUB}`] : []);
    for (const place of PLACES) {
      t.same(deployment.aws.events.rules({ ...place, partition: 'aws' }).list(), []);
    }
    for (const account of [ACCOUNT, MEMBER]) {
      t.equal(deployment.aws.world.principals.role(account, 'guardrelay-forwarding'), undefined);
    }
  }
});

t.test('the plan says what stands where', async (t) => {
  const deployment = await startDeployment(t);

  const report = await deployment.deploy(await hubParts({}), { approve: async () => false });

  const text = report.kind === 'declined' ? planText(report.plan) : '';
  t.match(text, /create {7}2 {3}forwarding role \(guardrelay-hub\): 1/);
  t.match(text, / {2}In eu-central-1, the hub: 1 log group \(30 days, kept on delete\), 4 rules, 1 Logs/);
  t.match(text, / {2}Elsewhere: 3 rules that forward to it/);
});

t.test('doctor knows what is right in a hub and in the regions that forward to it', async (t) => {
  const settings = { regions: REGIONS, stack: { hubRegion: HUB } };
  const { aws, clock, examine } = await startCheckedWorld(t, REGIONS, { settings: { hubRegion: HUB } });

  const sound = await examine({ settings });
  const rules = aws.events.rules(placeIn('us-east-1'));
  const { RoleArn: _, ...target } = rules.get('guardrelay-findings').targets.get('logs') ?? {
    Id: '',
    Arn: '',
  };
  rules.removeTargets('guardrelay-findings', ['logs']);
  rules.addTargets('guardrelay-findings', [
    { ...target, Id: 'logs', Arn: `arn:aws:logs:us-east-1:${ACCOUNT}:log-group:${GROUP}` },
  ]);
  const heartbeats = aws.events.rules(placeIn('eu-west-1'));
  heartbeats.put({ ...heartbeats.get('guardrelay-heartbeat'), state: 'DISABLED' });
  aws.events
    .rules(placeIn(HUB))
    .put({ ...aws.events.rules(placeIn(HUB)).get('guardrelay-spokes'), state: 'DISABLED' });
  await clock.advance(20 * MINUTE_MS);
  const broken = await examine({ settings });

  for (const region of REGIONS) {
    const wrong = Object.values(resultsIn(sound, region)).filter(({ kind }) => kind !== 'passed');
    t.same(wrong, [], region);
  }
  t.notOk('LOG-001' in resultsIn(sound, 'us-east-1'), 'there is no log group to look at');
  t.match(resultsIn(sound, 'us-east-1'), {
    'LOG-006': { kind: 'passed', found: /last heartbeat [0-5] min ago/ },
  });
  t.match(resultsIn(broken, 'us-east-1'), {
    'EB-002': {
      kind: 'failed',
      found: /has the target arn:aws:logs.* instead of the event bus of eu-central-1/,
      fix: /put-targets .*RoleArn=arn:aws:iam::\d+:role\/guardrelay-forwarding/,
    },
  });
  t.match(resultsIn(broken, 'eu-west-1'), { 'EB-004': { kind: 'failed' }, 'LOG-006': { kind: 'failed' } });
  t.match(resultsIn(broken, HUB), { 'EB-001': { kind: 'failed', found: /guardrelay-spokes is DISABLED/ } });
});

t.test('an account whose hub is off is skipped whole, and the reason says so', async (t) => {
  const deployment = await startDeployment(t);
  const customer = customerOf({ regions: REGIONS, stack: { hubRegion: HUB } });
  const off = 'not enabled in the account';
  const targets = PLACES.map((place) =>
    place.account === MEMBER && place.region === HUB ? { ...place, off } : place,
  );

  const circumstances = { mode: 'auto', adminAccount: ACCOUNT, targets } as const;
  const request = await customerRequest(customer, circumstances);
  const report = await deployment.deploy(request, { approve: async () => false });

  const steps = report.kind === 'declined' ? report.plan.steps : [];
  t.same(
    steps.map(({ account, region, action, code }) => `${account} ${region} ${action} ${code ?? ''}`.trim()),
    [
      ...OWN.map(({ region }) => `${ACCOUNT} ${region} create`),
      `${MEMBER} us-east-1 skip REG-001`,
      `${MEMBER} eu-west-1 skip REG-001`,
      `${MEMBER} ${HUB} off`,
    ],
  );
  t.equal(request.collector.parameters.HubRegion, HUB);
});
