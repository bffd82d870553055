import t from 'tap';

import { guardDutyRegions } from '../../agent/aws/regions.ts';
import type { SourceRow } from '../../agent/health/overview.ts';
import type { Fault, FaultEffect } from '../../agent/localaws/world.ts';
import { ACCOUNT, HOME } from '../support/local-aws.ts';
import { ACME, GROUP, putFindings, setScene } from '../support/relay-scene.ts';
import { scenario } from '../support/scenario.ts';
import { assertDelivered } from '../support/test-siem.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
/** The account service lives here. */
const CONTROL_REGION = 'us-east-1';
const NO_HEARTBEAT = { heartbeat: { mode: 'off' } };

const BROKEN: Readonly<Record<string, FaultEffect | 'off'>> = {
  'ap-south-1': { kind: 'error', code: 'AccessDeniedException', message: 'explicit deny' },
  'ap-east-1': 'off',
  'sa-east-1': { kind: 'cut' },
};

function codeOf(rows: readonly SourceRow[], region: string): string | undefined {
  return rows.find((row) => row.region === region)?.code;
}

t.test('S21 of thirty regions one is denied, one off and one unreachable', async (t) => {
  const regions = guardDutyRegions('aws')
    .map(({ region }) => region)
    .filter((region) => !(region in BROKEN))
    .slice(-27)
    .concat(Object.keys(BROKEN));
  const scene = await setScene(t, { customers: [{ ...ACME, regions, settings: NO_HEARTBEAT }] });
  const { clock, aws, siem, lake } = scene;
  const { accounts, faults } = aws.world;
  accounts.add({ id: ACCOUNT, regions: regions.filter((region) => BROKEN[region] !== 'off') });
  for (const region of regions) aws.logs.groups({ ...HOME, region }).create({ name: GROUP });
  for (const [region, effect] of Object.entries(BROKEN)) {
    if (effect !== 'off') faults.add({ service: 'logs', region, effect });
  }
  const healthy = regions.filter((region) => !(region in BROKEN));
  const agent = await scene.start();
  await clock.advance(4.5 * MINUTE_MS);

  for (const region of regions) putFindings(scene, { ...HOME, region }, [region]);
  await clock.advance(MINUTE_MS + SECOND_MS);
  const [early, rows] = [siem.ids, agent.health()];
  faults.clear();
  accounts.add({ id: ACCOUNT, regions });
  const isRecovered = (): boolean => [siem, lake].every(({ ids }) => ids.length >= regions.length);
  await scene.until('the three have recovered', isRecovered, 16 * MINUTE_MS);

  t.equal(regions.length, 30);
  t.same(early.toSorted(), healthy.toSorted(), 'the other 27 are delivered within one poll');
  t.equal(rows.filter(({ state }) => state === 'failing').length, 3);
  t.equal(codeOf(rows, 'ap-south-1'), 'AUTH-006');
  t.equal(codeOf(rows, 'ap-east-1'), 'REG-001');
  t.equal(codeOf(rows, 'sa-east-1'), 'NET-001');
  t.notOk(
    agent.health().some(({ state }) => state === 'failing'),
    'without a restart',
  );
  for (const each of [siem, lake]) assertDelivered(t, each, regions);
  await agent.stop();
});

t.test('S35 a region that is switched on while the agent runs is read within ten minutes', async (t) => {
  const scene = await setScene(t, { customers: [{ ...ACME, regions: 'enabled', settings: NO_HEARTBEAT }] });
  const { clock, aws, siem, lake } = scene;
  const known = { ...HOME, region: CONTROL_REGION };
  aws.world.accounts.add({ id: ACCOUNT, regions: [CONTROL_REGION] });
  putFindings(scene, known, ['known']);
  const agent = await scene.start();
  await clock.advance(5 * MINUTE_MS);

  const region = 'eu-south-1';
  aws.world.accounts.add({ id: ACCOUNT, regions: [CONTROL_REGION, region] });
  putFindings(scene, { ...HOME, region }, ['new']);
  await scene.until('the new region is read', () => lake.ids.includes('new'), 10 * MINUTE_MS);
  aws.world.accounts.add({ id: ACCOUNT, regions: [CONTROL_REGION] });
  putFindings(scene, known, ['last']);
  await clock.advance(11 * MINUTE_MS);

  for (const each of [siem, lake]) assertDelivered(t, each, ['known', 'new', 'last']);
  t.same(
    agent
      .health()
      .filter(({ state }) => state !== 'off')
      .map((row) => row.region),
    [CONTROL_REGION],
    'one that is switched off is not read',
  );
  t.match(
    agent.health().find((row) => row.region === region),
    { state: 'off', reason: 'region not enabled in the account' },
  );
  await agent.stop();
});

const PREFIX = '/aws/events/guard';
/** Polls at other moments than the discoveries, which come every ten minutes. */
const EVERY_77_S = { poll: { baseSeconds: 77, activeSeconds: 77 } };
const BY_PREFIX = { ...NO_HEARTBEAT, ...EVERY_77_S, stack: { mode: 'existing', logGroup: `${PREFIX}*` } };
const NO_LISTING: Fault = {
  operation: 'DescribeLogGroups',
  effect: { kind: 'error', code: 'AccessDeniedException', message: 'explicit deny' },
};

function groupsOf(rows: readonly SourceRow[]): readonly string[] {
  return rows.map(({ logGroup }) => logGroup).toSorted();
}

scenario('S35 groups come and go while the agent reads all of a prefix', async (t, pages) => {
  const scene = await setScene(t, { pages, customers: [{ ...ACME, settings: BY_PREFIX }] });
  const { clock, aws, siem, lake } = scene;
  const [first, second, third] = [`${PREFIX}-one`, `${PREFIX}-two`, `${PREFIX}-three`] as const;
  const put = (group: string, id: string): void => putFindings(scene, { ...HOME, group }, [id]);
  const startedAt = clock.now();
  const untilMinute = (minute: number): Promise<void> =>
    clock.advance(startedAt + minute * MINUTE_MS - clock.now());
  put(first, 'first');
  put('/aws/events/other', 'not ours');
  const agent = await scene.start();

  await untilMinute(5);
  put(second, 'second');
  await untilMinute(10.5);
  const withSecond = lake.ids;
  await untilMinute(19.8);
  aws.logs.groups(HOME).delete(first);
  await untilMinute(20.5);
  const withoutFirst = groupsOf(agent.health());
  const stored = await agent.stored();
  const mend = aws.world.faults.add(NO_LISTING);
  put(third, 'third');
  put(second, 'again');
  await untilMinute(30.5);
  const whileBroken = lake.ids;
  mend();
  // As the first event of the old group: AWS gives it the same id.
  const times = { timestamp: startedAt, ingestionTime: startedAt };
  aws.logs.insert(HOME, first, [{ ...times, message: 'of a new group' }]);
  await untilMinute(41);

  t.same(withSecond, ['first', 'second'], 'a new group is read within ten minutes');
  t.same(withoutFirst, [second], 'one that is deleted is gone');
  t.match(
    stored,
    [
      { spec: { logGroup: first }, enabled: false, saved: Object },
      { spec: { logGroup: second }, enabled: true },
    ],
    'but not what is stored of it',
  );
  t.same(whileBroken, ['first', 'second', 'again'], 'where groups cannot be listed, known ones are read on');
  t.same(groupsOf(agent.health()), [first, second, third].toSorted());
  const expected = ['first', 'second', 'again', 'third', 'of a new group'];
  for (const each of [siem, lake]) assertDelivered(t, each, expected);
  await agent.stop();
});
