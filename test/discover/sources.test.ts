import { setImmediate } from 'node:timers/promises';

import t, { type Test } from 'tap';

import { createQuota } from '../../agent/aws/quota.ts';
import { mapBounded } from '../../agent/discover/bounded.ts';
import type { DiscoverCustomer } from '../../agent/discover/customer.ts';
import { type DiscoverOptions, discoverSources } from '../../agent/discover/sources.ts';
import { clientsOf, OWN_SCOPE, readerScope } from '../support/aws-clients.ts';
import { ACCOUNT, HOME, startTestAws, type TestAws } from '../support/local-aws.ts';
import { finish } from '../support/virtual-clock.ts';

const OTHER = '222233334444';
const never = new AbortController().signal;

function customerOf(part: Partial<DiscoverCustomer> = {}): DiscoverCustomer {
  const { customer: id, auth } = OWN_SCOPE;
  const logGroup = '/aws/events/guardrelay';
  return { id, auth, accounts: [ACCOUNT], regions: 'enabled', logGroup, quotaShare: 0.2, ...part };
}

function optionsOf(t: Test, test: TestAws): DiscoverOptions {
  return { clients: clientsOf(t, test), quota: createQuota(test.clock) };
}

/** Regions of the sources, by account. */
async function discover(t: Test, test: TestAws, ...customers: readonly DiscoverCustomer[]) {
  const { sources, leftOut } = await discoverSources(customers, optionsOf(t, test), never);
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
    const logGroup = '/aws/events/guardrelay';
    const known = [
      { customer: 'acme', account: ACCOUNT, region: 'me-south-1', logGroup },
      { customer: 'acme', account: ACCOUNT, region: 'us-east-1', logGroup },
      { customer: 'acme', account: OTHER, region: 'af-south-1', logGroup },
    ];

    const { sources, leftOut } = await discoverSources(
      [customerOf()],
      { ...optionsOf(t, test), known },
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

t.test('a hub: one log group for each account, and the regions that it must hear', async (t) => {
  const test = await startTestAws(t);
  test.aws.world.accounts.add({ id: ACCOUNT, regions: ['us-east-1', 'me-south-1'] });
  const hub = { hubRegion: 'us-east-1' };

  const { sources, leftOut } = await discover(t, test, customerOf(hub));
  const listed = await discover(t, test, customerOf({ ...hub, regions: ['us-east-1', 'af-south-1'] }));
  test.aws.world.faults.add({ service: 'account', effect: { kind: 'cut' } });
  const guessed = await discover(t, test, customerOf(hub));

  t.match(sources, [
    { region: 'us-east-1', origins: { regions: ['me-south-1', 'us-east-1'], isGuess: false } },
  ]);
  t.same([sources.length, leftOut], [1, []]);
  t.same(listed.sources[0]?.origins, { regions: ['us-east-1', 'af-south-1'], isGuess: false });
  t.match(guessed.sources, [{ region: 'us-east-1', origins: { isGuess: true } }]);
  t.equal(guessed.sources[0]?.origins?.regions.length, 17, 'those that are on by default');
});

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

const GUARD: DiscoverCustomer = customerOf({ regions: [HOME.region], logGroup: '/aws/events/guard*' });

/** Names of log groups that begin as those of `GUARD` do. */
function guards(count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `/aws/events/guard-${String(i).padStart(3, '0')}`);
}

t.test('S35 a name that ends in * stands for all 120 groups that begin so, on three pages', async (t) => {
  const test = await startTestAws(t);
  const groups = test.aws.logs.groups(HOME);
  for (const name of ['/aws/events/gua', ...guards(120), '/aws/events/guarx', '/other'])
    groups.create({ name });
  const options = optionsOf(t, test);
  const { describeLogGroups: bucket, ...pace } = options.quota.paceOf(HOME, GUARD.quotaShare);
  let pages = 0;
  const take = async (): Promise<void> => {
    pages += 1;
  };
  const quota = { paceOf: () => ({ ...pace, describeLogGroups: { ...bucket, take } }) };

  const { sources, leftOut } = await discoverSources([GUARD], { ...options, quota }, never);

  t.same(
    sources.map(({ logGroup }) => logGroup),
    guards(120),
  );
  t.equal(pages, 3, 'each page takes a token');
  t.same(leftOut, []);
});

t.test('S35 a group that cannot be read, and a region without a group, are named', async (t) => {
  const test = await startTestAws(t);
  const [standard = '', rare = ''] = guards(2);
  test.aws.logs.groups(HOME).create({ name: standard });
  test.aws.logs.groups(HOME).create({ name: rare, logClass: 'INFREQUENT_ACCESS' });
  const customer = { ...GUARD, regions: [HOME.region, 'us-east-1'] };

  const { sources, leftOut } = await discover(t, test, customer);

  t.match(sources, [{ region: HOME.region, logGroup: standard }]);
  t.equal(sources.length, 1);
  t.match(leftOut, [
    {
      region: HOME.region,
      code: 'LOG-001',
      reason: `${rare} in ${ACCOUNT} ${HOME.region} is of class INFREQUENT_ACCESS, which cannot be read`,
    },
    {
      region: 'us-east-1',
      code: 'LOG-001',
      reason: `no log group in ${ACCOUNT} us-east-1 has a name like ${GUARD.logGroup}`,
    },
  ]);
});

t.test('S35 a region whose groups cannot be listed keeps those of the last time', async (t) => {
  const test = await startTestAws(t);
  const [mine = '', gone = ''] = guards(2);
  for (const region of [HOME.region, 'us-east-1'])
    test.aws.logs.groups({ ...HOME, region }).create({ name: mine });
  const known = [HOME.region, 'us-east-1'].flatMap((region) =>
    [mine, gone, '/other'].map((logGroup) => ({ customer: 'acme', account: ACCOUNT, region, logGroup })),
  );
  test.aws.world.faults.add({
    ...{ operation: 'DescribeLogGroups', region: 'us-east-1' },
    effect: { kind: 'error', code: 'AccessDeniedException', message: 'no' },
  });
  const customer = { ...GUARD, regions: [HOME.region, 'us-east-1'] };

  const { sources, leftOut } = await discoverSources([customer], { ...optionsOf(t, test), known }, never);

  t.same(
    sources.map(({ region, logGroup }) => [region, logGroup]),
    [
      [HOME.region, mine],
      ['us-east-1', mine],
      ['us-east-1', gone],
    ],
  );
  t.match(leftOut, [{ region: 'us-east-1', code: 'AUTH-006', reason: /found before/, isGuess: true }]);
});

t.test('S35 a page that is throttled is asked for again, at half the pace', async (t) => {
  const test = await startTestAws(t);
  for (const name of guards(60)) test.aws.logs.groups(HOME).create({ name });
  const effect = { kind: 'error', code: 'ThrottlingException', message: 'Rate exceeded' } as const;
  test.aws.world.faults.add({ operation: 'DescribeLogGroups', after: 1, times: 1, effect });
  const options = optionsOf(t, test);
  const { describeLogGroups } = options.quota.paceOf(HOME, GUARD.quotaShare);

  const { sources, leftOut } = await finish(test.clock, discoverSources([GUARD], options, never));

  t.equal(sources.length, 60);
  t.same(leftOut, []);
  t.equal(describeLogGroups.ratePerSecond(), 1);
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
  const options = optionsOf(t, test);

  await t.rejects(discoverSources([customerOf()], options, AbortSignal.abort(new Error('stopping'))), {
    message: 'stopping',
  });
});
