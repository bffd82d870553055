import { DescribeStackSetCommand, ListStackInstancesCommand } from '@aws-sdk/client-cloudformation';
import type { Test } from 'tap';
import t from 'tap';

import type { DeployReport } from '../../agent/deploy/deploy.ts';
import { obstruct } from '../../agent/deploy/obstacle.ts';
import { findOrganization } from '../../agent/deploy/organization.ts';
import type { Place } from '../../agent/deploy/places.ts';
import { changes } from '../../agent/deploy/plan.ts';
import { deployRows } from '../../agent/deploy/rows.ts';
import { clientsOf, OWN_SCOPE } from '../support/aws-clients.ts';
import {
  collector,
  type Deployment,
  forwarding,
  reader,
  startDeployment,
  writes,
} from '../support/deployment.ts';
import { ACCOUNT } from '../support/local-aws.ts';
import { addOrganization, named } from '../support/organization.ts';

const WEB = '333333333333';
const SHOP = '444444444444';
const CLOSED = '555555555555';
const ELSEWHERE = '666666666666';
const WORKLOADS = 'ou-loca-workload';
const SHOPS = 'ou-loca-shopping';
const REGIONS = ['eu-west-1', 'us-east-1'];
const SET = { StackSetName: 'guardrelay' };

interface Wanted {
  readonly accounts?: readonly string[];
  readonly autoDeploy?: boolean;
  readonly retainOnAccountRemoval?: boolean;
}

async function startOrganization(t: Test) {
  const deployment = await startDeployment(t);
  const organization = addOrganization(deployment.aws, ACCOUNT, {
    units: [{ id: WORKLOADS }, { id: SHOPS, parent: WORKLOADS }],
    members: [
      { id: WEB, unit: WORKLOADS },
      { id: SHOP, unit: SHOPS },
      { id: CLOSED, unit: SHOPS, isSuspended: true },
      { id: ELSEWHERE },
    ],
  });
  organization.hasStackSetAccess = true;
  const clients = clientsOf(t, deployment);

  /** As the command line asks: what the organization shows comes first. */
  async function request(wanted: Wanted = {}) {
    const { accounts = [ACCOUNT, WEB, SHOP], autoDeploy = true, retainOnAccountRemoval = false } = wanted;
    const organizationalUnits = [WORKLOADS];
    const sight = await findOrganization(
      {
        organizations: clients.organizations(OWN_SCOPE),
        cloudFormation: clients.cloudformation(OWN_SCOPE, 'us-east-1'),
      },
      { adminAccount: ACCOUNT, organizationalUnits, callAs: 'self', signal: AbortSignal.timeout(10_000) },
    );
    const targets = accounts.flatMap((account) => REGIONS.map((region) => ({ account, region })));
    return {
      mode: 'stackset-organizations',
      organization: sight,
      targets: obstruct(targets, sight, ACCOUNT),
      stackSet: {
        homeRegion: 'us-east-1',
        parallelRegions: true,
        failureTolerancePercent: 100,
        maxConcurrentPercent: 100,
        permissions: {
          model: 'SERVICE_MANAGED',
          callAs: 'SELF',
          ...{ organizationalUnits, autoDeploy, retainOnAccountRemoval },
        },
      },
    } as const;
  }
  return { ...deployment, organization, request };
}

const in2 = (account: string): string[] => REGIONS.map((region) => `${account} ${region}`);

function named2(report: DeployReport, action: string): string[] {
  const steps = 'plan' in report ? report.plan.steps : [];
  return steps
    .filter((step) => step.action === action)
    .map(({ account, region }) => `${account} ${region}`)
    .sort();
}

function calls({ calls: all }: Pick<Deployment, 'calls'>, command: string) {
  return all.filter((call) => call.command === command).map(({ input }) => input);
}

async function instancesOf({ client }: Deployment, StackSetName = 'guardrelay'): Promise<readonly string[]> {
  const { Summaries = [] } = await client().send(new ListStackInstancesCommand({ StackSetName }));
  return Summaries.map(({ Account, Region }) => `${Account} ${Region}`).sort();
}

