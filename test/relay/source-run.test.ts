import { Buffer } from 'node:buffer';
import { join } from 'node:path';
import fc from 'fast-check';
import t, { type Test } from 'tap';

import { openSqliteStore, type SqliteStore } from '../../agent/checkpoint/sqlite-store.ts';
import type { Origins } from '../../agent/discover/sources.ts';
import type { LogEvent } from '../../agent/model/log-event.ts';
import { silentLogger } from '../../agent/model/logger.ts';
import type { Position } from '../../agent/model/position.ts';
import { type Source, sourceKey } from '../../agent/model/source.ts';
import { normalize } from '../../agent/normalize/normalize.ts';
import type { Destination } from '../../agent/relay/destination.ts';
import { createMemoryBudget, type MemoryBudget } from '../../agent/relay/memory-budget.ts';
import { stopOn } from '../../agent/relay/stop.ts';
import { Supervisor, type SupervisorDeps } from '../../agent/relay/supervisor.ts';
import { createScriptedReader, type ScriptedReader } from '../support/scripted-reader.ts';
import { createScriptedShipper, type ScriptedShipper } from '../support/scripted-shipper.ts';
import { createVirtualClock, type VirtualClock } from '../support/virtual-clock.ts';

const SOURCE: Source = {
  customer: 'acme',
  account: '111111111111',
  region: 'eu-west-1',
  partition: 'aws',
  logGroup: '/aws/events/guardrelay',
};
const KEY = sourceKey(SOURCE);
const T0 = Date.UTC(2026, 0, 1);
const SECOND = 1_000;

interface Bench {
  readonly clock: VirtualClock;
  readonly store: SqliteStore;
  readonly reader: ScriptedReader;
  readonly siem: ScriptedShipper;
  readonly lake: ScriptedShipper;
  readonly budget: MemoryBudget;
  /** Starts an agent's supervisor; the answer stops it and waits. */
  start(): { readonly supervisor: Supervisor; stop(): Promise<void> };
  position(destination: string): Promise<Position | undefined>;
}

function event(number: number, timestamp = T0 + number * SECOND, message = `{"n":${number}}`): LogEvent {
  return { id: `id-${number}`, stream: 's', timestamp, ingestionTime: timestamp, message };
}

function heartbeat(timestamp: number, region = SOURCE.region): LogEvent {
  const { partition, account } = SOURCE;
  const message = JSON.stringify({
    id: `beat-${timestamp}`,
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account,
    region,
    time: new Date(timestamp).toISOString(),
    resources: [`arn:${partition}:events:${region}:${account}:rule/guardrelay-heartbeat`],
    detail: {},
  });
  return { ...event(0, timestamp, message), id: `beat-${timestamp}-${region}` };
}

function destinationOf(shipper: ScriptedShipper): Destination {
  return {
    id: shipper.destination,
    shipper,
    tally: { truncated: 0, unmapped: 0 },
    wants: () => true,
    encode: (record) => ({ id: record.raw, record, bytes: Buffer.alloc(1_000), truncated: false }),
  };
}

