import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';

import type { Ran } from '../peers/support/child.ts';
import { runCli } from '../support/cli.ts';
import { evaluateTemplate, READER_ROLE, REGIONAL, SEED, STACKSET_ROLES } from '../support/templates.ts';

const ACCOUNT = '111111111111';
const EXTERNAL_ID = '0123456789abcdef+/=';
const RELAY = 'arn:aws:iam::999999999999:role/guardrelay';
const BUCKET = 'https://templates.s3.eu-central-1.amazonaws.com/v 1';
const ADMINISTRATION = `arn:aws:iam::${ACCOUNT}:role/Boss`;

type Template = (...args: readonly string[]) => Promise<Ran>;

async function configure(t: Test, ofCustomer: object = {}): Promise<Template> {
  const cwd = t.testdir({});
  const roleArn = 'arn:aws:iam::{account}:role/Other';
  const customer = {
    id: 'acme',
    auth: { type: 'assumeRole', roleArn, externalId: 'env:EXTERNAL_ID' },
    accounts: { collect: [ACCOUNT, '222222222222'] },
    regions: ['eu-west-1', 'ap-east-1'],
    destinations: ['siem'],
    ...ofCustomer,
  };
  const siem = { id: 'siem', type: 'webhook', url: 'https://siem.example.com' };
  const configuration = { version: 1, customers: [customer], destinations: [siem] };
  await writeFile(join(cwd, 'guardrelay.yaml'), JSON.stringify(configuration));
  return (...args) => runCli(['template', ...args], { cwd, env: { EXTERNAL_ID } });
}

/** What the console reads out of a link. */
function partsOf({ stdout, stderr }: Ran) {
  const line = stdout.split('\n').find((each) => each.startsWith('https://'));
  if (line === undefined) throw new Error(`there is no link: ${stderr}`);
  const { host, search, hash } = new URL(line);
  const [page = '', query = ''] = hash.split('?');
  const { templateURL, stackName, ...params } = Object.fromEntries(new URLSearchParams(query));
  const given = Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name.replace('param_', ''), value]),
  );
  return { host, search, page, templateURL, stackName, given };
}

for (const { kind, options, body, stackName, made } of [
  {
    kind: 'seed',
    options: ['--relay', RELAY, '--region', 'eu-west-1'],
    body: SEED,
    stackName: 'guardrelay-seed',
    made: { RoleArn: '<ReaderRole.Arn>', StackSetId: '<Collector>' },
  },
  {
    kind: 'reader-role',
    options: ['--relay', RELAY],
    body: READER_ROLE,
    stackName: 'guardrelay-reader',
    made: { RoleArn: '<ReaderRole.Arn>', TemplateVersion: '1' },
  },
  {
    kind: 'stack',
    options: ['--region', 'us-east-1'],
    body: REGIONAL,
    stackName: 'guardrelay',
    made: { LogGroupName: '/aws/events/guardrelay' },
  },
  {
    kind: 'stackset-roles',
    options: [],
    body: STACKSET_ROLES,
    stackName: 'guardrelay-stackset-roles',
    made: { ExecutionRoleName: '<ExecutionRole>' },
  },
]) {
  t.test(`the link for ${kind} fills in what the template takes, as the configuration says`, async (t) => {
    const template = await configure(t, { stack: { administrationRoleArn: ADMINISTRATION } });

    const ran = await template(
      'link',
      '--for',
      kind,
      '--template-url',
      encodeURI(`${BUCKET}/${kind}.yaml`),
      ...options,
    );

    t.equal(ran.code, 0, ran.stderr);
    const { given, ...parts } = partsOf(ran);
    t.match(parts, {
      host: 'us-east-1.console.aws.amazon.com',
      search: '?region=us-east-1',
      page: '#/stacks/create/review',
      templateURL: encodeURI(`${BUCKET}/${kind}.yaml`),
      stackName,
    });
    const { outputs } = evaluateTemplate(body, given);
    t.match(Object.fromEntries(outputs.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue])), made);
  });
}

