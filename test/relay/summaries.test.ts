import { join } from 'node:path';
import t, { type Test } from 'tap';

import { openSqliteStore, type SqliteStore } from '../../agent/checkpoint/sqlite-store.ts';
import { parseConfig } from '../../agent/config/parse.ts';
import type { ObservedSource } from '../../agent/health/overview.ts';
import { silentLogger } from '../../agent/model/logger.ts';
import type { RelayEvent } from '../../agent/model/relay-event.ts';
import { createSummaries } from '../../agent/relay/notices/summaries.ts';
import { HEALTH } from '../support/health-facts.ts';
import { ACCOUNT, HOME } from '../support/local-aws.ts';
import { ACME, GROUP, idsOf, putFindings, setScene } from '../support/relay-scene.ts';
import { createVirtualClock, finish, type VirtualClock } from '../support/virtual-clock.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** A quarter past twelve. */
const START = Date.UTC(2026, 0, 1, 12, 15);

interface Bench {
  readonly clock: VirtualClock;
  readonly store: SqliteStore;
  readonly told: RelayEvent[];
  /** One life of an agent; answers with what ends it. */
  start(): () => Promise<void>;
}

async function bench(t: Test, forward = 'summary'): Promise<Bench> {
  const clock = createVirtualClock(START);
  const store = await openSqliteStore({ path: join(t.testdir({}), 'state.db'), clock, commitWaitMs: 0 });
  t.teardown(() => store.close());
  const told: RelayEvent[] = [];

  function start(): () => Promise<void> {
    const summaries = createSummaries({
      ...{ store, clock, logger: silentLogger, agentId: 'relay-1', customers: customersOf(forward) },
      outbox: { put: async (event) => void told.push(event) },
      observed: async () => [seen('acme', clock.now()), seen('globex', clock.now())],
    });
    const stopping = new AbortController();
    const ran = summaries.run(stopping.signal);
    return () => {
      stopping.abort();
      return finish(clock, ran);
    };
  }

  return { clock, store, told, start };
}

function seen(customer: string, now: number): ObservedSource {
  const place = { customer, account: ACCOUNT, region: 'eu-west-1', logGroup: GROUP };
  const facts = { pollSeconds: 60, lastReadAt: now, lastHeartbeatAt: now, destinations: {} };
  return { source: `${customer}/eu`, ...place, firstSeenAt: START, facts, options: HEALTH };
}

function customersOf(forward: string) {
  const common = { auth: { type: 'default' }, regions: ['eu-west-1'], destinations: ['siem'] };
  const parsed = parseConfig(
    JSON.stringify({
      version: 1,
      agent: { id: 'relay-1', dataDir: '/data' },
      customers: [
        { id: 'acme', ...common, accounts: { collect: [ACCOUNT] }, heartbeat: { forward } },
        { id: 'globex', ...common, accounts: { collect: ['444455556666'] } },
      ],
      destinations: [{ id: 'siem', type: 'webhook', url: 'https://siem.example.com' }],
    }),
    {},
  );
  if (parsed.kind === 'mistaken') throw new Error(JSON.stringify(parsed.mistakes));
  return parsed.config.customers;
}

function hoursOf(told: readonly RelayEvent[], customer = 'acme'): readonly unknown[] {
  return told.filter((event) => event.customer?.id === customer).map(({ details }) => details.from);
}

function heartbeatAt(time: number): string {
  const { account, region } = HOME;
  return JSON.stringify({
    ...{
      version: '0',
      id: `beat-${time}`,
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      account,
      region,
    },
    time: new Date(time).toISOString(),
    resources: [`arn:aws:events:${region}:${account}:rule/guardrelay-heartbeat`],
    detail: {},
  });
}

t.test('each full hour is told once for each customer, when it has been read', async (t) => {
  const { clock, told, start } = await bench(t);
  const stop = start();

  await clock.advance(45 * MINUTE + HOUR + 9 * MINUTE);
  const early = hoursOf(told);
  await clock.advance(2 * MINUTE);
  const first = hoursOf(told);
  await clock.advance(2 * HOUR);
  await stop();

  t.same(early, [], 'the hour in which the agent was installed is no full one');
  t.same(first, ['2026-01-01T13:00:00.000Z']);
  for (const customer of ['acme', 'globex']) {
    t.same(
      hoursOf(told, customer),
      [13, 14, 15].map((hour) => `2026-01-01T${hour}:00:00.000Z`),
    );
  }
});

t.test('who wants no summary gets none', async (t) => {
  const { clock, told, start } = await bench(t, 'none');
  const stop = start();

  await clock.advance(3 * HOUR);
  await stop();

  t.same(hoursOf(told), []);
  t.ok(hoursOf(told, 'globex').length > 0);
});

