import t from 'tap';
import { stringify } from 'yaml';

import { guardDutyRegions } from '../../agent/aws/regions.ts';
import type { ResolvedCustomer } from '../../agent/config/config.ts';
import { parseConfig } from '../../agent/config/parse.ts';
import { customerRequest } from '../../agent/deploy/customer-request.ts';
import type { Target } from '../../agent/deploy/plan.ts';
import { findTargets, type TargetRequest } from '../../agent/deploy/targets.ts';
import type { JsonObject } from '../../agent/model/json.ts';
import { clientsOf, OWN_SCOPE } from '../support/aws-clients.ts';
import { MEMBER } from '../support/deployment.ts';
import { ACCOUNT, startTestAws, type TestAws } from '../support/local-aws.ts';

const REQUEST: TargetRequest = {
  accounts: [ACCOUNT],
  regions: 'enabled',
  partition: 'aws',
  adminAccount: ACCOUNT,
};

function find(t: Parameters<typeof clientsOf>[0], test: TestAws, parts: Partial<TargetRequest> = {}) {
  const client = clientsOf(t, test).account(OWN_SCOPE);
  return findTargets(client, { ...REQUEST, ...parts }, new AbortController().signal);
}

function regionsOf(targets: readonly Target[], off?: RegExp): string[] {
  return targets
    .filter((target) => (off ? off.test(target.off ?? '') : target.off === undefined))
    .map(({ region }) => region);
}

function customerOf(parts: JsonObject = {}): ResolvedCustomer {
  const auth = {
    type: 'assumeRole',
    roleArn: `arn:aws:iam::${ACCOUNT}:role/path/Reader`,
    externalId: 'env:ID',
  };
  const acme = { id: 'acme', auth, accounts: { collect: [ACCOUNT] }, destinations: ['siem'], ...parts };
  const destinations = [
    { id: 'siem', type: 'syslog', transport: 'tcp', host: 'localhost', port: 514, insecureTransport: true },
  ];
  const parsed = parseConfig(stringify({ version: 1, customers: [acme], destinations }), {});
  const [customer] = parsed.kind === 'mistaken' ? [] : parsed.config.customers;
  if (!customer) throw new Error(JSON.stringify(parsed));
  return customer;
}

t.test('`enabled` is every GuardDuty region, and those that are not on have a reason', async (t) => {
  const test = await startTestAws(t);
  test.aws.world.accounts.add({ id: ACCOUNT, regions: ['us-east-1', 'eu-south-2'] });

  const { targets, assumed } = await find(t, test);

  t.equal(targets.length, guardDutyRegions('aws').length);
  t.same(regionsOf(targets).sort(), ['eu-south-2', 'us-east-1']);
  t.ok(regionsOf(targets, /^not enabled in the account$/).includes('eu-west-1'));
  t.same(assumed, []);
});

t.test('D19 an account that does not show its regions gets AWS’s defaults, with a warning', async (t) => {
  const test = await startTestAws(t);
  test.aws.world.accounts.add({ id: MEMBER });

  const { targets, assumed } = await find(t, test, { accounts: [MEMBER] });

  t.same(assumed, [MEMBER]);
  t.equal(regionsOf(targets).length, 17);
  t.ok(
    regionsOf(targets, /administrator/).includes('eu-south-2'),
    'a StackSet needs the region in both accounts',
  );
});

t.test('when nobody may ask for regions, opt-in regions are left out unless they are named', async (t) => {
  const test = await startTestAws(t);
  const effect = { kind: 'error', code: 'AccessDeniedException', message: 'no', statusCode: 403 } as const;
  test.aws.world.faults.add({ operation: 'ListRegions', effect });

  const enabled = await find(t, test);
  const named = await find(t, test, { regions: ['eu-south-2', 'eu-west-1'] });

  t.equal(regionsOf(enabled.targets).length, 17);
  t.ok(regionsOf(enabled.targets, /opt-in/).includes('eu-south-2'));
  t.same(regionsOf(named.targets), ['eu-south-2', 'eu-west-1']);
  t.same(named.assumed, []);
});

t.test('a broken network is no answer', async (t) => {
  const test = await startTestAws(t);
  test.aws.world.faults.add({ operation: 'ListRegions', effect: { kind: 'cut' } });

  await t.rejects(find(t, test));
});

t.test('the configuration becomes a request: parameters, roles, tags', async (t) => {
  const customer = customerOf({
    stack: {
      ...{ name: 'gr', tags: { owner: 'soc' }, executionRoleName: 'Exec', retentionDays: 90 },
      ...{ logPolicyScope: 'logGroup', firstWave: false },
    },
    heartbeat: { mode: 'off' },
  });

  const request = await customerRequest(customer, {
    mode: 'auto',
    adminAccount: ACCOUNT,
    targets: [],
    roleArn: 'arn:role',
  });

  t.match(request, {
    customer: 'acme',
    collector: {
      name: 'gr',
      parameters: { RetentionInDays: '90', HeartbeatMinutes: '0', LogPolicyScope: 'LogGroup' },
      tags: { owner: 'soc', 'guardrelay:customer': 'acme', 'guardrelay:version': '1' },
    },
    stackSet: {
      homeRegion: 'us-east-1',
      permissions: { model: 'SELF_MANAGED', administrationRoleArn: 'arn:role', executionRoleName: 'Exec' },
    },
    stack: { serviceRoleArn: 'arn:role' },
    firstWave: false,
  });
  t.equal(request.reader, undefined);
});

t.test('the reader role is made only where the configuration expects it', async (t) => {
  const readerRole = {
    relayPrincipalArn: 'arn:aws:iam::999999999999:role/relay',
    externalId: '0123456789abcdef',
  };
  const circumstances = { mode: 'auto', adminAccount: ACCOUNT, targets: [], readerRole } as const;
  const other = { type: 'assumeRole', roleArn: `arn:aws:iam::${MEMBER}:role/Reader`, externalId: 'env:ID' };

  const request = await customerRequest(customerOf(), circumstances);

  t.match(request.reader, {
    name: 'guardrelay-reader',
    capabilities: ['CAPABILITY_NAMED_IAM'],
    parameters: { RoleName: 'Reader' },
  });
  t.same(request.readerAccounts, [ACCOUNT]);
  const elsewhere = await customerRequest(customerOf({ auth: other }), circumstances);
  t.same(elsewhere.readerAccounts, [MEMBER], 'one role that reads for all accounts');
  const refused = { code: 'CLI-001', exitCode: 2, fix: /template print/ };
  await t.rejects(customerRequest(customerOf({ auth: other }), { ...circumstances, mode: 'stack' }), {
    ...refused,
    message: /222222222222/,
  });
  await t.rejects(customerRequest(customerOf({ auth: { type: 'default' } }), circumstances), {
    ...refused,
    message: /default/,
  });
});
