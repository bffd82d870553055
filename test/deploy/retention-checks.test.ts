import t from 'tap';

import { retentionPolicyOf } from '../../agent/deploy/checks/retention-calls.ts';
import type { LocalAws } from '../../agent/localaws/server.ts';
import type { Place } from '../../agent/localaws/service.ts';
import { type CheckedWorld, resultsIn, startCheckedWorld } from '../support/checked-world.ts';
import { ACCOUNT } from '../support/local-aws.ts';

const GROUP = '/aws/events/guardrelay';
const DAY_MS = 86_400_000;
const YEAR = { stack: { retentionDays: 365 } };

function placeIn(region: string): Place {
  return { account: ACCOUNT, region, partition: 'aws' };
}

interface Policy {
  readonly days: number | 'NEVER_EXPIRE';
  readonly mode?: 'NEW_ONLY' | 'RETROACTIVE';
  readonly prefix?: string;
}

function putPolicy({ logs }: LocalAws, region: string, name: string, policy: Policy): void {
  const { days, mode = 'RETROACTIVE', prefix } = policy;
  const document = JSON.stringify({ retentionInDays: days, enforcementMode: mode });
  const criteria = prefix === undefined ? undefined : `LogGroupNamePrefix IN ["${prefix}"]`;
  logs.accountRetention(placeIn(region)).put(name, document, criteria);
}

async function startYear(t: Parameters<typeof startCheckedWorld>[0], regions: readonly string[]) {
  const world = await startCheckedWorld(t, regions, { settings: { retentionDays: 365 } });
  const look = async (region: string, settings: object = YEAR) =>
    resultsIn(await world.examine({ only: ['LOG-002'], settings }), region)['LOG-002'];
  return { ...world, look };
}

/** Events of a year ago shall not keep the test waiting: nothing is due in the skipped time but heartbeats. */
async function passDay({ aws, clock }: Pick<CheckedWorld, 'aws' | 'clock'>, regions: readonly string[]) {
  for (const region of regions) aws.events.rules(placeIn(region)).put({ ...HEARTBEAT, state: 'DISABLED' });
  await clock.advance(DAY_MS);
}

const HEARTBEAT = { name: 'guardrelay-heartbeat', scheduleExpression: 'rate(5 minutes)' } as const;

t.test('D20 a policy of the account goes before what the log group says, now and a day ahead', async (t) => {
  const regions = ['us-east-1', 'us-east-2', 'us-west-1', 'us-west-2', 'eu-west-1'];
  const world = await startYear(t, regions);
  const { aws, look } = world;
  putPolicy(aws, 'us-east-2', 'month', { days: 30 });
  putPolicy(aws, 'us-west-1', 'month', { days: 30 });
  putPolicy(aws, 'us-west-1', 'ours', { days: 'NEVER_EXPIRE', prefix: GROUP });
  putPolicy(aws, 'us-west-2', 'month', { days: 30, mode: 'NEW_ONLY' });
  putPolicy(aws, 'eu-west-1', 'month', { days: 30, prefix: '/others' });

  const before = await look('us-east-2');
  const bothShort = await look('us-east-2', { stack: { retentionDays: 400 } });
  await passDay(world, regions);
  const inForce = await look('us-east-2');
  const seen = await world.examine({ only: ['LOG-002'], settings: YEAR });
  putPolicy(aws, 'us-east-2', 'guardrelay-retention', { days: 365, prefix: GROUP });
  const mending = await look('us-east-2');
  await world.clock.advance(DAY_MS);
  const mended = await look('us-east-2');

  const failed = { kind: 'failed', code: 'LOG-002' };
  const fix = `aws logs put-account-policy --policy-name guardrelay-retention --policy-type RETENTION_POLICY --policy-document '{"retentionInDays":365,"enforcementMode":"RETROACTIVE"}' --selection-criteria 'LogGroupNamePrefix IN ["${GROUP}"]' --region us-east-2`;
  t.match(before, {
    ...failed,
    found: /^within 24 hours the account-level retention policy month will keep events .* for 30 days/,
    fix,
  });
  t.match(bothShort, { ...failed, found: /^within 24 hours .*says 400$/, fix: /put-account-policy/ });
  t.match(inForce, {
    ...failed,
    found:
      /^the account-level retention policy month keeps events of the log group for 30 days, whatever the group itself says; the configuration says 365$/,
    fix,
  });
  for (const region of ['us-east-1', 'us-west-1', 'us-west-2', 'eu-west-1']) {
    t.same(resultsIn(seen, region), { 'LOG-002': { kind: 'passed' } }, region);
  }
  t.match(mending, {
    kind: 'warned',
    code: 'LOG-002',
    found: /guardrelay-retention comes into force within 24 hours$/,
  });
  t.same(mended, { kind: 'passed' });
});

