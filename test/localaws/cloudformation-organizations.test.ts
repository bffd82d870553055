import {
  CloudFormation,
  type CreateStackInstancesCommandInput,
  type CreateStackSetCommandInput,
  type DeploymentTargets,
} from '@aws-sdk/client-cloudformation';
import {
  DescribeOrganizationCommand,
  ListAccountsForParentCommand,
  ListOrganizationalUnitsForParentCommand,
  OrganizationsClient,
} from '@aws-sdk/client-organizations';
import type { Test } from 'tap';
import t from 'tap';

import { ACCOUNT, HOME, startTestAws } from '../support/local-aws.ts';
import { addOrganization, named } from '../support/organization.ts';
import { REGIONAL } from '../support/templates.ts';

const WEB = '222222222222';
const SHOP = '333333333333';
const CLOSED = '444444444444';
const SECURITY = '555555555555';
const ELSEWHERE = '666666666666';
const WORKLOADS = 'ou-loca-workload';
const SHOPS = 'ou-loca-shopping';
const SANDBOX = 'ou-loca-sandboxes';
const ROOT = 'r-loca';
const REGIONS = ['eu-central-1', 'eu-west-1'];
const SET = { StackSetName: 'guardrelay' };

async function startOrganization(t: Test, parts: { readonly hasAccess?: boolean } = {}) {
  const test = await startTestAws(t);
  const { world } = test.aws;
  const organization = addOrganization(test.aws, ACCOUNT, {
    units: [{ id: WORKLOADS }, { id: SHOPS, parent: WORKLOADS }, { id: SANDBOX }],
    members: [
      { id: WEB, unit: WORKLOADS },
      { id: SHOP, unit: SHOPS },
      { id: CLOSED, unit: SHOPS, isSuspended: true },
      { id: SECURITY },
      { id: ELSEWHERE, unit: SANDBOX },
    ],
    stackSetAdministrators: [SECURITY],
  });
  organization.hasStackSetAccess = parts.hasAccess ?? true;

  function clientOf(account: string, region = HOME.region): CloudFormation {
    const keys = account === ACCOUNT ? test.keys : world.principals.addUser(account, 'admin');
    const client = new CloudFormation(test.config({ keys, region }));
    t.teardown(() => client.destroy());
    return client;
  }

  const cfn = clientOf(ACCOUNT);
  const createSet = (given: Partial<CreateStackSetCommandInput> = {}) =>
    cfn.createStackSet({ ...SET, TemplateBody: REGIONAL, PermissionModel: 'SERVICE_MANAGED', ...given });
  const settle = (): Promise<void> => test.clock.advance(10_000);

  return {
    ...test,
    organization,
    cfn,
    clientOf,
    createSet,
    settle,
    /** `account region status detailed-status`, sorted. */
    async instances(): Promise<readonly string[]> {
      await settle();
      const { Summaries = [] } = await cfn.listStackInstances(SET);
      return Summaries.map(
        ({ Account, Region, Status, StackInstanceStatus }) =>
          `${Account} ${Region} ${Status} ${StackInstanceStatus?.DetailedStatus}`,
      ).sort();
    },
    hasStack: (account: string, region: string) =>
      test.aws.logs.groups({ account, region, partition: 'aws' }).find('/aws/events/guardrelay') !==
      undefined,
  };
}

t.test('a service-managed set needs trusted access, and the right account', async (t) => {
  const { cfn, clientOf, createSet } = await startOrganization(t, { hasAccess: false });
  const security = clientOf(SECURITY);
  const web = clientOf(WEB);
  const set = { ...SET, TemplateBody: REGIONAL, PermissionModel: 'SERVICE_MANAGED' } as const;

  const before = await cfn.describeOrganizationsAccess({});
  await t.rejects(createSet(), {
    name: 'ValidationError',
    message: 'You must enable organizations access to operate a service managed stack set',
  });
  await t.rejects(web.activateOrganizationsAccess({}), { name: 'InvalidOperationException' });
  await cfn.activateOrganizationsAccess({});
  const after = await cfn.describeOrganizationsAccess({});

  t.same([before.Status, after.Status], ['DISABLED', 'ENABLED']);
  t.equal((await security.describeOrganizationsAccess({ CallAs: 'DELEGATED_ADMIN' })).Status, 'ENABLED');
  await t.rejects(web.describeOrganizationsAccess({ CallAs: 'DELEGATED_ADMIN' }), {
    message: 'Account used is not a delegated administrator',
  });
  await t.rejects(web.createStackSet(set), {
    message: /You must be the management account or delegated admin account of an organization/,
  });
  for (const client of [web, cfn]) {
    await t.rejects(client.createStackSet({ ...set, CallAs: 'DELEGATED_ADMIN' }), {
      message: 'Account used is not a delegated administrator',
    });
  }
});