t.test(
  'D10 a service-managed StackSet reaches the members, and the management account gets stacks of its own',
  async (t) => {
    const deployment = await startOrganization(t);

    const first = await deployment.deploy(await deployment.request());
    const firstWrites = writes(deployment.calls);
    const second = await deployment.deploy(await deployment.request());

    t.same(named2(first, 'create'), [...in2(ACCOUNT), ...in2(WEB), ...in2(SHOP)].sort());
    t.equal(first.kind === 'done' && first.results.every(({ status }) => status === 'succeeded'), true);
    for (const account of [ACCOUNT, WEB, SHOP]) {
      for (const region of REGIONS) t.ok(deployment.logGroup({ account, region }), `${account} ${region}`);
    }
    t.same(await instancesOf(deployment), [...in2(WEB), ...in2(SHOP)]);
    t.equal(second.kind, 'unchanged');
    t.same(writes(deployment.calls), firstWrites, 'the second run sent no write');
    t.match(calls(deployment, 'CreateStackSet'), [
      {
        PermissionModel: 'SERVICE_MANAGED',
        CallAs: 'SELF',
        AutoDeployment: { Enabled: true, RetainStacksOnAccountRemoval: false },
        ManagedExecution: { Active: true },
      },
    ]);
    t.equal('AdministrationRoleARN' in (calls(deployment, 'CreateStackSet')[0] ?? {}), false);
    t.match(calls(deployment, 'CreateStackInstances'), [
      {
        DeploymentTargets: {
          OrganizationalUnitIds: [WORKLOADS],
          Accounts: [WEB, SHOP],
          AccountFilterType: 'INTERSECTION',
        },
        Regions: REGIONS,
        OperationPreferences: { RegionConcurrencyType: 'PARALLEL', FailureTolerancePercentage: 100 },
      },
    ]);
  },
);

t.test('with a hub every account gets the role, the hub, then the regions that forward to it', async (t) => {
  const deployment = await startOrganization(t);
  const [hub = '', spoke = ''] = REGIONS;
  const parts = { collector: await collector({}, { hubRegion: hub }), forwarding: await forwarding(hub) };

  const first = await deployment.deploy({ ...(await deployment.request()), ...parts });
  const second = await deployment.deploy({ ...(await deployment.request()), ...parts });

  t.ok(first.kind === 'done' && first.results.every(({ status }) => status === 'succeeded'));
  t.equal(second.kind, 'unchanged');
  for (const account of [ACCOUNT, WEB, SHOP]) {
    t.ok(deployment.logGroup({ account, region: hub }), account);
    t.notOk(deployment.logGroup({ account, region: spoke }), account);
  }
  t.same(await instancesOf(deployment, 'guardrelay-hub'), [`${WEB} us-east-1`, `${SHOP} us-east-1`]);
});

t.test('only what the configuration names is deployed: others in the units get nothing', async (t) => {
  const deployment = await startOrganization(t);

  await deployment.deploy(await deployment.request({ accounts: [SHOP] }));

  t.same(await instancesOf(deployment), in2(SHOP));
  t.notOk(deployment.logGroup({ account: ACCOUNT, region: 'us-east-1' }));
});

t.test(
  'a suspended account and one outside the units are named before anything is sent to them',
  async (t) => {
    const deployment = await startOrganization(t);

    const report = await deployment.deploy(await deployment.request({ accounts: [WEB, CLOSED, ELSEWHERE] }));

    t.same(named2(report, 'skip'), [...in2(CLOSED), ...in2(ELSEWHERE)]);
    t.same(await instancesOf(deployment), in2(WEB));
    const rows = 'plan' in report ? deployRows(report.plan, []) : [];
    const [closed, elsewhere] = [CLOSED, ELSEWHERE].map((account) =>
      rows.find((row) => row.account === account),
    );
    t.match(closed, { code: 'CFN-002', reason: 'the account is suspended' });
    t.match(elsewhere, {
      code: 'CFN-001',
      reason: /none of stack.organizationalUnits/,
      fix: /organizationalUnits/,
    });
  },
);

t.test(
  'what a suspended account keeps in the StackSet is named too where Organizations tells nothing',
  async (t) => {
    const deployment = await startOrganization(t);
    await deployment.deploy(await deployment.request());
    deployment.aws.world.organizations.put(
      deployment.organization,
      named({ id: SHOP, unit: SHOPS, isSuspended: true }),
    );
    const blind = async () => {
      const { organization: _, ...request } = await deployment.request();
      const targets = request.targets.map(({ account, region }) => ({ account, region }));
      return { ...request, targets, organization: { managementAccount: ACCOUNT } };
    };

    const changed = await collector({ owner: 'soc' });
    const update = await deployment.deploy({ ...(await blind()), collector: changed });
    const next = await deployment.deploy({ ...(await blind()), collector: changed });

    const failed = (update.kind === 'done' ? update.results : []).filter(
      ({ status }) => status !== 'succeeded',
    );
    t.same(
      failed.map(({ account }) => account),
      [SHOP, SHOP],
    );
    t.match(failed[0]?.reason, /This account is suspended/);
    t.same(named2(next, 'skip'), in2(SHOP));
  },
);