t.test(
  'a retention that cannot be known does not pass, and one that is known to be short fails',
  async (t) => {
    const world = await startYear(t, ['us-east-1']);
    const { aws, look } = world;
    const effect = { kind: 'error', code: 'AccessDeniedException', message: 'no' } as const;
    aws.world.faults.add({ operation: 'DescribeAccountPolicies', effect });

    const unknown = await look('us-east-1');
    const ownIsShort = await look('us-east-1', { stack: { retentionDays: 400 } });
    putPolicy(aws, 'us-east-1', 'month', { days: 30 });
    await passDay(world, ['us-east-1']);
    const policyIsShort = await look('us-east-1');

    t.match(unknown, { kind: 'skipped', right: 'logs:DescribeAccountPolicies' });
    t.match(ownIsShort, { kind: 'failed', fix: /^aws logs put-retention-policy .*--retention-in-days 400/ });
    t.match(policyIsShort, { kind: 'failed', found: /policy month keeps events/ });
  },
);

t.test('D20 a log group of any class but STANDARD cannot be read', async (t) => {
  const world = await startCheckedWorld(t, ['us-east-1']);
  const groups = world.aws.logs.groups(placeIn('us-east-1'));
  const only = ['LOG-001', 'LOG-002', 'LOG-004', 'LOG-006'] as const;

  for (const logClass of ['INFREQUENT_ACCESS', 'DELIVERY', 'ESSENTIALS'] as const) {
    groups.delete(GROUP);
    groups.create({ name: GROUP, logClass });
    const results = resultsIn(await world.examine({ only }), 'us-east-1');
    t.match(results, {
      'LOG-001': { kind: 'failed', code: 'LOG-001', found: new RegExp(logClass) },
      'LOG-002': { kind: 'skipped', why: /LOG-001/ },
      'LOG-004': { kind: 'skipped' },
      'LOG-006': { kind: 'skipped' },
    });
  }
  groups.delete(GROUP);
  const others = await world.examine({ only, settings: { stack: { mode: 'existing', logGroup: GROUP } } });
  t.match(resultsIn(others, 'us-east-1'), {
    'LOG-001': { kind: 'failed', fix: /^aws logs describe-log-groups .* --region us-east-1$/ },
  });
});

t.test('retention policies are understood as AWS writes them, and no others', (t) => {
  const document = (days: unknown, enforcementMode = 'RETROACTIVE') =>
    JSON.stringify({ retentionInDays: days, enforcementMode });
  const cases = [
    { policy: { policyDocument: document(90) }, wanted: { days: 90, isRetroactive: true, prefixes: [''] } },
    { policy: { policyDocument: document('90') }, wanted: { days: 90 } },
    {
      policy: { policyDocument: document('NEVER_EXPIRE', 'NEW_ONLY') },
      wanted: { days: Number.POSITIVE_INFINITY, isRetroactive: false },
    },
    {
      policy: { policyDocument: document(30), selectionCriteria: 'LogGroupNamePrefix IN ["/a","/b"]' },
      wanted: { prefixes: ['/a', '/b'] },
    },
    { policy: { policyDocument: document(30), selectionCriteria: 'LogGroupName NOT IN ["/a"]' } },
    { policy: { policyDocument: document(30, 'SOMETIMES') } },
    { policy: { policyDocument: document('soon') } },
    { policy: { policyDocument: '{' } },
    { policy: {} },
  ];

  for (const { policy, wanted } of cases) {
    const named = { policyName: 'month', ...policy };
    if (wanted === undefined) t.throws(() => retentionPolicyOf(named), /policy month .* unknown form/);
    else t.match(retentionPolicyOf(named), { name: 'month', ...wanted });
  }
  t.end();
});
