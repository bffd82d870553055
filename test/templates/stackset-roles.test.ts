import { CloudFormationClient, CreateStackCommand } from '@aws-sdk/client-cloudformation';
import t from 'tap';
import { z } from 'zod';

import { loadPolicy, type PolicyName, type PolicyScope } from '../../agent/deploy/policies.ts';
import { type TrustName, trustPolicy } from '../../agent/deploy/trust-policies.ts';
import { MEMBER, PLACES, startDeployment } from '../support/deployment.ts';
import { ACCOUNT, HOME } from '../support/local-aws.ts';
import { evaluateTemplate, READER_ROLE, STACKSET_ROLES } from '../support/templates.ts';

const ADMINISTRATION_ARN = `arn:aws:iam::${ACCOUNT}:role/GuardRelayStackSetAdministration`;
const GIVEN = {
  AdministratorAccountId: ACCOUNT,
  StackSetName: 'other',
  Prefix: 'siem',
  LogGroupPrefix: '/aws/events/siem',
};
const OPT_IN = ['cloudformation.amazonaws.com', 'cloudformation.ap-east-1.amazonaws.com'];

const role = z.object({
  AssumeRolePolicyDocument: z.json(),
  Policies: z.tuple([z.object({ PolicyDocument: z.json() })]),
});

function scopeOf(account: string): PolicyScope {
  return { partition: 'aws', account, prefix: 'siem', logGroup: '/aws/events/siem', stackName: 'other' };
}

/** The roles of an account, as the template makes them. */
function rolesIn(account: string, given: Readonly<Record<string, string>> = GIVEN) {
  const { resources } = evaluateTemplate(STACKSET_ROLES, given, { ...HOME, account });
  return new Map([...resources].map(([name, { properties }]) => [name, role.parse(properties)]));
}

t.test('the administrator gets both roles, every other account the execution role', async (t) => {
  t.same([...rolesIn(ACCOUNT).keys()], ['AdministrationRole', 'ExecutionRole']);
  t.same([...rolesIn(MEMBER).keys()], ['ExecutionRole']);
});

for (const { name, logicalId, account } of [
  { name: 'stackset-administration', logicalId: 'AdministrationRole', account: ACCOUNT },
  { name: 'stackset-execution', logicalId: 'ExecutionRole', account: MEMBER },
] as const satisfies readonly { name: PolicyName & TrustName; logicalId: string; account: string }[]) {
  t.test(`the role of ${name} may do what the published policy says, for whom it says`, async (t) => {
    const made = rolesIn(account, { ...GIVEN, CloudFormationPrincipals: OPT_IN.join(',') }).get(logicalId);

    const policy = await loadPolicy(name, scopeOf(account));
    const trust = trustPolicy(name, {
      ...scopeOf(account),
      principal: ADMINISTRATION_ARN,
      optInRegions: ['ap-east-1'],
    });

    t.same(made?.Policies[0].PolicyDocument, policy);
    t.same(made?.AssumeRolePolicyDocument, trust);
  });
}

for (const { role, parameter, logicalId, policy } of [
  {
    role: 'the reader role',
    parameter: 'AllowReaderRole',
    logicalId: 'ReaderRolePolicy',
    policy: 'stackset-execution-reader',
  },
  {
    role: 'the role of hub mode',
    parameter: 'AllowForwardingRole',
    logicalId: 'ForwardingRolePolicy',
    policy: 'stackset-execution-forwarding',
  },
] as const) {
  t.test(`the execution role may make ${role} only where the template is told so`, async (t) => {
    const given = { ...GIVEN, [parameter]: 'true' };
    const { resources } = evaluateTemplate(STACKSET_ROLES, given, { ...HOME, account: MEMBER });
    const allowed = resources.get(logicalId)?.properties;

    t.same(allowed?.PolicyDocument, await loadPolicy(policy, scopeOf(MEMBER)));
    t.notOk(rolesIn(MEMBER).has(logicalId));
  });
}

t.test(
  'the reader role trusts whom the printed trust policy names, with the ExternalId filled in',
  async (t) => {
    const given = {
      RelayPrincipalArn: 'arn:aws:iam::999999999999:role/relay',
      ExternalId: '0123456789abcdef',
    };
    const { resources } = evaluateTemplate(READER_ROLE, given);

    const trust = trustPolicy('reader', {
      ...scopeOf(ACCOUNT),
      principal: given.RelayPrincipalArn,
      optInRegions: [],
    });

    const text = JSON.stringify(trust).replace('<ExternalId of the customer>', given.ExternalId);
    t.same(resources.get('ReaderRole')?.properties.AssumeRolePolicyDocument, JSON.parse(text));
  },
);

t.test('the execution role makes what a deployer makes with stacks of its own', async (t) => {
  const scope = scopeOf(MEMBER);
  const [deployer, execution] = await Promise.all([
    loadPolicy('deployer', scope),
    loadPolicy('stackset-execution', scope),
  ]);

  const shared = deployer.Statement.filter(({ Sid }) => /^Stack(Logs|Rules|Queue)/.test(Sid));

  t.same(execution.Statement.slice(1), shared);
});

t.test('only the principals of CloudFormation can be named', async (t) => {
  for (const CloudFormationPrincipals of ['*', 'ec2.amazonaws.com', 'cloudformation.amazonaws.com.example']) {
    t.throws(
      () => evaluateTemplate(STACKSET_ROLES, { ...GIVEN, CloudFormationPrincipals }),
      /cloudformation\.REGION\.amazonaws\.com/,
      CloudFormationPrincipals,
    );
  }
});

t.test('with the roles of the template a StackSet reaches every account', async (t) => {
  const deployment = await startDeployment(t);
  const { principals } = deployment.aws.world;
  const Parameters = [{ ParameterKey: 'AdministratorAccountId', ParameterValue: ACCOUNT }];
  for (const account of [ACCOUNT, MEMBER]) {
    const keys = principals.addUser(account, 'owner');
    const client = new CloudFormationClient(deployment.config({ keys, region: 'us-east-1' }));
    t.teardown(() => client.destroy());
    await client.send(
      new CreateStackCommand({
        ...{ StackName: 'guardrelay-stackset-roles', TemplateBody: STACKSET_ROLES, Parameters },
        Capabilities: ['CAPABILITY_NAMED_IAM'],
      }),
    );
    await deployment.clock.advance(1_000);
  }

  const report = await deployment.deploy({
    stackSet: {
      homeRegion: 'us-east-1',
      parallelRegions: true,
      failureTolerancePercent: 100,
      maxConcurrentPercent: 100,
      permissions: {
        model: 'SELF_MANAGED',
        administrationRoleArn: ADMINISTRATION_ARN,
        executionRoleName: 'GuardRelayStackSetExecution',
      },
    },
  });

  const results = 'results' in report ? report.results : [];
  t.same(
    results.map(({ status }) => status),
    PLACES.map(() => 'succeeded'),
  );
  for (const place of PLACES) t.ok(deployment.logGroup(place), `${place.account}/${place.region}`);
});