t.test('an account that joins gets its stacks from AWS, and the next plan changes nothing', async (t) => {
  const deployment = await startOrganization(t);
  const { world } = deployment.aws;
  const joining = { id: '777777777777' };
  world.accounts.add(joining);
  const wanted = async (accounts?: readonly string[]) => ({
    ...(await deployment.request(accounts && { accounts })),
    reader: await reader(),
  });
  await deployment.deploy(await wanted());
  const before = writes(deployment.calls);

  world.organizations.put(deployment.organization, named({ ...joining, unit: SHOPS }));
  await deployment.clock.advance(10_000);
  const unread = await deployment.deploy(await wanted());
  const read = await deployment.deploy(await wanted([ACCOUNT, WEB, SHOP, joining.id]));

  t.equal(unread.kind, 'unchanged');
  t.same(
    named2(unread, 'none').filter((line) => line.startsWith(joining.id)),
    in2(joining.id),
  );
  const [step] = 'plan' in unread ? unread.plan.steps.filter(({ account }) => account === joining.id) : [];
  t.match(step?.reason, /add it to accounts\.collect to read it/);
  t.equal(read.kind, 'unchanged');
  t.same(writes(deployment.calls), before);
  t.ok(deployment.logGroup({ account: joining.id, region: 'eu-west-1' }));
  t.ok(world.principals.role(joining.id, 'GuardRelayReader'), 'and can be read');
});

t.test('an update reaches the accounts that AWS has added, in waves as always', async (t) => {
  const deployment = await startOrganization(t);
  const { world } = deployment.aws;
  const joining = { id: '777777777777' };
  world.accounts.add(joining);
  await deployment.deploy(await deployment.request({ accounts: [WEB, SHOP] }));
  world.organizations.put(deployment.organization, named({ ...joining, unit: SHOPS }));
  await deployment.clock.advance(10_000);

  const report = await deployment.deploy({
    ...(await deployment.request({ accounts: [WEB, SHOP] })),
    collector: await collector({ owner: 'soc' }),
  });

  t.same(named2(report, 'update'), [...in2(WEB), ...in2(SHOP), ...in2(joining.id)]);
  t.equal(report.kind === 'done' && report.results.every(({ status }) => status === 'succeeded'), true);
  const [first, then] = calls(deployment, 'UpdateStackSet');
  t.match(first?.DeploymentTargets, { OrganizationalUnitIds: [WORKLOADS], Accounts: [WEB] });
  t.equal(first?.AutoDeployment, undefined, 'AWS takes it only without targets');
  t.equal(then?.DeploymentTargets, undefined, 'the others all at once');
});

t.test('automatic deployment is switched by itself, and takes no template along', async (t) => {
  const deployment = await startOrganization(t);
  await deployment.deploy(await deployment.request());
  const wanted = await deployment.request({ autoDeploy: false });

  const report = await deployment.deploy(wanted);
  const again = await deployment.deploy(wanted);

  t.equal(report.kind, 'done');
  t.equal(again.kind, 'unchanged');
  t.match(calls(deployment, 'UpdateStackSet'), [
    { AutoDeployment: { Enabled: false }, UsePreviousTemplate: true },
  ]);
  const { StackSet } = await deployment.client().send(new DescribeStackSetCommand(SET));
  t.equal(StackSet?.AutoDeployment?.Enabled, false);
});

t.test('an interrupted deployment goes on in AWS, and the next run waits for it', async (t) => {
  const deployment = await startOrganization(t);
  const stop = new AbortController();
  const request = await deployment.request({ accounts: [WEB, SHOP] });
  deployment.aws.world.faults.add({
    operation: 'StackInstance',
    times: 4,
    effect: { kind: 'hang', ms: 60_000 },
  });

  const cut = deployment.deploy(request, {
    signal: stop.signal,
    approve: async () => {
      setImmediate(() => {});
      return true;
    },
  });
  while (!deployment.notes.some((note) => note.includes('has begun'))) await new Promise(setImmediate);
  stop.abort();
  const first = await cut;
  const second = await deployment.deploy(await deployment.request({ accounts: [WEB, SHOP] }));

  t.equal(first.kind, 'interrupted');
  t.equal(second.kind, 'done');
  t.same(writes(deployment.calls), ['CreateStackSet', 'CreateStackInstances'], 'no second operation');
  t.same(await instancesOf(deployment), [...in2(WEB), ...in2(SHOP)]);
});