/** `origins`: of a hub, asked for at each lease. */
async function bench(t: Test, origins = (): Origins | undefined => undefined): Promise<Bench> {
  const clock = createVirtualClock(T0);
  const store = await openSqliteStore({ path: join(t.testdir({}), 'state.db'), clock, commitWaitMs: 0 });
  t.teardown(() => store.close());
  await store.sync([{ ...SOURCE, source: KEY }]);
  const reader = createScriptedReader(clock, T0);
  const [siem, lake] = [createScriptedShipper('siem'), createScriptedShipper('lake')];
  const destinations = new Map([siem, lake].map((each) => [each.destination, destinationOf(each)]));
  const budget = createMemoryBudget(1e9);
  let agents = 0;
  const deps = (owner: string): SupervisorDeps => ({
    ...{ store, clock, owner, logger: silentLogger, budget },
    random: () => 0.5,
    leaseMs: 20 * SECOND,
    maxRuns: 10,
    idleMs: SECOND,
    remembered: () => undefined,
    handedOut: () => {},
    delivered: () => {},
    beforeCommit: () => {},
    lost: () => {},
    setup: () => ({
      ...{ reader, destinations, startAt: 'now', origins: origins() },
      normalize: (each) => normalize(each, SOURCE, { heartbeatRule: 'guardrelay-heartbeat' }),
      options: {
        poll: {
          mode: 'standard',
          baseSeconds: 10,
          activeSeconds: 10,
          activeForMinutes: 60,
          economySeconds: 300,
        },
        late: { overlapMinutes: 15, sweeps: [{ windowMinutes: 1_500, everyMinutes: 360 }] },
        leaseMs: 20 * SECOND,
        once: false,
        random: () => 0.5,
      },
    }),
  });
  return {
    ...{ clock, store, reader, siem, lake, budget },
    start() {
      agents += 1;
      const stopping = new AbortController();
      const supervisor = new Supervisor(deps(`agent-${agents}`));
      const served = supervisor.serve(stopOn(stopping.signal, clock));
      const stop = async (): Promise<void> => {
        stopping.abort();
        await clock.advance(6 * SECOND);
        await served;
      };
      return { supervisor, stop };
    },
    async position(destination) {
      for await (const { saved } of store.inspect()) {
        return saved?.positions.find((position) => position.destination === destination);
      }
      return undefined;
    },
  };
}

t.test('the stored floor follows what is final, per destination', async (t) => {
  const { clock, reader, siem, lake, start, position } = await bench(t);
  reader.events.push(event(1), event(2), event(3));
  lake.automatic = true;
  const agent = start();

  await clock.advance(SECOND);
  siem.acknowledge(1);
  await clock.advance(SECOND);

  t.equal((await position('siem'))?.floor, T0 + 2 * SECOND, 'the first event that is not final');
  t.equal((await position('lake'))?.floor, T0 + 3 * SECOND, 'everything is final');
  await agent.stop();
});

t.test('an agent that takes over re-sends only what was not final', async (t) => {
  const { clock, reader, siem, lake, start } = await bench(t);
  reader.events.push(event(1), event(2), event(3));
  lake.automatic = true;
  const first = start();
  await clock.advance(SECOND);
  siem.acknowledge(1);
  await clock.advance(SECOND);
  await first.stop();

  siem.automatic = true;
  const second = start();
  await clock.advance(30 * SECOND);

  t.same(siem.delivered, ['{"n":1}', '{"n":2}', '{"n":3}']);
  t.equal(lake.delivered.length, 3, 'the other destination gets nothing twice');
  await second.stop();
});

t.test(
  'a failed read moves nothing, is remembered with its first time, and is forgotten when it passes',
  async (t) => {
    const { clock, reader, siem, lake, start, position } = await bench(t);
    for (const each of [siem, lake]) each.automatic = true;
    reader.events.push(event(1));
    const agent = start();
    await clock.advance(SECOND);
    const before = await position('siem');

    reader.failure = {
      kind: 'failed',
      cause: 'denied',
      code: 'AUTH-006',
      error: 'refused',
      retryAfterMs: SECOND,
    };
    reader.events.push(event(2));
    await clock.advance(60 * SECOND);
    const held = await position('siem');
    const { facts } = agent.supervisor.memory(KEY) ?? {};
    reader.failure = undefined;
    await clock.advance(400 * SECOND);

    t.equal(held?.floor, before?.floor);
    t.match(facts?.failure, { cause: 'denied', code: 'AUTH-006', text: 'refused' });
    t.ok((facts?.failure?.since ?? 0) < T0 + 20 * SECOND, 'since the first of the failures');
    t.equal(agent.supervisor.memory(KEY)?.facts.failure, undefined);
    t.same(siem.delivered, ['{"n":1}', '{"n":2}']);
    await agent.stop();
  },
);

