import { join } from 'node:path';
import { Registry } from 'prom-client';
import t, { type Test } from 'tap';

import { openSqliteStore, type SqliteStore } from '../../agent/checkpoint/sqlite-store.ts';
import { parseConfig } from '../../agent/config/parse.ts';
import type { Clock } from '../../agent/model/clock.ts';
import { type Logger, silentLogger } from '../../agent/model/logger.ts';
import type { RelayEvent } from '../../agent/model/relay-event.ts';
import { type Destination, passes, type RecordFilter } from '../../agent/relay/destination.ts';
import { createOutbox, type Outbox } from '../../agent/relay/notices/outbox.ts';
import { openSearchIndex, type SearchIndex } from '../../agent/search/search-index.ts';
import { noticeOf } from '../support/notices.ts';
import { createScriptedShipper, type ScriptedShipper } from '../support/scripted-shipper.ts';
import { createVirtualClock, finish, type VirtualClock } from '../support/virtual-clock.ts';

const SECOND = 1_000;
const DAY = 86_400_000;

interface Bench {
  readonly clock: VirtualClock;
  readonly store: SqliteStore;
  readonly index: SearchIndex;
  readonly siem: ScriptedShipper;
  readonly lake: ScriptedShipper;
  readonly logged: readonly string[];
  /** One agent; `lifetime`: its clock. */
  start(lifetime?: Clock): { readonly outbox: Outbox; stop(): Promise<void> };
}

interface BenchOptions {
  /** Of acme. */
  readonly destinations?: readonly (string | object)[];
  readonly filter?: RecordFilter;
}

async function bench(t: Test, { destinations, filter = {} }: BenchOptions = {}): Promise<Bench> {
  const clock = createVirtualClock();
  const directory = t.testdir({});
  const store = await openSqliteStore({ path: join(directory, 'state.db'), clock, commitWaitMs: 0 });
  const index = openSearchIndex({ path: join(directory, 'search.db'), clock, keepDays: 7, maxMegabytes: 10 });
  t.teardown(async () => {
    index.close();
    await store.close();
  });
  const [siem, lake] = [createScriptedShipper('siem'), createScriptedShipper('lake')];
  const logged: string[] = [];
  const logger: Logger = { ...silentLogger, error: (message) => logged.push(message) };
  let agents = 0;

  function start(lifetime: Clock = clock): ReturnType<Bench['start']> {
    agents += 1;
    const outbox = createOutbox({
      ...{ store, index, logger, owner: `agent-${agents}`, clock: lifetime, leaseMs: 20 * SECOND },
      customers: customersOf(destinations ?? ['siem', 'lake']),
      destinations: [destinationOf(siem, filter), destinationOf(lake, {})],
    });
    const stopping = new AbortController();
    const ran = outbox.run(stopping.signal);
    const stop = (): Promise<void> => {
      stopping.abort();
      return finish(clock, ran);
    };
    return { outbox, stop };
  }

  return { ...{ clock, store, index, siem, lake, logged }, start };
}

function customersOf(destinations: readonly (string | object)[]) {
  const common = { auth: { type: 'default' }, regions: ['eu-west-1', 'us-east-1'] };
  const parsed = parseConfig(
    JSON.stringify({
      version: 1,
      agent: { id: 'relay-1', dataDir: '/data' },
      customers: [
        { id: 'acme', ...common, accounts: { collect: ['111122223333'] }, destinations },
        { id: 'globex', ...common, accounts: { collect: ['444455556666'] }, destinations: ['lake'] },
      ],
      destinations: ['siem', 'lake'].map((id) => ({ id, type: 'webhook', url: `https://${id}.example.com` })),
    }),
    {},
  );
  if (parsed.kind === 'mistaken') throw new Error(JSON.stringify(parsed.mistakes));
  return parsed.config.customers;
}

function destinationOf(shipper: ScriptedShipper, filter: RecordFilter): Destination {
  return {
    ...{ id: shipper.destination, shipper, tally: { truncated: 0, unmapped: 0 } },
    wants: (record) => passes(record, filter),
    encode(record) {
      if (record.key === 'poison') throw new RangeError('Invalid time value');
      return { id: record.key, record, bytes: Buffer.from(record.raw), truncated: false };
    },
  };
}