t.test(
  'destroying takes whole units out, the stacks of the management account too, and the StackSet',
  async (t) => {
    const deployment = await startOrganization(t);
    await deployment.deploy({ ...(await deployment.request()), reader: await reader() });

    const report = await deployment.destroy({ ...(await deployment.request()), reader: await reader() });
    const again = await deployment.destroy({ ...(await deployment.request()), reader: await reader() });

    const removals = report.kind === 'done' ? report.removals : [];
    t.same(
      removals.map(({ kind, name, places }) => [kind, name, places.length]),
      [
        ['StackSet', 'guardrelay', 4],
        ['stack', 'guardrelay', 2],
        ['stack', 'guardrelay-reader', 1],
        ['StackSet', 'guardrelay-reader', 2],
      ],
    );
    t.equal(report.kind === 'done' && report.results.every(({ status }) => status === 'succeeded'), true);
    const [collectors] = calls(deployment, 'DeleteStackInstances');
    t.match(collectors, { DeploymentTargets: { OrganizationalUnitIds: [WORKLOADS] }, Regions: REGIONS });
    t.equal(again.kind, 'nothing');
  },
);

t.test('where accounts are chosen, only these get their reader role', async (t) => {
  const deployment = await startOrganization(t);

  const report = await deployment.deploy({
    ...(await deployment.request()),
    reader: await reader(),
    narrowing: { selects: ({ account, region }) => account === WEB && region === 'eu-west-1' },
  });

  t.equal(report.kind, 'done');
  const { principals } = deployment.aws.world;
  const readable = [ACCOUNT, WEB, SHOP].filter((account) => principals.role(account, 'GuardRelayReader'));
  t.same(readable, [WEB]);
  t.same(await instancesOf(deployment), [`${WEB} eu-west-1`]);
});

t.test('what CloudFormation cannot reach any more leaves the StackSet, which can go then', async (t) => {
  const deployment = await startOrganization(t);
  await deployment.deploy(await deployment.request({ accounts: [WEB, SHOP] }));
  deployment.aws.world.organizations.put(
    deployment.organization,
    named({ id: SHOP, unit: SHOPS, isSuspended: true }),
  );
  const wanted = await deployment.request({ accounts: [WEB, SHOP] });
  await deployment.deploy({ ...wanted, targets: [], collector: await collector({ owner: 'soc' }) });

  const report = await deployment.destroy(wanted);

  const results = report.kind === 'done' ? report.results : [];
  t.same(results.map(({ account, status }) => `${account} ${status}`).sort(), [
    `${WEB} succeeded`,
    `${WEB} succeeded`,
    `${SHOP} failed`,
    `${SHOP} failed`,
  ]);
  t.match(
    results.find(({ account }) => account === SHOP),
    {
      reason: /the account is suspended; the StackSet has let go of its stack/,
      explanation: { code: 'CFN-002', fix: /delete-stack --stack-name StackSet-guardrelay-/ },
    },
  );
  const again = await deployment.destroy(wanted);
  t.equal(again.kind, 'nothing');
});

t.test(
  'D11 log groups that were kept are adopted: by override in the units, by import beside them',
  async (t) => {
    const deployment = await startOrganization(t);
    const wanted = await deployment.request();
    await deployment.deploy(wanted);
    await deployment.destroy(wanted);

    const report = await deployment.deploy(await deployment.request());
    const removed = await deployment.destroy(await deployment.request(), { keepLogs: false });

    const results = report.kind === 'done' ? report.results : [];
    t.same(
      results.map(({ status, reason }) => `${status}, ${reason}`),
      Array(6).fill('succeeded, adopted the log group that was there'),
    );
    const removals = removed.kind === 'done' ? removed.removals : [];
    t.match(removals, [
      { kind: 'StackSet', logGroups: { deleted: [], spared: { length: 4 } } },
      { kind: 'stack', logGroups: { deleted: { length: 2 }, spared: [] } },
    ]);
    for (const place of wanted.targets) {
      t.equal(deployment.logGroup(place) !== undefined, place.account !== ACCOUNT, JSON.stringify(place));
    }
  },
);