t.test('an event that becomes final while the store is asked about it is not sent again', async (t) => {
  const { clock, reader, siem, lake, start } = await bench(t);
  lake.automatic = true;
  reader.events.push(event(1), event(2));
  const agent = start();
  await clock.advance(SECOND);

  reader.onPage = () => siem.acknowledge();
  await clock.advance(60 * SECOND);

  t.same(siem.delivered, ['{"n":1}', '{"n":2}']);
  await agent.stop();
});

t.test('first contact that fails is tried again, and nothing that came meanwhile is missed', async (t) => {
  const { clock, reader, siem, lake, start } = await bench(t);
  for (const each of [siem, lake]) each.automatic = true;
  reader.failure = {
    kind: 'failed',
    cause: 'no-group',
    code: 'LOG-001',
    error: 'no group',
    retryAfterMs: SECOND,
  };
  const agent = start();
  await clock.advance(60 * SECOND);
  reader.events.push(event(1));
  reader.failure = undefined;

  await clock.advance(400 * SECOND);

  t.same(siem.delivered, ['{"n":1}']);
  await agent.stop();
});

t.test(
  '16, 49: a destination that is full and dead is split off; the other gets everything, then it catches up',
  async (t) => {
    const { clock, reader, siem, lake, start, position } = await bench(t);
    lake.automatic = true;
    siem.maxRecords = 25;
    siem.circuit = 'retrying';
    reader.events.push(...Array.from({ length: 100 }, (_, index) => event(index)));
    const agent = start();

    await clock.advance(5 * SECOND);
    const behind = await position('siem');
    const heldWhileDead = siem.held.length;
    siem.circuit = 'closed';
    siem.automatic = true;
    await clock.advance(60 * SECOND);

    t.equal(lake.delivered.length, 100, 'the healthy one waits for nobody');
    t.match(behind, { mode: 'behind', floor: T0 });
    t.equal(heldWhileDead, 0, 'a dead destination holds no memory');
    t.same(new Set(siem.delivered).size, 100, 'nothing is lost');
    t.equal(siem.delivered.length, 100, 'and nothing is sent twice');
    t.match(await position('siem'), { mode: 'joined', floor: T0 + 99 * SECOND });
    await agent.stop();
  },
);

/** When polls began, from now on. */
function watchPolls({ clock, reader }: Bench): readonly number[] {
  const polls: number[] = [];
  const { read } = reader;
  reader.read = (plan, wanted, signal) => {
    if (plan.what === 'poll') polls.push(clock.now());
    return read(plan, wanted, signal);
  };
  return polls;
}

/** All but the last are too old for the polls to read them again. */
function oldEvents(count: number): readonly LogEvent[] {
  return Array.from({ length: count }, (_, index) =>
    event(index, index < count - 1 ? T0 + index : T0 + 3_600 * SECOND),
  );
}

t.test('polls keep their interval while a destination catches up over hundreds of pages', async (t) => {
  const scene = await bench(t);
  const { clock, reader, siem, lake, start, position } = scene;
  const PAGES = 300;
  lake.automatic = true;
  siem.circuit = 'blocked';
  reader.events.push(...oldEvents(PAGES * reader.pageSize));
  const agent = start();
  await clock.advance(20 * SECOND);
  const polls = watchPolls(scene);
  reader.pageMs = 200;
  siem.circuit = 'closed';
  siem.automatic = true;

  await clock.advance(60 * SECOND);
  const partly = siem.delivered.length;
  await clock.advance(20 * SECOND);

  const waits = polls.slice(1).map((at, index) => at - (polls[index] ?? 0));
  t.same(new Set(waits), new Set([10 * SECOND]));
  t.ok(partly > 2_000 && partly < 3_000, `${partly} are there after 6 polls`);
  t.equal(new Set(siem.delivered).size, 3_000, 'nothing is lost');
  t.equal(siem.delivered.length, 3_000, 'and nothing is sent twice');
  t.equal(reader.plans.filter(({ what }) => what === 'catch-up').length, 1, 'in one read');
  t.match(await position('siem'), { mode: 'joined' });
  await agent.stop();
});

