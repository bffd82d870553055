import { globSync } from 'node:fs';
import t from 'tap';
import { z } from 'zod';

import { findRegion, guardDutyRegions, type Partition } from '../../agent/aws/regions.ts';
import { loadPolicy } from '../../agent/deploy/policies.ts';
import { cloudFormationPrincipals } from '../../agent/deploy/trust-policies.ts';
import { checkReferences, referencesIn } from '../../agent/localaws/cloudformation/template/references.ts';
import { parseTemplate, type Template } from '../../agent/localaws/cloudformation/template/template.ts';
import type { Place } from '../../agent/localaws/service.ts';
import type { JsonValue } from '../../agent/model/json.ts';
import { HOME } from '../support/local-aws.ts';
import { type Evaluated, evaluateTemplate, templateFile } from '../support/templates.ts';

const ROOT = new URL('../../', import.meta.url);
const MAX_BYTES = 51_200;
const LONG = { prefix: 'p'.repeat(48), group: `/aws/events/${'g'.repeat(480)}`, role: 'r'.repeat(64) };
const OPT_IN = guardDutyRegions('aws').filter(({ optIn }) => optIn);

/** Values for what has no default, and the longest for what has; switches are on. */
const VALUES: Readonly<Record<string, string>> = {
  RelayPrincipalArn: 'arn:aws:iam::999999999999:role/relay',
  ExternalId: '0123456789abcdef',
  AdministratorAccountId: HOME.account,
  HubRegion: 'ap-northeast-1',
  Regions: guardDutyRegions('aws')
    .map(({ region }) => region)
    .join(','),
  TemplateUrl: 'https://templates.s3.amazonaws.com/stack.yaml',
  Customer: 'acme',
  ...{ Prefix: LONG.prefix, LogGroupName: LONG.group, LogGroupPrefix: LONG.group },
  ...{ RoleName: LONG.role, AdministrationRoleName: LONG.role, ExecutionRoleName: LONG.role },
  StackSetName: `s${'t'.repeat(127)}`,
  CloudFormationPrincipals: cloudFormationPrincipals(OPT_IN.map(({ region }) => region)).join(','),
  ...{
    EnableDlq: 'true',
    IncludeObjectScanResults: 'true',
    AllowBackfill: 'true',
    AllowAccountNames: 'true',
  },
};

interface Published {
  readonly name: string;
  readonly body: string;
  readonly template: Template;
}

/** Whatever is published, so that no template escapes. */
const TEMPLATES: readonly Published[] = globSync('templates/*.yaml', { cwd: ROOT })
  .toSorted()
  .map((path) => path.replace('templates/', ''))
  .map((file) => ({ name: file.replace('.yaml', ''), body: templateFile(file) }))
  .map((each) => ({ ...each, template: parseTemplate(each.body) }));

function evaluated({ template }: Published, place: Place = HOME): Evaluated {
  const given = Object.entries(VALUES).filter(([name]) => template.Parameters.has(name));
  return evaluateTemplate(template, Object.fromEntries(given), place);
}

/** All references of a template, wherever they stand. */
function namesIn({ Conditions, Rules, Resources, Outputs }: Template): ReadonlySet<string> {
  const owners = [...Resources.values(), ...Outputs.values()];
  const parts = [
    ...Conditions.values(),
    ...[...Rules.values()].flatMap((rule) => [
      rule.RuleCondition,
      ...rule.Assertions.map(({ Assert }) => Assert),
    ]),
    ...[...Resources.values()].map(({ Properties }) => Properties),
    ...[...Outputs.values()].map(({ Value }) => Value),
    ...owners.flatMap(({ Condition }) => (Condition === undefined ? [] : [{ Condition }])),
  ];
  return new Set(referencesIn(parts.map((part) => part ?? null)).map(({ name }) => name));
}

const metadata = z.object({
  'cfn-lint': z.object({ config: z.object({ ignore_checks: z.array(z.string()) }) }).optional(),
  'AWS::CloudFormation::Interface': z.object({
    ParameterGroups: z.array(z.object({ Parameters: z.array(z.string()) })),
    ParameterLabels: z.record(z.string(), z.object({ default: z.string() })),
  }),
});

/** Characters, by property: names, and what JSON becomes of policies and patterns (quotas of the services). */
const LIMITS: Readonly<Record<string, number>> = {
  Name: 64,
  RoleName: 64,
  QueueName: 80,
  PolicyName: 128,
  StackSetName: 128,
  LogGroupName: 512,
  EventPattern: 2_048,
  AssumeRolePolicyDocument: 2_048,
  PolicyDocument: 5_120,
  ResourcePolicyDocument: 5_120,
  Description: 512,
};

/** Where a property is longer than it may be, at any depth. */
function* excessesOf(value: JsonValue | undefined, at = ''): Generator<string> {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    const limit = LIMITS[name] ?? Number.POSITIVE_INFINITY;
    const { length } = typeof member === 'string' ? member : JSON.stringify(member);
    if (length > limit) yield `${at}.${name} has ${length} of ${limit} characters`;
    yield* excessesOf(member, `${at}.${name}`);
  }
}