t.test('hours without an agent are told when one is back, and say so', async (t) => {
  const { clock, told, start } = await bench(t);
  const stop = start();
  await clock.advance(HOUR + 15 * MINUTE);
  await stop();

  clock.jump(3 * HOUR);
  const stopAgain = start();
  await clock.advance(9 * MINUTE);
  const early = hoursOf(told);
  await clock.advance(2 * MINUTE);
  await stopAgain();

  t.same(early, [], 'what is missing has to be read first');
  t.same(
    told
      .filter((event) => event.customer?.id === 'acme')
      .map(({ details: { from, minutesWithoutAgent } }) => [from, minutesWithoutAgent]),
    [
      ['2026-01-01T13:00:00.000Z', 29],
      ['2026-01-01T14:00:00.000Z', 60],
      ['2026-01-01T15:00:00.000Z', 60],
    ],
  );
});

t.test('a restart tells the same hour under the same id', async (t) => {
  const { clock, told, start } = await bench(t);
  const stop = start();
  await clock.advance(2 * HOUR);
  await stop();
  const before = told.filter((event) => event.customer?.id === 'acme').map(({ id }) => id);

  const stopAgain = start();
  await clock.advance(15 * MINUTE);
  await stopAgain();

  const ids = told.filter((event) => event.customer?.id === 'acme').map(({ id }) => id);
  t.equal(before.length, 1);
  t.same(new Set(ids), new Set(before), 'the outbox keeps one id once');
});

t.test('a wall clock that was ahead for a while silences no hour', async (t) => {
  const { clock, told, start } = await bench(t);
  const stop = start();
  await clock.advance(20 * MINUTE);
  clock.setWall(30 * 24 * HOUR);
  for (let minute = 0; minute < 60; minute += 1) await clock.advance(MINUTE);
  const ahead = hoursOf(told).length;
  clock.setWall(-30 * 24 * HOUR);
  told.length = 0;
  await clock.advance(2 * HOUR);
  await stop();

  t.ok(ahead <= 25, `of a month in between the last day is told, ${ahead} hours`);
  t.same(hoursOf(told), ['2026-01-01T13:00:00.000Z', '2026-01-01T14:00:00.000Z']);
});

t.test('agents that never live for long forget old hours, and not that they ran', async (t) => {
  const { clock, store, told, start } = await bench(t);
  const first = Math.floor(START / HOUR);
  for (let day = 0; day < 4; day += 1) {
    const stop = start();
    await clock.advance(MINUTE);
    await stop();
    clock.jump(24 * HOUR);
  }

  const kept = (await store.hours.read(first)).watchedMinutes;
  const stop = start();
  await clock.advance(11 * MINUTE);
  await stop();

  t.equal(kept, 0);
  t.equal(hoursOf(told).length, 24);
});

t.test('after a long absence the last day is told', async (t) => {
  const { clock, told, start } = await bench(t);
  const stop = start();
  await clock.advance(2 * HOUR);
  await stop();
  told.length = 0;

  clock.jump(10 * 24 * HOUR);
  const stopAgain = start();
  await clock.advance(11 * MINUTE);
  await stopAgain();

  t.equal(hoursOf(told).length, 24);
});

t.test(
  'an agent that is killed and restarted has counted every heartbeat and finding of the hour once',
  async (t) => {
    const scene = await setScene(t, { customers: [{ ...ACME, settings: { late: { overlapMinutes: 30 } } }] });
    const { clock, aws, siem } = scene;
    aws.logs.groups(HOME).create({ name: GROUP });
    const hour = Math.floor(clock.now() / HOUR);
    const beat = (): void => {
      aws.logs.insert(HOME, GROUP, [{ timestamp: clock.now(), message: heartbeatAt(clock.now()) }]);
    };

    const first = await scene.start();
    for (let number = 0; number < 4; number += 1) {
      beat();
      putFindings(scene, HOME, idsOf(`before-${number}`, 2));
      await clock.advance(5 * MINUTE);
    }
    const left = await first.kill();
    for (let number = 0; number < 4; number += 1) {
      beat();
      await clock.advance(5 * MINUTE);
    }
    const second = await scene.start({ directory: left });
    await clock.advance(5 * MINUTE);
    putFindings(scene, HOME, idsOf('after', 3));
    await scene.until('the last finding', () => siem.ids.includes('after-2'));
    await clock.advance(5 * MINUTE);
    await second.stop();

    const store = await openSqliteStore({ path: join(left, 'state.db'), clock, readOnly: true });
    t.teardown(() => store.close());
    const { parts } = await store.hours.read(hour);
    t.match(parts, [{ region: HOME.region, heartbeats: 8, findings: 11, changes: 0, quarantined: 0 }]);
  },
);