/** Catch-up reads begin here; `siem` is behind by 10 pages, and takes records again. */
async function catchUpOf(t: Test): Promise<Bench> {
  const scene = await bench(t);
  const { clock, reader, siem, lake, start } = scene;
  lake.automatic = true;
  siem.circuit = 'blocked';
  reader.events.push(...oldEvents(100));
  const { stop } = start();
  t.teardown(stop);
  await clock.advance(20 * SECOND);
  reader.pageMs = 200;
  siem.circuit = 'closed';
  return scene;
}

function catchUps({ reader }: Bench): readonly number[] {
  return reader.plans.filter(({ what }) => what === 'catch-up').map(({ start }) => start - T0);
}

t.test('a destination that is full for a while does not begin its catch-up again', async (t) => {
  const scene = await catchUpOf(t);
  const { clock, siem, position } = scene;
  siem.maxRecords = 15;

  await clock.advance(60 * SECOND);
  const held = siem.held.length;
  for (let seconds = 0; seconds < 60; seconds += 1) {
    siem.acknowledge(3);
    await clock.advance(SECOND);
  }

  t.equal(held, 20, 'two pages, and no page more while it has no room');
  t.same(catchUps(scene), [0], 'one read');
  t.equal(siem.delivered.length, 100);
  t.match(await position('siem'), { mode: 'joined' });
});

t.test('a catch-up is broken off when its destination dies, and goes on from its floor', async (t) => {
  const scene = await catchUpOf(t);
  const { clock, siem, position } = scene;
  siem.automatic = true;
  while (siem.delivered.length < 40) await clock.advance(200);

  siem.circuit = 'retrying';
  await clock.advance(60 * SECOND);
  const whileDead = siem.delivered.length;
  siem.circuit = 'closed';
  await clock.advance(60 * SECOND);

  t.equal(whileDead, 40);
  t.same(catchUps(scene), [0, 39], 'the last event that it was given');
  t.equal(siem.delivered.length, 100, 'nothing is sent twice');
  t.match(await position('siem'), { mode: 'joined' });
});

t.test('a destination that dies while it catches up gives its memory back', async (t) => {
  const scene = await catchUpOf(t);
  const { clock, reader, siem, position } = scene;
  const splitAt = (await position('siem'))?.splitAt;
  while (siem.held.length < 40) await clock.advance(200);
  siem.acknowledge(15);

  siem.circuit = 'blocked';
  await clock.advance(20 * SECOND);
  const whileDead = await position('siem');
  const held = siem.held.length;
  siem.circuit = 'closed';
  siem.automatic = true;
  await clock.advance(60 * SECOND);

  t.equal(held, 0);
  t.match(whileDead, { mode: 'behind', floor: T0 + 15, splitAt });
  t.equal(new Set(siem.delivered).size, reader.events.length, 'nothing is lost');
  t.equal(siem.delivered.length, reader.events.length, 'and nothing is sent twice');
});

t.test('a dead destination gives its memory back as soon as others need it', async (t) => {
  const { clock, reader, siem, lake, budget, start, position } = await bench(t);
  lake.automatic = true;
  siem.circuit = 'retrying';
  reader.events.push(event(1), event(2));
  const agent = start();
  await clock.advance(5 * SECOND);
  const patient = await position('siem');

  budget.take(1e9);
  await clock.advance(5 * SECOND);

  t.match(patient, { mode: 'joined' }, 'a short outage is waited out');
  t.match(await position('siem'), { mode: 'behind' });
  t.equal(siem.held.length, 0);
  await agent.stop();
});

t.test('an agent that stops does not wait for a destination that is full', async (t) => {
  const { clock, reader, siem, lake, start } = await bench(t);
  for (const each of [siem, lake]) each.maxRecords = 10;
  reader.events.push(...Array.from({ length: 50 }, (_, index) => event(index)));
  const agent = start();
  await clock.advance(SECOND);

  await agent.stop();

  t.equal(siem.held.length, 0, 'what was not sent is given back');
});

