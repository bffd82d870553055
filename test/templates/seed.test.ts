import t from 'tap';
import { z } from 'zod';

import { TAG } from '../../agent/deploy/blueprint.ts';
import { loadTemplate } from '../../agent/deploy/template.ts';
import { parseTemplate } from '../../agent/localaws/cloudformation/template/template.ts';
import { HOME } from '../support/local-aws.ts';
import { evaluateTemplate, READER_ROLE, REGIONAL, SEED, STACKSET_ROLES } from '../support/templates.ts';

const GROUP = '/aws/events/siem';
const READER = { RelayPrincipalArn: 'arn:aws:iam::999999999999:role/relay', ExternalId: '0123456789abcdef' };
const SWITCHES = ['Canary', 'Doctor', 'Backfill', 'AccountNames'];
const ALLOWED = Object.fromEntries(SWITCHES.map((name) => [`Allow${name}`, 'true']));
const SHARED = { Prefix: 'siem', PermissionsBoundaryArn: 'arn:aws:iam::aws:policy/Boundary' };
const ROLES = { StackSetName: 'other', CloudFormationPrincipals: 'cloudformation.ap-east-1.amazonaws.com' };
const PLANTED = {
  ...{ ...READER, ...ALLOWED, ...SHARED, ...ROLES, LogGroupName: GROUP },
  Regions: 'eu-west-1, us-east-1',
  TemplateUrl: 'https://templates.s3.amazonaws.com/stack.yaml',
  Customer: 'acme',
  ConfigHash: '0123456789abcdef',
};

const stackSet = z.object({
  Parameters: z.array(z.object({ ParameterKey: z.string(), ParameterValue: z.json() })),
  Tags: z.array(z.object({ Key: z.string(), Value: z.string() })),
});

for (const { name, body, given } of [
  {
    name: 'reader role',
    body: READER_ROLE,
    given: { ...READER, ...ALLOWED, ...SHARED, LogGroupPrefix: GROUP, StackName: ROLES.StackSetName },
  },
  {
    name: 'roles of the StackSet',
    body: STACKSET_ROLES,
    given: { ...SHARED, ...ROLES, LogGroupPrefix: GROUP, AdministratorAccountId: HOME.account },
  },
]) {
  t.test(`the seed makes the ${name} as its own template does`, (t) => {
    const seed = evaluateTemplate(SEED, PLANTED).resources;

    const alone = [...evaluateTemplate(body, given).resources];

    t.ok(alone.length > 0);
    for (const [logicalId, resource] of alone) t.same(seed.get(logicalId), resource, logicalId);
    t.end();
  });
}

/** Parameters of the collector that one StackSet for all regions cannot have. */
const OF_ONE_REGION = ['KmsKeyArn'];

t.test('the collector gets every parameter that can be the same in all regions', (t) => {
  const typed = { ...PLANTED, CollectFindings: 'false', RetentionInDays: '7', HeartbeatMinutes: '15' };
  const wanted = [...parseTemplate(REGIONAL).Parameters.keys()].filter(
    (name) => !OF_ONE_REGION.includes(name),
  );

  const { resources } = evaluateTemplate(SEED, typed);
  const { Parameters } = stackSet.parse(resources.get('Collector')?.properties);

  const given = Object.fromEntries(
    Parameters.map(({ ParameterKey, ParameterValue }) => [ParameterKey, String(ParameterValue)]),
  );
  t.same(Object.keys(given).sort(), wanted.sort());
  t.match(given, { Prefix: 'siem', LogGroupName: GROUP, CollectFindings: 'false', RetentionInDays: '7' });
  t.equal(given.HubRegion, '', 'the role of a hub has a stack of its own');
  t.doesNotThrow(() => evaluateTemplate(REGIONAL, given), 'and takes them');
  t.end();
});

t.test('what the collector takes, the seed takes, with the same default', (t) => {
  const [seed, ...others] = [SEED, REGIONAL, READER_ROLE, STACKSET_ROLES].map(
    (body) => parseTemplate(body).Parameters,
  );

  for (const [name, { Description: _, ...declared }] of others.flatMap((parameters) => [...parameters])) {
    const found = seed?.get(name);
    if (found) t.match(found, declared, name);
  }
  t.end();
});

t.test('the StackSet has the tags of guardrelay, with the version of the collector', async (t) => {
  const { version } = await loadTemplate('regional');
  const { resources } = evaluateTemplate(SEED, PLANTED);

  const { Tags } = stackSet.parse(resources.get('Collector')?.properties);

  t.same(Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value])), {
    [TAG.customer]: 'acme',
    [TAG.version]: version,
    [TAG.configHash]: '0123456789abcdef',
  });
});

t.test(
  'the StackSet is for this account, in the regions of the list, and one failure stops no other',
  (t) => {
    const { resources } = evaluateTemplate(SEED, PLANTED);

    t.match(resources.get('Collector')?.properties, {
      StackSetName: 'other',
      TemplateURL: PLANTED.TemplateUrl,
      PermissionModel: 'SELF_MANAGED',
      AdministrationRoleARN: '<AdministrationRole.Arn>',
      ExecutionRoleName: '<ExecutionRole>',
      ManagedExecution: { Active: true },
      OperationPreferences: {
        RegionConcurrencyType: 'PARALLEL',
        FailureTolerancePercentage: 100,
        MaxConcurrentPercentage: 100,
        ConcurrencyMode: 'SOFT_FAILURE_TOLERANCE',
      },
      StackInstancesGroup: [
        { DeploymentTargets: { Accounts: [HOME.account] }, Regions: ['eu-west-1', 'us-east-1'] },
      ],
    });
    t.end();
  },
);

t.test('roles are made one after the other, then the StackSet', (t) => {
  const order = [...evaluateTemplate(SEED, PLANTED).resources.keys()];

  const inLine = ['AdministrationRole', 'ExecutionRole', 'ReaderRole', 'Collector'];
  t.same(
    order.filter((logicalId) => inLine.includes(logicalId)),
    inLine,
  );
  t.end();
});

t.test('what no template and no tag can be is refused', (t) => {
  for (const [given, text] of [
    [{ Regions: 'Frankfurt' }, /Parameter Regions .* codes of Regions/],
    [{ TemplateUrl: 'https://example.com/stack.yaml' }, /Parameter TemplateUrl .* object in S3/],
    [{ ConfigHash: 'x' }, /Parameter ConfigHash/],
    [{ Customer: 'A cme' }, /Parameter Customer/],
  ] as const) {
    t.throws(() => evaluateTemplate(SEED, { ...PLANTED, ...given }), text);
  }
  t.end();
});