t.test(
  'the reader role gets the ExternalId unharmed; what is not known is left to the console',
  async (t) => {
    const template = await configure(t);

    const reader = await template('link', '--template-url', `${encodeURI(BUCKET)}/r.yaml`);
    const roles = await template(
      'link',
      '--for',
      'stackset-roles',
      '--template-url',
      `${encodeURI(BUCKET)}/s.yaml`,
    );

    t.match(partsOf(reader).given, { ExternalId: EXTERNAL_ID, RoleName: 'Other' });
    t.notOk('RelayPrincipalArn' in partsOf(reader).given);
    t.match(reader.stderr, 'the console asks for RelayPrincipalArn');
    t.equal(
      partsOf(roles).given.CloudFormationPrincipals,
      'cloudformation.amazonaws.com,cloudformation.ap-east-1.amazonaws.com',
    );
    t.match(roles.stderr, 'the console asks for AdministratorAccountId');
  },
);

for (const { stack, why } of [
  { stack: { hubRegion: 'eu-west-1' }, why: /has stack\.hubRegion, and the seed makes no hub/ },
  { stack: { mode: 'stack' }, why: /has stack\.mode stack, and the seed makes a self-managed StackSet/ },
]) {
  t.test(`there is no seed for ${JSON.stringify(stack)}`, async (t) => {
    const template = await configure(t, { stack });

    const ran = await template('link', '--for', 'seed', '--template-url', `${encodeURI(BUCKET)}/seed.yaml`);

    t.equal(ran.code, 2);
    t.match(ran.stderr, why);
  });
}

t.test('the seed knows its regions, its roles, and the template of the collector', async (t) => {
  const executionRoleName = 'Maker';
  const template = await configure(t, {
    stack: { administrationRoleArn: ADMINISTRATION, executionRoleName },
  });
  const link = ['link', '--for', 'seed', '--template-url', `${encodeURI(BUCKET)}/seed.yaml`];

  const beside = await template(...link);
  const elsewhere = await template(...link, '--collector-url', 'https://s3.amazonaws.com/other/r.yaml');
  const wrong = await template(...link, '--collector-url', 'https://example.com/r.yaml');

  t.match(partsOf(beside).given, {
    Regions: 'eu-west-1,ap-east-1',
    CloudFormationPrincipals: 'cloudformation.amazonaws.com,cloudformation.ap-east-1.amazonaws.com',
    TemplateUrl: `${encodeURI(BUCKET)}/stack.yaml`,
    AdministrationRoleName: 'Boss',
    ExecutionRoleName: executionRoleName,
    Customer: 'acme',
    ConfigHash: /^[0-9a-f]{16}$/,
    RoleName: 'Other',
    ExternalId: EXTERNAL_ID,
  });
  t.match(beside.stderr, 'the console asks for RelayPrincipalArn');
  t.match(beside.stderr, 'the seed serves one account: open the link in each of the 2');
  t.equal(partsOf(elsewhere).given.TemplateUrl, 'https://s3.amazonaws.com/other/r.yaml');
  t.equal(wrong.code, 2);
  t.match(wrong.stderr, /--collector-url .* is not the address of an object in S3/);
});

for (const { region, host } of [
  { region: 'cn-north-1', host: 'cn-north-1.console.amazonaws.cn' },
  { region: 'us-gov-west-1', host: 'us-gov-west-1.console.amazonaws-us-gov.com' },
]) {
  t.test(`the console of ${region} is at ${host}`, async (t) => {
    const template = await configure(t, { regions: [region], stack: { homeRegion: region } });

    const ran = await template('link', '--for', 'stack', '--template-url', `${encodeURI(BUCKET)}/r.yaml`);

    t.equal(partsOf(ran).host, host);
  });
}

t.test('for a StackSet there are the page, the values and the commands, fit for a shell', async (t) => {
  const template = await configure(t, { stack: { tags: { owner: `soc, "o'neil"` } } });

  const shown = await template(
    'link',
    '--for',
    'stackset',
    '--template-url',
    `${encodeURI(BUCKET)}/regional.yaml`,
  );
  const document = await template(
    ...['link', '--for', 'stackset', '--template-url', `${encodeURI(BUCKET)}/regional.yaml`, '--json'],
  );

  t.equal(partsOf(shown).page, '#/stacksets/create');
  t.match(shown.stdout, /^ {2}RetentionInDays +30$/m);
  t.match(shown.stdout, `'Key=owner,Value="soc, \\"o'\\''neil\\""'`);
  t.match(shown.stdout, 'Key=guardrelay:customer,Value=acme');
  t.match(
    shown.stdout,
    /--accounts \\\n +111111111111 222222222222 \\\n +--regions \\\n +eu-west-1 ap-east-1 /,
  );
  t.match(JSON.parse(document.stdout), {
    schema: 'guardrelay.template-link/v1',
    data: [
      { customer: 'acme', for: 'stackset', stackName: 'guardrelay', parameters: { EnableDlq: 'false' } },
    ],
  });
});