t.test('an agent that stops has sent at once what waits for its batch to be full', async (t) => {
  const { clock, reader, siem, lake, start, position } = await bench(t);
  reader.events.push(event(1), event(2));
  lake.automatic = true;
  siem.fillsBatches = true;
  const agent = start();
  await clock.advance(SECOND);
  const held = siem.held.length;

  await agent.stop();

  t.equal(held, 2);
  t.equal((await position('siem'))?.floor, T0 + 2 * SECOND);
});

t.test('27: a destination that was down for longer than the retention is told what it missed', async (t) => {
  const { clock, reader, siem, lake, start, position } = await bench(t);
  lake.automatic = true;
  reader.retentionDays = 1;
  reader.events.push(event(1));
  siem.circuit = 'blocked';
  const agent = start();
  await clock.advance(20 * SECOND);

  const DAYS = 86_400 * SECOND;
  await agent.stop();
  clock.jump(3 * DAYS);
  reader.events.splice(0, 1, event(2, clock.now()));
  siem.circuit = 'closed';
  siem.automatic = true;
  const later = start();
  await clock.advance(60 * SECOND);

  const [notice, found] = siem.delivered;
  t.match(notice, /"type":"source.gap"/);
  t.match(notice, /"destination":"siem"/);
  t.equal(found, '{"n":2}', 'what is left is delivered after it');
  t.equal(siem.delivered.length, 2, 'and it is told once');
  t.match(later.supervisor.memory(KEY)?.facts.gap, { destination: 'siem' });
  t.match(await position('siem'), { mode: 'joined' });
  await later.stop();
});

t.test('a slow destination gets a short grace, then the others go on without it', async (t) => {
  const { clock, reader, siem, lake, start, position } = await bench(t);
  lake.automatic = true;
  siem.maxRecords = 10;
  reader.events.push(...Array.from({ length: 50 }, (_, index) => event(index)));
  const agent = start();

  await clock.advance(1 * SECOND);
  const early = lake.delivered.length;
  await clock.advance(9 * SECOND);

  t.ok(early < 50, 'at first it is waited for');
  t.equal(lake.delivered.length, 50);
  t.match(await position('siem'), { mode: 'behind' });
  await agent.stop();
});

t.test('with every destination dead the source is still read, for its health', async (t) => {
  const { clock, reader, siem, lake, start } = await bench(t);
  for (const each of [siem, lake]) Object.assign(each, { circuit: 'blocked' });
  reader.events.push(event(1));
  const agent = start();
  await clock.advance(30 * SECOND);

  reader.events.push(heartbeat(T0 + 60 * SECOND));
  await clock.advance(90 * SECOND);

  t.match(agent.supervisor.memory(KEY)?.facts, { lastHeartbeatAt: T0 + 60 * SECOND });
  t.same([siem.delivered, lake.delivered], [[], []]);
  await agent.stop();
});

t.test('heartbeats move the clock of health and leave no trace in the store', async (t) => {
  const { clock, store, reader, siem, lake, start } = await bench(t);
  for (const each of [siem, lake]) each.automatic = true;
  reader.events.push(heartbeat(T0), heartbeat(T0 + 60 * SECOND));
  const agent = start();

  await clock.advance(120 * SECOND);

  t.same([siem.delivered, lake.delivered], [[], []]);
  t.match(agent.supervisor.memory(KEY)?.facts, { lastHeartbeatAt: T0 + 60 * SECOND, lastEventAt: undefined });
  await agent.stop();
  await clock.advance(10 * SECOND);
  const [lease] = await store.claim('auditor', 1, SECOND);
  t.ok(lease, 'the source was given back');
});

