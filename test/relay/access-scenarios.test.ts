import t from 'tap';

import { createLogsReader } from '../../agent/aws/logs-reader.ts';
import { createQuota } from '../../agent/aws/quota.ts';
import type { Source } from '../../agent/model/source.ts';
import type { Read, Wanted } from '../../agent/tail/read.ts';
import { createReader } from '../../agent/tail/reader.ts';
import { clientsOf, OWN_SCOPE } from '../support/aws-clients.ts';
import { ACCOUNT, HOME, startTestAws } from '../support/local-aws.ts';
import { ACME, GROUP, putFindings, type RelayScene, setScene } from '../support/relay-scene.ts';
import { scenario } from '../support/scenario.ts';
import { watchAssumeRole } from '../support/sts-calls.ts';
import { assertDelivered } from '../support/test-siem.ts';
import { finish } from '../support/virtual-clock.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const ROLE = 'GuardRelayReader';
const REGIONS = [HOME.region, 'us-east-1', 'eu-west-1'];
const settings = { heartbeat: { mode: 'off' } };
const GLOBEX = { id: 'globex', account: '222222222222', regions: REGIONS, settings };
const OTHER_EXTERNAL_ID = {
  Statement: {
    Effect: 'Allow',
    Principal: { AWS: '*' },
    Action: 'sts:AssumeRole',
    Condition: { StringEquals: { 'sts:ExternalId': 'that of somebody else' } },
  },
};
const THROTTLED = {
  kind: 'error',
  code: 'ThrottlingException',
  message: 'Rate exceeded',
  statusCode: 400,
} as const;
const EVERYTHING: Wanted = { for: async (events) => events.map(() => ['siem']), room: () => 1 };
const never = new AbortController().signal;

/** A finding in every region of the account. */
function putEverywhere(scene: RelayScene, account: string, name: string): readonly string[] {
  return REGIONS.map((region) => {
    const id = `${name} in ${account} ${region}`;
    putFindings(scene, { ...HOME, account, region }, [id]);
    return id;
  });
}

t.test('S22 an account whose role is refused asks STS once per back-off, and disturbs nobody', async (t) => {
  const scene = await setScene(t, { customers: [{ ...ACME, regions: REGIONS, settings }, GLOBEX] });
  const { clock, aws, siem, lake } = scene;
  const { account } = GLOBEX;
  const { principals, faults } = aws.world;
  const role = principals.role(account, ROLE);
  if (!role) throw new Error('the account has no role');
  const asked = watchAssumeRole(t, account, clock);
  const refused = putEverywhere(scene, account, 'early');
  const taken = [...putEverywhere(scene, ACCOUNT, 'early')];

  principals.putRole({ ...role, trust: OTHER_EXTERNAL_ID });
  const agent = await scene.start();
  await clock.advance(6 * MINUTE_MS);
  const rows = agent.health();
  principals.deleteRole(account, ROLE);
  await clock.advance(5 * MINUTE_MS);
  const mend = faults.add({ service: 'sts', operation: 'AssumeRole', effect: THROTTLED });
  principals.putRole(role);
  taken.push(...putEverywhere(scene, ACCOUNT, 'late'));
  await clock.advance(5 * MINUTE_MS);
  const [arrived, waits] = [siem.ids, asked.slice(1).map((at, nth) => at - (asked[nth] ?? 0))];
  mend();
  const all = [...taken, ...refused];
  await scene.until('the account is read', () => lake.ids.length >= all.length, 6 * MINUTE_MS);

  t.match(
    rows.filter((row) => row.account === account),
    REGIONS.map(() => ({ state: 'failing', code: 'AUTH-002' })),
  );
  t.notOk(rows.some((row) => row.account === ACCOUNT && row.state === 'failing'));
  t.same(arrived.toSorted(), taken.toSorted(), 'the other account is read all the time');
  t.ok(waits.length > 5, `${waits.length} calls for three regions in 16 minutes`);
  for (const [nth, ms] of waits.entries()) {
    t.ok(ms >= Math.min(2_500 * 2 ** nth, 150_000), `${ms} ms until the call ${nth + 2}`);
  }
  for (const each of [siem, lake]) assertDelivered(t, each, all);
  await agent.stop();
});