/** An agent that was killed does nothing any more. */
function stoppedClock(clock: Clock, isKilled: () => boolean): Clock {
  return {
    ...clock,
    sleep: (ms, signal) => (isKilled() ? new Promise(() => {}) : clock.sleep(ms, signal)),
  };
}

t.test('a notice reaches every destination of its customer, once', async (t) => {
  const { clock, siem, lake, start } = await bench(t);
  siem.automatic = true;
  lake.automatic = true;
  const { outbox, stop } = start();

  await outbox.put(noticeOf('a'));
  await outbox.put(noticeOf('a'));
  await outbox.put(noticeOf('g', { customer: { id: 'globex' } }));
  await clock.advance(5 * SECOND);
  await stop();

  t.same(siem.delivered, ['a'], 'never to another customer`s destination');
  t.same(lake.delivered, ['a', 'g']);
});

const routes: readonly (BenchOptions & {
  readonly name: string;
  readonly notice: Partial<RelayEvent>;
  readonly siem: boolean;
})[] = [
  {
    name: 'a region that the route leaves out',
    destinations: [{ id: 'siem', regions: ['us-*'] }],
    notice: {},
    siem: false,
  },
  {
    name: 'one of two regions that the route takes',
    destinations: [{ id: 'siem', regions: ['us-*'] }],
    notice: { regions: ['eu-west-1', 'us-east-1'] },
    siem: true,
  },
  {
    name: 'no region, so all of the customer',
    destinations: [{ id: 'siem', regions: ['us-*'] }],
    notice: { regions: [] },
    siem: true,
  },
  { name: 'a filter for other kinds', filter: { kinds: ['finding'] }, notice: {}, siem: false },
  { name: 'a filter for findings, by severity', filter: { minSeverity: 9 }, notice: {}, siem: true },
  { name: 'a customer that is not configured', notice: { customer: { id: 'initech' } }, siem: false },
];

for (const { name, notice, siem: expected, ...options } of routes) {
  t.test(`${name}: ${expected ? 'delivered' : 'not delivered, and not kept'}`, async (t) => {
    const { clock, store, siem, start } = await bench(t, options);
    siem.automatic = true;
    const { outbox, stop } = start();

    await outbox.put(noticeOf('a', notice));
    await clock.advance(2 * SECOND);
    await stop();

    t.same(siem.delivered, expected ? ['a'] : []);
    t.notOk((await store.notices.waiting()).has('siem'));
  });
}

t.test('a notice of the agent itself goes to no SIEM', async (t) => {
  const { clock, siem, lake, start } = await bench(t);
  const { outbox, stop } = start();
  const { customer: _, ...event } = noticeOf('a');

  await outbox.put(event);
  await clock.advance(2 * SECOND);
  await stop();

  t.same([...siem.held, ...lake.held], []);
});

t.test('a dead destination holds up no other, and gets everything when it lives again', async (t) => {
  const { clock, store, siem, lake, start } = await bench(t);
  siem.circuit = 'retrying';
  lake.automatic = true;
  const { outbox, stop } = start();
  const ids = Array.from({ length: 120 }, (_, index) => `n-${index}`);

  for (const id of ids) await outbox.put(noticeOf(id));
  await clock.advance(60 * SECOND);
  const waiting = await store.notices.waiting();
  siem.circuit = 'closed';
  siem.automatic = true;
  await clock.advance(60 * SECOND);
  await stop();

  t.same(lake.delivered, ids);
  t.same(waiting, new Map([['siem', 120]]));
  t.same(siem.delivered, ids);
});

t.test('a destination that does not answer is given so much and no more', async (t) => {
  const { clock, siem, start } = await bench(t);
  const { outbox, stop } = start();

  for (let number = 0; number < 120; number += 1) await outbox.put(noticeOf(`n-${number}`));
  await clock.advance(300 * SECOND);
  const held = siem.held.length;
  siem.acknowledge();
  await clock.advance(2 * SECOND);
  const next = siem.held.length;
  await stop();

  t.equal(held, 50, 'claims are extended: nothing is submitted twice');
  t.equal(next, 50);
});