t.test(
  'a set reaches all accounts in a unit and below without any role, but not the management account',
  async (t) => {
    const { cfn, createSet, instances, hasStack, organization, aws } = await startOrganization(t);
    aws.world.organizations.put(organization, named({ id: ACCOUNT, unit: WORKLOADS }));
    await createSet();

    await cfn.createStackInstances({
      ...SET,
      DeploymentTargets: { OrganizationalUnitIds: [WORKLOADS] },
      Regions: ['eu-west-1'],
    });

    t.same(await instances(), [
      `${WEB} eu-west-1 CURRENT SUCCEEDED`,
      `${SHOP} eu-west-1 CURRENT SUCCEEDED`,
      `${CLOSED} eu-west-1 OUTDATED SKIPPED_SUSPENDED_ACCOUNT`,
    ]);
    t.ok(hasStack(SHOP, 'eu-west-1'));
    t.notOk(hasStack(ACCOUNT, 'eu-west-1'));
    const { StackSet } = await cfn.describeStackSet(SET);
    t.match(StackSet, {
      PermissionModel: 'SERVICE_MANAGED',
      OrganizationalUnitIds: [WORKLOADS],
      AutoDeployment: { Enabled: false },
      AdministrationRoleARN: undefined,
    });
    const [first] = (await cfn.listStackInstances({ ...SET, StackInstanceAccount: SHOP })).Summaries ?? [];
    t.equal(first?.OrganizationalUnitId, WORKLOADS, 'the unit that was named, not the account’s own');
  },
);

t.test('a suspended account fails nothing, and its instance goes only with its stack retained', async (t) => {
  const { cfn, createSet, instances } = await startOrganization(t);
  await createSet();
  const all = { ...SET, DeploymentTargets: { OrganizationalUnitIds: [WORKLOADS] }, Regions: ['eu-west-1'] };

  const { OperationId } = await cfn.createStackInstances(all);
  await instances();
  const { StackSetOperation } = await cfn.describeStackSetOperation({ ...SET, OperationId });
  const { Summaries = [] } = await cfn.listStackInstances({ ...SET, StackInstanceAccount: CLOSED });
  await cfn.deleteStackInstances({ ...all, RetainStacks: false });
  const left = await instances();
  await cfn.deleteStackInstances({ ...all, RetainStacks: true });

  t.equal(StackSetOperation?.Status, 'SUCCEEDED');
  t.equal(StackSetOperation?.StatusDetails?.FailedStackInstancesCount, 0);
  t.match(Summaries[0]?.StatusReason, /^This account is suspended\..* with the RetainStacks parameter\.$/);
  t.same(left, [`${CLOSED} eu-west-1 OUTDATED SKIPPED_SUSPENDED_ACCOUNT`]);
  t.same(await instances(), []);
});

t.test('targets are units, filtered by accounts', async (t) => {
  const cases: readonly (readonly [Partial<DeploymentTargets>, readonly string[]])[] = [
    [{ AccountFilterType: 'NONE' }, [WEB, SHOP]],
    [{ AccountFilterType: 'INTERSECTION', Accounts: [SHOP, ELSEWHERE] }, [SHOP]],
    [{ AccountFilterType: 'DIFFERENCE', Accounts: [SHOP, CLOSED] }, [WEB]],
  ];
  for (const [filter, expected] of cases) {
    const { cfn, createSet, instances } = await startOrganization(t);
    await createSet();

    await cfn.createStackInstances({
      ...SET,
      DeploymentTargets: { OrganizationalUnitIds: [WORKLOADS], ...filter },
      Regions: ['eu-west-1'],
    });

    const current = (await instances()).filter((line) => line.includes('CURRENT'));
    t.same(
      current.map((line) => line.slice(0, 12)),
      expected,
      `${filter.AccountFilterType}`,
    );
  }
});

t.test('the whole organization is named by its root', async (t) => {
  const { cfn, createSet, instances } = await startOrganization(t);
  await createSet();

  await cfn.createStackInstances({
    ...SET,
    DeploymentTargets: { OrganizationalUnitIds: [ROOT] },
    Regions: ['eu-west-1'],
  });

  t.same(
    (await instances()).map((line) => line.slice(0, 12)),
    [WEB, SHOP, CLOSED, SECURITY, ELSEWHERE],
  );
});