t.test('the commands for an organization name its units, and no roles', async (t) => {
  const stack = {
    ...{ mode: 'stackset-organizations', organizationalUnits: ['ou-ab12-c3d4e5f6', 'r-ab12'] },
    callAs: 'delegated-admin',
  };
  const template = await configure(t, { stack });

  const shown = await template(
    'link',
    '--for',
    'stackset',
    '--template-url',
    `${encodeURI(BUCKET)}/stack.yaml`,
  );

  t.match(shown.stdout, '--permission-model SERVICE_MANAGED');
  t.match(shown.stdout, '--auto-deployment Enabled=true,RetainStacksOnAccountRemoval=false');
  t.match(
    shown.stdout,
    '--deployment-targets OrganizationalUnitIds=ou-ab12-c3d4e5f6,r-ab12,Accounts=111111111111,222222222222,AccountFilterType=INTERSECTION',
  );
  t.equal(shown.stdout.match(/--call-as DELEGATED_ADMIN/g)?.length, 2);
  t.notMatch(shown.stdout, /--administration-role-arn|--execution-role-name/);
});

t.test('policies and trust are printed for the account that is named', async (t) => {
  const template = await configure(t);
  const administration = ['policy', '--account', ACCOUNT, '--for', 'stackset-administration', '--trust'];

  const queue = await template(
    ...['policy', '--for', 'doctor', '--account', ACCOUNT, '--partition', 'aws-cn', '--prefix', 'siem'],
  );
  const group = await template(
    'policy',
    '--for',
    'reader',
    '--account',
    ACCOUNT,
    '--log-group',
    '/aws/events/x*',
  );
  const trust = await template(...administration, '--opt-in-regions', 'ap-east-1');
  const reader = await template(
    'policy',
    '--for',
    'reader',
    '--account',
    ACCOUNT,
    '--trust',
    '--principal',
    RELAY,
  );

  t.match(queue.stdout, `"arn:aws-cn:sqs:*:${ACCOUNT}:siem-dlq"`);
  t.match(group.stdout, `"arn:aws:logs:*:${ACCOUNT}:log-group:/aws/events/x*"`);
  t.match(trust.stdout, '"cloudformation.ap-east-1.amazonaws.com"');
  t.match(JSON.parse(reader.stdout), { Statement: [{ Principal: { AWS: RELAY } }] });
  t.match(reader.stderr, 'nobody can assume the role before');
});

for (const { args, why } of [
  { args: ['policy', '--for', 'reader', '--account', '1111'], why: /is not the id of an account/ },
  { args: ['policy', '--for', 'reader', '--account', ACCOUNT, '--partition', 'x'], why: /does not exist/ },
  {
    args: ['policy', '--for', 'doctor', '--account', ACCOUNT, '--trust'],
    why: /a principal that exists already/,
  },
  {
    args: ['policy', '--for', 'reader', '--account', ACCOUNT, '--trust'],
    why: /is not the ARN of a role or user/,
  },
  {
    args: [
      ...['policy', '--for', 'stackset-administration', '--account', ACCOUNT, '--trust'],
      ...['--opt-in-regions', 'us-east-1'],
    ],
    why: /"us-east-1" is no region that is off by default/,
  },
  {
    args: ['link', '--template-url', 'https://example.com/t.yaml'],
    why: /not the address of an object in S3/,
  },
  { args: ['link', '--template-url', `${encodeURI(BUCKET)}/t.yaml`, '--region', 'x'], why: /does not exist/ },
  {
    args: ['link', '--for', 'stack', '--template-url', `${encodeURI(BUCKET)}/t.yaml`],
    why: /others make the log groups/,
  },
]) {
  t.test(`refused before anything is printed: ${args.join(' ')}`, async (t) => {
    const template = await configure(t, { stack: { mode: 'existing', logGroup: '/aws/events/guard*' } });

    const ran = await template(...args);

    t.match(ran, { code: 2, stdout: '', stderr: why });
    t.match(ran.stderr, /CLI-001/);
  });
}