t.test('what a killed agent had not delivered, another one delivers', async (t) => {
  const { clock, siem, lake, start } = await bench(t);
  let isKilled = false;
  lake.automatic = true;
  const { outbox } = start(stoppedClock(clock, () => isKilled));
  await outbox.put(noticeOf('a'));
  await clock.advance(2 * SECOND);
  const left = siem.held.map(({ record }) => record.id);

  isKilled = true;
  siem.withdraw(siem.held[0]?.owner ?? {});
  siem.automatic = true;
  const { stop } = start();
  await clock.advance(10 * SECOND);
  const early = [...siem.delivered];
  await clock.advance(15 * SECOND);
  await stop();

  t.same([left, early, siem.delivered], [['a'], [], ['a']]);
  t.same(lake.delivered, ['a'], 'what the other destination has is not sent again');
});

t.test('a stop waits for what is in flight, and gives the rest back at once', async (t) => {
  const { clock, siem, lake, start } = await bench(t);
  lake.automatic = true;
  const first = start();
  await first.outbox.put(noticeOf('a'));
  await clock.advance(2 * SECOND);

  await first.stop();
  siem.automatic = true;
  const second = start();
  await clock.advance(2 * SECOND);
  await second.stop();

  t.same(siem.delivered, ['a']);
});

t.test('what waits too long is dropped, told and counted', async (t) => {
  const { clock, siem, logged, start } = await bench(t);
  siem.circuit = 'blocked';
  const first = start();
  const registry = new Registry();
  first.outbox.meter.addTo(registry);
  await first.outbox.put(noticeOf('a', { regions: ['us-east-1'] }));
  await clock.advance(2 * SECOND);
  const before = await registry.metrics();
  await first.stop();

  clock.jump(14 * DAY);
  const second = start();
  await clock.advance(2 * SECOND);
  registry.clear();
  second.outbox.meter.addTo(registry);
  const after = await registry.metrics();
  await second.stop();

  t.match(before, 'guardrelay_outbox_waiting{destination="siem"} 1');
  t.match(before, 'guardrelay_outbox_dropped_total{destination="siem",reason="age"} 0');
  t.match(after, 'guardrelay_outbox_waiting{destination="siem"} 0');
  t.match(after, 'guardrelay_outbox_dropped_total{destination="siem",reason="age"} 1');
  t.ok(logged.length > 0);
  t.same([...new Set(logged)], ['notices were dropped: the destination did not take them in time']);
});

t.test('a notice that cannot be written is dropped, and holds up no other', async (t) => {
  const { clock, store, lake, siem, logged, start } = await bench(t);
  for (const shipper of [lake, siem]) shipper.automatic = true;
  const { outbox, stop } = start();

  for (const id of ['poison', 'b']) await outbox.put(noticeOf(id));
  await clock.advance(2 * SECOND);
  const waiting = await store.notices.waiting();
  await stop();

  t.same(waiting, new Map());
  t.same(
    logged,
    Array.from({ length: 2 }, () => 'a notice of another release cannot be read and is dropped'),
  );
});

t.test('a refused notice is final, and a delivered one can be found by its text', async (t) => {
  const { clock, store, siem, lake, index, start } = await bench(t);
  lake.automatic = true;
  const { outbox, stop } = start();

  await outbox.put(noticeOf('a'));
  await clock.advance(2 * SECOND);
  siem.held[0]?.done({ kind: 'quarantined', why: 'no' });
  await clock.advance(2 * SECOND);
  const waiting = await store.notices.waiting();
  const { records } = await index.search({ pattern: '*111122223333*', limit: 10 });
  await stop();

  t.same(waiting, new Map());
  t.match(records, [{ kind: 'notice', key: 'a', customer: 'acme', acked: [{ destination: 'lake' }] }]);
});