t.test(
  'an account that joins gets its stacks, filters notwithstanding; one that leaves loses them',
  async (t) => {
    const { cfn, clientOf, createSet, instances, hasStack, organization, aws } = await startOrganization(t);
    const { organizations } = aws.world;
    const joining = { id: '777777777777' };
    aws.world.accounts.add(joining);
    await createSet({ AutoDeployment: { Enabled: true, RetainStacksOnAccountRemoval: false } });
    await cfn.createStackInstances({
      ...SET,
      DeploymentTargets: {
        OrganizationalUnitIds: [WORKLOADS],
        Accounts: [WEB],
        AccountFilterType: 'INTERSECTION',
      },
      Regions: REGIONS,
    });
    await instances();

    organizations.put(organization, named({ ...joining, unit: SHOPS }));
    const joined = await instances();
    organizations.put(organization, named({ ...joining, unit: WORKLOADS }));
    const moved = await instances();
    organizations.put(organization, named({ ...joining, unit: SANDBOX }));
    const left = await instances();

    const own = REGIONS.map((region) => `${joining.id} ${region} CURRENT SUCCEEDED`);
    const first = REGIONS.map((region) => `${WEB} ${region} CURRENT SUCCEEDED`);
    t.same(joined, [...first, ...own]);
    t.same(moved, joined, 'within the targets it keeps them');
    t.same(left, first);
    t.equal(hasStack(joining.id, 'eu-west-1'), true, 'the template keeps the log group');
    const { Stacks = [] } = await clientOf(joining.id, 'eu-west-1').describeStacks({});
    t.same(Stacks, [], 'its stack is gone');
  },
);

t.test(
  'what leaves keeps its stacks if the set says so, and nobody follows where automatic deployment is off',
  async (t) => {
    for (const [AutoDeployment, kept] of [
      [{ Enabled: true, RetainStacksOnAccountRemoval: true }, []],
      [{ Enabled: false }, [`${WEB} eu-west-1 CURRENT SUCCEEDED`]],
    ] as const) {
      const { cfn, clientOf, createSet, instances, organization, aws } = await startOrganization(t);
      await createSet({ AutoDeployment });
      await cfn.createStackInstances({
        ...SET,
        DeploymentTargets: {
          OrganizationalUnitIds: [WORKLOADS],
          Accounts: [WEB],
          AccountFilterType: 'INTERSECTION',
        },
        Regions: ['eu-west-1'],
      });
      await instances();

      aws.world.organizations.remove(organization, WEB);

      t.same(await instances(), kept);
      const { Stacks = [] } = await clientOf(WEB, 'eu-west-1').describeStacks({});
      t.equal(Stacks.length, 1, 'the stack stands');
    }
  },
);

t.test(
  'a delegated administrator works with the sets of the management account, and sees no others',
  async (t) => {
    const { cfn, clientOf, settle } = await startOrganization(t);
    const security = clientOf(SECURITY);
    const CallAs = 'DELEGATED_ADMIN';
    const template = { TemplateBody: REGIONAL };
    await security.createStackSet({ ...SET, ...template, PermissionModel: 'SERVICE_MANAGED', CallAs });
    await cfn.createStackSet({ StackSetName: 'own', ...template });

    const { OperationId } = await security.createStackInstances({
      ...SET,
      CallAs,
      DeploymentTargets: { OrganizationalUnitIds: [SHOPS] },
      Regions: ['eu-west-1'],
    });
    await settle();

    const { StackSet } = await cfn.describeStackSet(SET);
    t.match(StackSet?.StackSetARN, `:${ACCOUNT}:stackset/guardrelay:`);
    const operation = await security.describeStackSetOperation({ ...SET, CallAs, OperationId });
    t.equal(operation.StackSetOperation?.Status, 'SUCCEEDED');
    const seen = await security.listStackSets({ CallAs });
    t.same(
      seen.Summaries?.map(({ StackSetName }) => StackSetName),
      ['guardrelay'],
    );
    await t.rejects(security.describeStackSet(SET), { name: 'StackSetNotFoundException' });
    await t.rejects(security.describeStackSet({ StackSetName: 'own', CallAs }), {
      name: 'StackSetNotFoundException',
    });
  },
);