t.test('without trusted access nothing is planned, and the one command is named', async (t) => {
  const deployment = await startOrganization(t);
  deployment.organization.hasStackSetAccess = false;

  await t.rejects(deployment.deploy(await deployment.request()), {
    code: 'CFN-001',
    fix: /aws cloudformation activate-organizations-access/,
  });
  const { organization: _, ...blind } = await deployment.request();
  await t.rejects(deployment.deploy(blind), { code: 'CFN-001', fix: /activate-organizations-access/ });
  t.same(
    writes(deployment.calls).filter((command) => command !== 'CreateStackSet'),
    [],
  );
});

t.test('a StackSet of the other permission model is left alone', async (t) => {
  const deployment = await startOrganization(t);
  await deployment.deploy(await deployment.request());

  await t.rejects(
    deployment.deploy({ mode: 'stackset-self-managed', targets: [{ account: WEB, region: 'us-east-1' }] }),
    {
      code: 'CFN-002',
      message: /is SERVICE_MANAGED, and stack\.mode wants SELF_MANAGED/,
      fix: /stack\.mode: stackset-organizations/,
    },
  );
});

t.test('the reader role stands in every account before anything else, and once in each', async (t) => {
  const deployment = await startOrganization(t);

  const report = await deployment.deploy({ ...(await deployment.request()), reader: await reader() });
  const again = await deployment.deploy({ ...(await deployment.request()), reader: await reader() });

  const home: Place[] = [ACCOUNT, WEB, SHOP].map((account) => ({ account, region: 'us-east-1' }));
  const { plan } = 'plan' in report ? report : {};
  t.match(plan?.reader, {
    stack: 'guardrelay-reader',
    steps: home.map((place) => ({ ...place, action: 'create' })),
  });
  t.equal(plan && changes(plan).length, 9);
  for (const { account } of home) {
    t.ok(deployment.aws.world.principals.role(account, 'GuardRelayReader'), account);
  }
  t.same(await instancesOf(deployment, 'guardrelay-reader'), [`${WEB} us-east-1`, `${SHOP} us-east-1`]);
  const sets = deployment.calls
    .filter(({ command }) => command === 'CreateStackSet')
    .map(({ input }) => input);
  t.match(sets, [
    {
      StackSetName: 'guardrelay-reader',
      Capabilities: ['CAPABILITY_NAMED_IAM'],
      PermissionModel: 'SERVICE_MANAGED',
    },
    { StackSetName: 'guardrelay', Capabilities: [] },
  ]);
  t.equal(again.kind, 'unchanged');
});

t.test(
  'D-drift the set of an organization is compared from its administrator, its own stacks beside it',
  async (t) => {
    const deployment = await startOrganization(t);
    await deployment.deploy(await deployment.request());
    for (const account of [ACCOUNT, SHOP]) {
      deployment.aws.logs
        .groups({ account, region: 'eu-west-1', partition: 'aws' })
        .retain('/aws/events/guardrelay', 7);
    }

    const report = await deployment.drift(await deployment.request());

    const rows = report.kind === 'done' ? report.rows : [];
    t.equal(rows.length, 6);
    t.same(
      rows
        .filter(({ state }) => state !== 'in-sync')
        .map(({ account, region, state }) => `${account} ${region} ${state}`),
      [`${ACCOUNT} eu-west-1 drifted`, `${SHOP} eu-west-1 drifted`],
    );
    t.match(calls(deployment, 'DetectStackSetDrift'), [{ CallAs: 'SELF' }]);
    t.match(calls(deployment, 'ListStackInstanceResourceDrifts'), [{ CallAs: 'SELF' }]);
    t.equal(calls(deployment, 'DetectStackDrift').length, REGIONS.length);
  },
);

t.test(
  'D-drift an account that joined is in sync, one that is suspended is told with what to do',
  async (t) => {
    const deployment = await startOrganization(t);
    const { aws, organization, clock } = deployment;
    await deployment.deploy(await deployment.request());
    aws.world.organizations.put(organization, named({ id: ELSEWHERE, unit: WORKLOADS }));
    await clock.advance(60_000);
    aws.world.organizations.put(organization, named({ id: SHOP, unit: SHOPS, isSuspended: true }));

    const report = await deployment.drift(await deployment.request(), { detect: false });

    const rows = report.kind === 'done' ? report.rows : [];
    const of = (account: string) => rows.filter((row) => row.account === account);
    t.match(of(ELSEWHERE), [
      { state: 'in-sync', reason: /made by AWS because the account joined/ },
      { state: 'in-sync' },
    ]);
    t.ok(of(ELSEWHERE).every(({ code }) => code === undefined));
    t.match(of(SHOP), [{ state: 'stuck', code: 'CFN-002', fix: /Take the account out/ }, { state: 'stuck' }]);
  },
);