t.test('a hub knows the last heartbeat of each region that it must hear, and of no other', async (t) => {
  const { clock, store, reader, siem, lake, start } = await bench(t, () => origins);
  let origins: Origins = { regions: [SOURCE.region, 'us-east-1'], isGuess: false };
  for (const each of [siem, lake]) each.automatic = true;
  const facts = () => agent.supervisor.memory(KEY)?.facts;
  const times = (): object => ({ own: facts()?.lastHeartbeatAt, origins: facts()?.origins });
  reader.events.push(
    heartbeat(T0),
    heartbeat(T0 + 60 * SECOND, 'us-east-1'),
    heartbeat(T0 + 60 * SECOND, 'ap-east-1'),
  );

  const agent = start();
  await clock.advance(120 * SECOND);

  const own = { since: T0, lastHeartbeatAt: T0 };
  const other = { since: T0, lastHeartbeatAt: T0 + 60 * SECOND };
  t.same([siem.delivered, lake.delivered], [[], []], 'all are absorbed');
  t.same(times(), { own: T0, origins: { [SOURCE.region]: own, 'us-east-1': other } });
  origins = { regions: [SOURCE.region, 'ap-east-1'], isGuess: true };
  await clock.advance(60 * SECOND);
  t.ok((facts()?.origins?.['ap-east-1']?.since ?? 0) > T0, 'from now on it must be heard');
  t.same(facts()?.origins?.['us-east-1'], other, 'AWS did not say that it is off');
  origins = { regions: [SOURCE.region], isGuess: false };
  await clock.advance(60 * SECOND);
  t.same(times(), { own: T0, origins: { [SOURCE.region]: own } });
  await agent.stop();
  for await (const stored of store.inspect()) t.same(stored.facts?.origins, { [SOURCE.region]: own });
});

t.test('a fenced run sends nothing more and commits nothing', async (t) => {
  const { clock, store, reader, siem, lake, start, position } = await bench(t);
  reader.events.push(event(1));
  const agent = start();
  await clock.advance(SECOND);
  const before = await position('siem');

  await store.sync([]);
  await store.sync([{ ...SOURCE, source: KEY }]);
  siem.acknowledge();
  lake.acknowledge();
  await clock.advance(1);

  t.same((await position('siem'))?.floor, before?.floor, 'the acknowledgement came under an old fence');
  await agent.stop();
});

type Step = { readonly kind: 'arrive' | 'acknowledge' | 'pass' | 'crash'; readonly count: number };

/** Plays a history; answers the events that arrived and the records that were in flight at a crash. */
async function playHistory({ clock, reader, siem, start }: Bench, history: readonly Step[]) {
  let agent = start();
  let arrived = 0;
  let inFlight = 0;
  const steps: Record<Step['kind'], (count: number) => Promise<void>> = {
    async arrive(count) {
      for (let index = 0; index < count; index += 1) reader.events.push(event(arrived + index, clock.now()));
      arrived += count;
    },
    acknowledge: async (count) => siem.acknowledge(count),
    pass: (count) => clock.advance(count * SECOND),
    async crash() {
      inFlight += siem.held.length;
      await agent.stop();
      agent = start();
    },
  };
  for (const { kind, count } of history) await steps[kind](count);
  siem.automatic = true;
  siem.acknowledge();
  await clock.advance(40 * SECOND);
  await agent.stop();
  return { arrived, inFlight };
}

t.test('12, 21: stops at any moment lose nothing, and repeat only what was in flight', async (t) => {
  const step = fc.record({
    kind: fc.constantFrom('arrive', 'acknowledge', 'pass', 'crash'),
    count: fc.integer({ min: 1, max: 12 }),
  });

  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 20 }), async (history) => {
      const played = await bench(t);
      played.lake.automatic = true;
      const { arrived, inFlight } = await playHistory(played, history);
      const { delivered } = played.siem;
      const isBounded = delivered.length <= arrived + inFlight && played.lake.delivered.length === arrived;
      return new Set(delivered).size === arrived && isBounded;
    }),
    { numRuns: 15 },
  );
  t.pass();
});