t.test('what the two permission models do not share is refused', async (t) => {
  const { cfn, createSet } = await startOrganization(t);
  const roles = { AdministrationRoleARN: `arn:aws:iam::${ACCOUNT}:role/Administration` };
  const SELF = { ...SET, StackSetName: 'own', TemplateBody: REGIONAL };
  const targets = { OrganizationalUnitIds: [WORKLOADS] };
  const instance = { ...SET, Regions: ['eu-west-1'] };

  await t.rejects(createSet(roles), { message: /AdministrationRoleARN and ExecutionRoleName/ });
  await t.rejects(createSet({ AutoDeployment: { Enabled: false, RetainStacksOnAccountRemoval: true } }), {
    message: /can only be specified if Enabled is true/,
  });
  await t.rejects(cfn.createStackSet({ ...SELF, AutoDeployment: { Enabled: true } }), {
    message: /AutoDeployment/,
  });
  await createSet();
  await cfn.createStackSet(SELF);
  const refused: readonly (readonly [Partial<CreateStackInstancesCommandInput>, RegExp])[] = [
    [{ Accounts: [WEB] }, /SERVICE_MANAGED permission model can only have OrganizationalUnit/],
    [{ DeploymentTargets: { Accounts: [WEB] } }, /OrganizationalUnitIds/],
    [{ DeploymentTargets: { ...targets, Accounts: [WEB] } }, /AccountFilterType must be/],
    [
      { DeploymentTargets: { ...targets, Accounts: [WEB], AccountFilterType: 'UNION' } },
      /UNION is not supported/,
    ],
    [{ DeploymentTargets: { OrganizationalUnitIds: ['ou-loca-nowhere1'] } }, /does not exist/],
    [{ StackSetName: 'own', DeploymentTargets: targets }, /can only have accounts as target/],
  ];
  for (const [input, message] of refused) {
    await t.rejects(cfn.createStackInstances({ ...instance, ...input }), { message });
  }
  await t.rejects(
    cfn.updateStackSet({
      ...SET,
      TemplateBody: REGIONAL,
      AutoDeployment: { Enabled: true },
      DeploymentTargets: targets,
      Regions: ['eu-west-1'],
    }),
    { message: /AutoDeployment cannot be specified/ },
  );
});

t.test(
  'an update reaches the units that it names, and later ones all; automatic deployment is switched without them',
  async (t) => {
    const { cfn, createSet, instances } = await startOrganization(t);
    await createSet();
    await cfn.createStackInstances({
      ...SET,
      DeploymentTargets: {
        OrganizationalUnitIds: [WORKLOADS],
        Accounts: [WEB, SHOP],
        AccountFilterType: 'INTERSECTION',
      },
      Regions: ['eu-west-1'],
    });
    await instances();
    const update = {
      ...SET,
      TemplateBody: REGIONAL,
      Parameters: [{ ParameterKey: 'RetentionInDays', ParameterValue: '60' }],
    };

    await cfn.updateStackSet({
      ...update,
      DeploymentTargets: { OrganizationalUnitIds: [SHOPS] },
      Regions: ['eu-west-1'],
    });
    const partly = await instances();
    await cfn.updateStackSet({ ...update, AutoDeployment: { Enabled: true } });

    t.same(partly, [`${WEB} eu-west-1 OUTDATED SUCCEEDED`, `${SHOP} eu-west-1 CURRENT SUCCEEDED`]);
    t.same(await instances(), [`${WEB} eu-west-1 CURRENT SUCCEEDED`, `${SHOP} eu-west-1 CURRENT SUCCEEDED`]);
    const { StackSet } = await cfn.describeStackSet(SET);
    t.match(StackSet?.AutoDeployment, { Enabled: true, RetainStacksOnAccountRemoval: false });
  },
);

t.test(
  'Organizations tells its administrators of units and accounts, and every member who manages it',
  async (t) => {
    const { config, aws } = await startOrganization(t);
    const clientOf = (account: string) =>
      new OrganizationsClient(config({ keys: aws.world.principals.addUser(account, 'looking') }));
    const security = clientOf(SECURITY);

    const { Organization } = await clientOf(WEB).send(new DescribeOrganizationCommand({}));
    const { OrganizationalUnits } = await security.send(
      new ListOrganizationalUnitsForParentCommand({ ParentId: ROOT }),
    );
    const { Accounts } = await security.send(new ListAccountsForParentCommand({ ParentId: SHOPS }));

    t.equal(Organization?.MasterAccountId, ACCOUNT);
    t.same(
      OrganizationalUnits?.map(({ Id }) => Id),
      [WORKLOADS, SANDBOX],
    );
    t.same(
      Accounts?.map(({ Id, State }) => [Id, State]),
      [
        [SHOP, 'ACTIVE'],
        [CLOSED, 'SUSPENDED'],
      ],
    );
    await t.rejects(security.send(new ListAccountsForParentCommand({ ParentId: 'ou-loca-nowhere1' })), {
      name: 'ParentNotFoundException',
    });
    await t.rejects(clientOf(WEB).send(new ListAccountsForParentCommand({ ParentId: SHOPS })), {
      name: 'AccessDeniedException',
    });
  },
);