/** Text that AWS gets, without comments. */
function withoutComments(body: string): string {
  return body.replaceAll(/^\s*#.*$|\s# .*$/gm, '');
}

const PLACES = ['aws', 'aws-cn', 'aws-us-gov', 'aws-eusc'] as const satisfies readonly Partition[];
/** What AWS itself owns, and what the values above bring along. */
const FOREIGN_ARN = /arn:aws:iam::(999999999999|aws):/;

for (const published of TEMPLATES) {
  const { name, body, template } = published;
  const { Parameters, Outputs, Conditions, Metadata, Description = '' } = template;
  const parameters = [...Parameters];

  t.test(`${name}: every reference leads somewhere, and nothing stands there for nothing`, async (t) => {
    const used = namesIn(template);

    t.doesNotThrow(() => checkReferences(template));
    t.same(
      [...Parameters.keys(), ...Conditions.keys()].filter((each) => !used.has(each)),
      [],
    );
  });

  t.test(`${name}: every parameter says what it is for and what it takes`, async (t) => {
    for (const [parameter, { Description = '', ...declared }] of parameters) {
      const { AllowedPattern, AllowedValues, ConstraintDescription } = declared;
      t.match(Description, /^\S.{10,}\S$/, parameter);
      t.ok(AllowedPattern ?? AllowedValues, `${parameter} takes anything`);
      t.equal(ConstraintDescription === undefined, AllowedPattern === undefined, `${parameter} is explained`);
    }
  });

  t.test(`${name}: the console shows every parameter in a group and with a label`, async (t) => {
    const names = parameters.map(([parameter]) => parameter).sort();

    const shown = metadata.parse(Metadata)['AWS::CloudFormation::Interface'];

    t.same(shown.ParameterGroups.flatMap((group) => group.Parameters).sort(), names);
    t.same(Object.keys(shown.ParameterLabels).sort(), names);
  });

  t.test(`${name}: the version and whatever others need is an output, with a description`, async (t) => {
    t.equal(Outputs.get('TemplateVersion')?.Value, '1');
    for (const [output, { Description }] of Outputs) t.match(Description, /^[A-Z].{10,}/, output);
    const roles = [...template.Resources].filter(([, { Type }]) => Type === 'AWS::IAM::Role');
    const told = JSON.stringify([...Outputs.values()]);
    t.same(
      roles.map(([logicalId]) => logicalId).filter((logicalId) => !told.includes(logicalId)),
      [],
      'every role',
    );
  });

  t.test(
    `${name}: fits into a call, and cfn-lint overlooks one thing at most, with the reason`,
    async (t) => {
      const overlooked = metadata.parse(Metadata)['cfn-lint']?.config.ignore_checks ?? [];

      t.ok(
        Buffer.byteLength(body) < (name === 'regional' ? 20_480 : MAX_BYTES),
        `${Buffer.byteLength(body)} bytes`,
      );
      t.ok(Description.length <= 1_024);
      t.ok(overlooked.length <= 1);
      for (const check of overlooked) t.match(body, /# W1030 .+\n.+\n\s+ignore_checks/, check);
    },
  );

  t.test(`${name}: names and policies keep to AWS's limits, however long the names are`, async (t) => {
    for (const region of ['ap-southeast-7', 'us-gov-west-1']) {
      const { partition = 'aws' } = findRegion(region) ?? {};
      const { resources } = evaluated(published, { ...HOME, region, partition });
      const excesses = [...resources].map(([logicalId, { properties }]) => [
        ...excessesOf(properties, logicalId),
      ]);
      t.same(excesses.flat(), [], region);
    }
  });

  t.test(`${name}: names no partition and no region`, async (t) => {
    const regions = PLACES.flatMap(guardDutyRegions).map(({ region }) => region);

    t.notMatch(withoutComments(body), /arn:aws:/);
    t.same(
      regions.filter((region) => withoutComments(body).includes(region)),
      [],
    );
  });

  for (const partition of PLACES) {
    t.test(`${name}: every ARN belongs to ${partition} where the stack does`, async (t) => {
      const [{ region } = { region: '' }] = guardDutyRegions(partition);

      const { resources, outputs } = evaluated(published, { ...HOME, region, partition });

      const arns = JSON.stringify([[...resources], outputs]).match(/arn:[a-z-]+:[^"]*/g) ?? [];
      t.ok(arns.length > 3);
      t.same(
        arns.filter((arn) => !arn.startsWith(`arn:${partition}:`) && !FOREIGN_ARN.test(arn)),
        [],
      );
    });
  }
}

t.test('nothing published runs code, changes a detector, or needs another template', async (t) => {
  const types = TEMPLATES.flatMap(({ template }) => [...template.Resources.values()]).map(({ Type }) => Type);

  t.notOk(TEMPLATES.some(({ body }) => /^Transform:|Fn::Transform|!Transform|Fn::ForEach/m.test(body)));
  t.same([...new Set(types)].sort(), [
    'AWS::CloudFormation::StackSet',
    'AWS::Events::Rule',
    'AWS::IAM::Policy',
    'AWS::IAM::Role',
    'AWS::Logs::LogGroup',
    'AWS::Logs::ResourcePolicy',
    'AWS::SQS::Queue',
    'AWS::SQS::QueuePolicy',
  ]);
});

t.test('every policy fits into a managed policy of IAM, however long the names are', async (t) => {
  const scope = { partition: 'aws-us-gov', account: HOME.account, prefix: LONG.prefix, logGroup: LONG.group };
  const names = ['relay', 'reader', 'doctor', 'deployer', 'repair', 'stackset-execution'] as const;
  for (const name of names) {
    const { length } = JSON.stringify(await loadPolicy(name, { ...scope, stackName: 's'.repeat(128) }));
    t.ok(length <= 6_144, `${name}: ${length} of 6,144 characters`);
  }
});
