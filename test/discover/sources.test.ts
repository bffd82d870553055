import { setImmediate } from 'node:timers/promises';

import t, { type Test } from 'tap';

import { mapBounded } from '../../agent/discover/bounded.ts';
import type { DiscoverCustomer } from '../../agent/discover/customer.ts';
import { discoverSources } from '../../agent/discover/sources.ts';
import { clientsOf, OWN_SCOPE, readerScope } from '../support/aws-clients.ts';
import { ACCOUNT, startTestAws, type TestAws } from '../support/local-aws.ts';

const OTHER = '222233334444';
const never = new AbortController().signal;

function customerOf(part: Partial<DiscoverCustomer> = {}): DiscoverCustomer {
  const { customer: id, auth } = OWN_SCOPE;
  return { id, auth, accounts: [ACCOUNT], regions: 'enabled', logGroup: '/aws/events/guardrelay', ...part };
}

/** Regions of the sources, by account. */
async function discover(t: Test, test: TestAws, ...customers: readonly DiscoverCustomer[]) {
  const { sources, leftOut } = await discoverSources(customers, { clients: clientsOf(t, test) }, never);
  return { regions: sources.map(({ account, region }) => `${account}/${region}`), sources, leftOut };
}

t.test('enabled: the regions that are on in the account and have GuardDuty', async (t) => {
  const test = await startTestAws(t);
  test.aws.world.accounts.add({ id: ACCOUNT, regions: ['us-east-1', 'me-south-1'] });

  const { sources, leftOut } = await discover(t, test, customerOf());

  const common = { customer: 'acme', account: ACCOUNT, partition: 'aws', logGroup: '/aws/events/guardrelay' };
  t.same(sources, [
    { ...common, region: 'me-south-1' },
    { ...common, region: 'us-east-1' },
  ]);
  t.same(leftOut, []);
});

t.test('all: tells also which regions are off', async (t) => {
  const test = await startTestAws(t);

  const { sources, leftOut } = await discover(t, test, customerOf({ regions: 'all' }));

  t.equal(sources.length, 17);
  t.equal(leftOut.length, 17);
  t.match(leftOut[0], {
    customer: 'acme',
    account: ACCOUNT,
    region: 'af-south-1',
    code: 'REG-001',
    reason: `Africa (Cape Town) is not enabled in account ${ACCOUNT}`,
  });
});

t.test('a list: is taken as it stands, but for what cannot be', async (t) => {
  const test = await startTestAws(t);
  const regions = ['af-south-1', 'us-east1', 'us-isob-west-1', 'cn-north-1', 'eu-central-1'];

  const found = await discover(t, test, customerOf({ regions }));

  t.same(
    found.regions,
    [`${ACCOUNT}/af-south-1`, `${ACCOUNT}/eu-central-1`],
    'a region that is off shows as failing',
  );
  t.match(found.leftOut, [
    { region: 'us-east1', code: 'CFG-004', reason: /no region that guardrelay knows/ },
    { region: 'us-isob-west-1', code: 'CFG-004', reason: /GuardDuty is not offered/ },
    { region: 'cn-north-1', code: 'CFG-004', reason: /aws-cn/ },
  ]);
});

t.test(
  'D19 an account that cannot be asked: the default regions, those read before, and a word',
  async (t) => {
    const test = await startTestAws(t);
    const deny = {
      service: 'account',
      effect: { kind: 'error', code: 'AccessDeniedException', message: 'no' },
    } as const;
    test.aws.world.faults.add(deny);
    const known = [
      { customer: 'acme', account: ACCOUNT, region: 'me-south-1' },
      { customer: 'acme', account: ACCOUNT, region: 'us-east-1' },
      { customer: 'acme', account: OTHER, region: 'af-south-1' },
    ];

    const { sources, leftOut } = await discoverSources(
      [customerOf()],
      { clients: clientsOf(t, test), known },
      never,
    );

    const regions = sources.map(({ region }) => region);
    t.equal(regions.length, 18);
    t.ok(regions.includes('me-south-1'));
    t.notOk(regions.includes('af-south-1'));
    t.match(leftOut, [{ customer: 'acme', account: ACCOUNT, code: 'AUTH-006', reason: /on by default/ }]);
    t.notOk(leftOut[0] && 'region' in leftOut[0]);
  },
);

t.test('one account that refuses never stops another', async (t) => {
  const test = await startTestAws(t);
  const { auth } = readerScope(test);
  test.aws.world.accounts.add({ id: OTHER });
  const customer = customerOf({ auth, accounts: [OTHER, ACCOUNT] });

  const { sources, leftOut } = await discover(t, test, customer);

  t.equal(sources.filter(({ account }) => account === ACCOUNT).length, 17);
  t.match(leftOut, [{ account: OTHER, code: 'AUTH-002' }]);
});

t.test('the partition is that of the role, else that of the regions', async (t) => {
  const test = await startTestAws(t);
  const roleArn = 'arn:aws-us-gov:iam::{account}:role/GuardRelayReader';
  const auth = { type: 'assumeRole', roleArn, externalId: 'env:X' } as const;

  const { sources } = await discover(
    t,
    test,
    customerOf({ auth, regions: ['us-gov-west-1'] }),
    customerOf({ regions: ['cn-north-1'] }),
  );

  t.same(
    sources.map(({ partition, region }) => [partition, region]),
    [
      ['aws-us-gov', 'us-gov-west-1'],
      ['aws-cn', 'cn-north-1'],
    ],
  );
});

t.test('many accounts are asked at once and come in the order of the configuration', async (t) => {
  const test = await startTestAws(t);
  const accounts = Array.from({ length: 40 }, (_, i) => `${300_000_000_000 + i}`);
  const { auth } = readerScope(test);
  for (const account of accounts) readerScope(test, account);

  const { sources, leftOut } = await discover(t, test, customerOf({ auth, accounts }));

  t.same(leftOut, []);
  t.same([...new Set(sources.map(({ account }) => account))], accounts);
});

t.test('never more than the limit are under way, and results keep the order of the items', async (t) => {
  let underWay = 0;
  let most = 0;

  const results = await mapBounded([5, 1, 4, 2, 3], 2, async (turns) => {
    underWay += 1;
    most = Math.max(most, underWay);
    for (let turn = 0; turn < turns; turn += 1) await setImmediate();
    underWay -= 1;
    return turns;
  });

  t.same(results, [5, 1, 4, 2, 3]);
  t.equal(most, 2);
});

t.test('an aborted discovery answers nothing half', async (t) => {
  const test = await startTestAws(t);
  const options = { clients: clientsOf(t, test) };

  await t.rejects(discoverSources([customerOf()], options, AbortSignal.abort(new Error('stopping'))), {
    message: 'stopping',
  });
});