t.test('S24 STS cannot be reached when the agent starts', async (t) => {
  const scene = await setScene(t, { customers: [GLOBEX] });
  const { clock, aws, siem, lake } = scene;
  const ids = putEverywhere(scene, GLOBEX.account, 'early');
  const mend = aws.world.faults.add({ service: 'sts', effect: { kind: 'cut' } });

  const agent = await scene.start();
  await clock.advance(SECOND_MS);
  const isReady = agent.isReady();
  await clock.advance(6 * MINUTE_MS);
  const rows = agent.health();
  mend();
  await scene.until('everything is read', () => lake.ids.length >= ids.length);

  t.ok(isReady);
  t.match(
    rows,
    REGIONS.map(() => ({ state: 'failing', code: 'NET-001', reason: /AssumeRole/ })),
  );
  for (const each of [siem, lake]) assertDelivered(t, each, ids);
  await agent.stop();
});

scenario('S28 a group is deleted and made again with the same event ids', async (t, pages) => {
  const scene = await setScene(t, { pages });
  const { clock, aws, siem, lake } = scene;
  // What AWS makes the ids of is the same for both.
  const times = { timestamp: clock.now(), ingestionTime: clock.now() };
  aws.logs.insert(HOME, GROUP, [{ ...times, message: 'of the old group' }]);
  const agent = await scene.start();
  await clock.advance(MINUTE_MS);

  aws.logs.groups(HOME).delete(GROUP);
  await clock.advance(MINUTE_MS);
  aws.logs.insert(HOME, GROUP, [{ ...times, message: 'of the new group' }]);
  putFindings(scene, HOME, ['now']);
  await clock.advance(3 * MINUTE_MS);

  for (const each of [siem, lake]) {
    assertDelivered(t, each, ['of the old group', 'of the new group', 'now']);
    t.equal(new Set(each.records.map(({ source }) => JSON.stringify(source))).size, 2, 'one id came twice');
  }
  await agent.stop();
});

t.test('S37 one API is throttled for a minute in one region', async (t) => {
  const test = await startTestAws(t);
  const { clock, aws } = test;
  const quota = createQuota(clock);
  const logs = createLogsReader({ clients: clientsOf(t, test), scopeOf: () => OWN_SCOPE });
  const [home, other] = [HOME.region, 'us-east-1'].map((region) => {
    const source: Source = { ...HOME, region, customer: 'acme', logGroup: GROUP };
    aws.logs.groups(source).create({ name: GROUP });
    const pace = quota.paceOf(source, 0.2);
    return { pace, reader: createReader({ logs, pace, source, clock }) };
  });
  if (!home || !other) throw new Error('there are two');
  const rates = () =>
    [home, other].flatMap(({ pace }) =>
      [pace.filterLogEvents, pace.describeLogGroups].map((bucket) => bucket.ratePerSecond()),
    );
  const poll = async ({ reader }: typeof home): Promise<Read | undefined> => {
    let last: Read | undefined;
    for await (const read of reader.read({ what: 'poll', start: 0, due: [] }, EVERYTHING, never)) last = read;
    return last;
  };
  const before = rates();

  const mend = aws.world.faults.add({ operation: 'FilterLogEvents', region: HOME.region, effect: THROTTLED });
  const reads: (Read | undefined)[] = [];
  for (let second = 0; second < 60; second += 15) {
    reads.push(await finish(clock, poll(home)), await finish(clock, poll(other)));
    await clock.advance(15 * SECOND_MS);
  }
  const described = await finish(clock, home.reader.describe(never));
  const during = rates();
  mend();
  await clock.advance(10 * MINUTE_MS);
  const afterwards = await finish(clock, poll(home));

  t.match(reads[0], { kind: 'failed', cause: 'throttled' });
  t.match(reads[1], { kind: 'complete' });
  t.match(described, { kind: 'group' });
  t.ok((during[0] ?? 1) <= (before[0] ?? 0) / 2, `${during[0]} a second instead of ${before[0]}`);
  t.same(during.slice(1), before.slice(1), 'no other bucket is touched');
  t.match(afterwards, { kind: 'complete' });
  t.same(rates(), before);
});
