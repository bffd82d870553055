import { writeFileSync } from 'node:fs';
import t from 'tap';

import type { RelayEvent } from '../../agent/model/relay-event.ts';
import { SIEMS } from '../../agent/notify/audience.ts';
import { openNoticeMemory } from '../../agent/notify/memory.ts';
import {
  createNoticeWorld,
  fakeChannel,
  hearing,
  MINUTE_MS,
  silent,
  silentAt,
} from '../support/notify/notice-world.ts';

const HOUR_MS = 60 * MINUTE_MS;
const SILENT = 'trigger ACME Corporation: eu-west-1 is silent: heartbeat missing';
const HEARD = 'resolve ACME Corporation: eu-west-1 is heard again';

/** A change of GuardDuty in a region. */
function change(region: string, given: Partial<RelayEvent> = {}) {
  const event: RelayEvent = {
    ...{
      schema: 'guardrelay.event/v1',
      id: `change ${region}`,
      at: '2026-01-01T00:00:00.000Z',
      action: 'notice',
    },
    ...{ key: `guardrelay/acme/1/${region}/config-change/1`, type: 'config-change', severity: 'high' },
    ...{ code: 'UpdateIPSet', title: 'bob changed the trusted list office', customer: { id: 'acme' } },
    ...{ accounts: [{ id: '1' }], regions: [region], details: {}, ...given },
  };
  return { event, topic: 'acme/config-change/UpdateIPSet/bob' };
}

t.test('a restart in between neither repeats nor forgets', async (t) => {
  const world = createNoticeWorld(t);
  const { clock } = world;
  const soc = fakeChannel('soc');
  world.conditions = [silent('eu-west-1')];

  const first = world.start([soc]);
  await clock.advance(2 * MINUTE_MS);
  await first.stop();
  clock.jump(HOUR_MS);
  const second = world.start([soc]);
  await clock.advance(10 * MINUTE_MS);
  const beforeItsEnd = soc.titles();
  await second.stop();
  world.conditions = [];
  const third = world.start([soc]);
  await clock.advance(2 * MINUTE_MS);
  await third.stop();

  t.same(beforeItsEnd, [SILENT]);
  t.same(soc.titles(), [SILENT, HEARD]);
});

t.test('a crash between sending and remembering repeats, and forgets nothing', async (t) => {
  const world = createNoticeWorld(t);
  const { clock } = world;
  const soc = fakeChannel('soc');
  world.conditions = [silent('eu-west-1')];
  const first = world.start([soc]);
  first.happened(change('eu-west-1'));
  soc.answer = () => {
    // What is written after this is lost with the machine.
    for (const write of ['remember', 'done'] as const) {
      first.memory[write] = () => {
        throw new Error('disk full');
      };
    }
    return { kind: 'ok' };
  };
  await clock.advance(2 * MINUTE_MS);
  const before = soc.titles();
  await first.stop();
  delete soc.answer;

  const second = world.start([soc]);
  await clock.advance(2 * MINUTE_MS);
  await second.stop();

  const once = ['notice bob changed the trusted list office', SILENT];
  t.same(before.toSorted(), once, 'once, though it cannot be written');
  t.same(soc.titles().slice(2).toSorted(), once);
});

t.test(
  'a dead channel is told on the others, delays nobody, and is told what is wrong when it is back',
  async (t) => {
    const world = createNoticeWorld(t);
    const { clock } = world;
    const [soc, pager] = [fakeChannel('soc'), fakeChannel('pager')];
    world.conditions = [silent('eu-west-1')];
    pager.answer = () => ({ kind: 'retry', why: 'connect ECONNREFUSED' });
    const running = world.start([soc, pager]);

    await clock.advance(2 * MINUTE_MS);
    const whileOneIsDead = soc.titles();
    await clock.advance(5 * MINUTE_MS);
    const whenItIsTold = soc.titles();
    delete pager.answer;
    await clock.advance(10 * MINUTE_MS);
    await running.stop();

    t.same(whileOneIsDead, [SILENT]);
    t.same(whenItIsTold, [SILENT, 'trigger the channel pager takes no notices: connect ECONNREFUSED']);
    t.match(soc.events[1], { code: 'NTF-001', severity: 'high', command: 'guardrelay notify test pager' });
    t.same(soc.titles().slice(2), ['resolve the channel pager takes notices again']);
    t.same(pager.titles(), [SILENT], 'it is not told of itself');
    t.ok(world.counted.includes('pager retry'));
    t.ok(world.counted.includes('pager ok'));
  },
);

t.test('a channel that never answers counts as dead, and one that throws too', async (t) => {
  const world = createNoticeWorld(t);
  const { clock } = world;
  const [hung, throwing, soc] = [fakeChannel('hung'), fakeChannel('throwing'), fakeChannel('soc')];
  hung.send = (_, signal) =>
    new Promise((resolve) => {
      signal.addEventListener('abort', () => resolve({ kind: 'retry', why: 'no answer' }));
    });
  throwing.send = () => Promise.reject(new Error('a fault of our own'));
  world.conditions = [silent('eu-west-1')];
  const running = world.start([hung, throwing, soc]);

  await clock.advance(6 * MINUTE_MS);
  await running.stop();

  t.same(soc.titles().toSorted(), [
    'trigger ACME Corporation: eu-west-1 is silent: heartbeat missing',
    'trigger the channel hung takes no notices: no answer',
    'trigger the channel throwing takes no notices: a fault of our own',
  ]);
});

t.test('a channel that is dead waits longer from try to try, or as long as the far side says', async (t) => {
  const rows = [
    { outcome: { kind: 'retry', why: 'x' } as const, tries: 9 },
    { outcome: { kind: 'retry', why: 'x', afterMs: 10 * MINUTE_MS } as const, tries: 2 },
    { outcome: { kind: 'refused', why: 'x' } as const, tries: 2 },
  ];
  for (const { outcome, tries } of rows) {
    const world = createNoticeWorld(t);
    const pager = fakeChannel('pager');
    world.conditions = [silent('eu-west-1')];
    pager.answer = () => outcome;
    const running = world.start([pager]);

    await world.clock.advance(19 * MINUTE_MS);
    await running.stop();

    t.equal(world.counted.length, tries, JSON.stringify(outcome));
  }
});

t.test('what has happened is told once, alike things as one, over a restart too', async (t) => {
  const world = createNoticeWorld(t);
  const { clock } = world;
  const soc = fakeChannel('soc');
  const first = world.start([soc]);
  for (const region of ['eu-west-1', 'eu-west-2', 'eu-west-1']) first.happened(change(region));
  await clock.advance(30_000);
  const early = soc.titles();
  await first.stop();

  const second = world.start([soc]);
  await clock.advance(2 * MINUTE_MS);
  second.happened(change('eu-west-2'));
  await clock.advance(2 * MINUTE_MS);
  await second.stop();

  t.same(early, []);
  t.same(soc.titles(), [
    'notice bob changed the trusted list office (and 1 more alike, in eu-west-1, eu-west-2)',
  ]);
  t.match(soc.events[0], { regions: ['eu-west-1', 'eu-west-2'], details: { count: 2 } });
});

t.test('a message that the far side refuses for good does not hold up the others', async (t) => {
  const world = createNoticeWorld(t);
  const soc = fakeChannel('soc');
  soc.answer = ({ action }) => (action === 'notice' ? { kind: 'refused', why: 'too long' } : { kind: 'ok' });
  world.conditions = [silent('eu-west-1')];
  const running = world.start([soc]);
  running.happened(change('eu-west-1', { severity: 'critical' }));

  await world.clock.advance(2 * MINUTE_MS);
  const left = running.memory.waiting('soc');
  await running.stop();

  t.same(soc.titles(), [SILENT]);
  t.same(left, []);
});

t.test(
  'a channel hears of its customers alone, of what is severe enough, and of the types it wants',
  async (t) => {
    const world = createNoticeWorld(t);
    const channels = ['all', 'globex', 'severe', 'changes'].map(fakeChannel);
    world.conditions = [
      ...[silent('eu-west-1'), silentAt('globex', 'us-east-1')],
      silent('eu-west-3', { type: 'source.unproven', cause: 'acme/source.unproven/SRC-001', subject: 'x' }),
      {
        ...{ type: 'destination.blocked', code: 'DST-002', subject: 'destination/siem', destination: 'siem' },
        ...{ customers: [{ id: 'acme' }, { id: 'globex' }], cause: 'destination/siem/destination.blocked' },
        reason: 'connect ECONNREFUSED',
      },
    ];
    const running = world.start(channels, {
      globex: hearing('globex', { customers: new Set(['globex']) }),
      severe: hearing('severe', { minSeverity: 'critical', events: ['source.*'] }),
      changes: hearing('changes', { events: ['config-change'] }),
    });
    running.happened(change('eu-west-1'));

    await world.clock.advance(2 * MINUTE_MS);
    await running.stop();

    const [all = [], globex = [], severe = [], changes = []] = channels.map((each) =>
      each.titles().toSorted(),
    );
    t.same(all, [
      'notice bob changed the trusted list office',
      SILENT,
      'trigger ACME Corporation: eu-west-3 cannot be proven: heartbeat missing',
      'trigger acme, globex: destination siem takes no records: connect ECONNREFUSED',
      'trigger globex: us-east-1 is silent: heartbeat missing',
    ]);
    t.same(globex, [
      'trigger globex: destination siem takes no records: connect ECONNREFUSED',
      'trigger globex: us-east-1 is silent: heartbeat missing',
    ]);
    t.same(severe, [SILENT, 'trigger globex: us-east-1 is silent: heartbeat missing']);
    t.same(changes, ['notice bob changed the trusted list office']);
  },
);

t.test('a SIEM gets what concerns its customer, each for itself, and nothing about the agent', async (t) => {
  const world = createNoticeWorld(t);
  const siem = fakeChannel('(siem)');
  world.conditions = [
    silent('eu-west-1'),
    {
      ...{ type: 'destination.blocked', code: 'DST-002', subject: 'destination/siem', destination: 'siem' },
      ...{ customers: [{ id: 'acme' }, { id: 'globex' }], cause: 'destination/siem/destination.blocked' },
      reason: 'connect ECONNREFUSED',
    },
    {
      ...{ type: 'config.invalid', code: 'CFG-001', subject: 'configuration', customers: [] },
      ...{ cause: 'agent/config.invalid', reason: '7:1 is wrong' },
    },
  ];
  const running = world.start([siem], { '(siem)': SIEMS });
  running.happened(change('eu-west-1'));

  await world.clock.advance(2 * MINUTE_MS);
  await running.stop();

  t.same(siem.events.map(({ key, customer }) => [key, customer?.id]).toSorted(), [
    ['guardrelay/acme/destination/siem/destination.blocked', 'acme'],
    ['guardrelay/acme/source.silent/SRC-001', 'acme'],
    ['guardrelay/globex/destination/siem/destination.blocked', 'globex'],
  ]);
});

t.test('what falls at once is one message for the agent, and the rest follows when it is over', async (t) => {
  const customers = Array.from({ length: 12 }, (_, at) => `c${at}`);
  const rows = [
    { name: 'more than half of all sources', fallen: 3, sources: 5, isMany: true },
    { name: 'half of all sources', fallen: 3, sources: 6, isMany: false },
    { name: 'ten customers', fallen: 10, sources: 3_638, isMany: true },
    { name: 'nine customers', fallen: 9, sources: 3_638, isMany: false },
    { name: 'one customer', fallen: 1, sources: 1, isMany: false },
  ];
  for (const { name, fallen, sources, isMany } of rows) {
    const world = createNoticeWorld(t);
    const soc = fakeChannel('soc');
    const running = world.start([soc]);
    world.sources = sources;
    for (let at = 0; at < fallen; at += 1) {
      world.conditions = [...world.conditions, silentAt(customers[at] ?? '', 'eu-west-1')];
      // They poll at different times.
      await world.clock.advance((50 * 1_000) / fallen);
    }
    await world.clock.advance(8 * MINUTE_MS);
    const told = soc.events.map(({ type }) => type);
    world.conditions = world.conditions.slice(0, 1);
    await world.clock.advance(3 * MINUTE_MS);
    await running.stop();

    const single = Array.from({ length: fallen }, () => 'source.silent');
    t.same(told, isMany ? ['agent.many-sources'] : single, name);
    if (!isMany) continue;
    t.match(soc.events[0], { code: 'AGT-008', command: 'guardrelay doctor', severity: 'critical' }, name);
    t.same(
      soc.titles().slice(1).toSorted(),
      ['resolve most sources are well again', 'trigger c0: eu-west-1 is silent: heartbeat missing'],
      name,
    );
  }
});

t.test('many sources at once stay one message over a restart, and old troubles are none', async (t) => {
  const world = createNoticeWorld(t);
  const soc = fakeChannel('soc');
  world.sources = 4;
  const all = ['c0', 'c1', 'c2', 'c3'].map((customer) => silentAt(customer, 'eu-west-1'));
  world.conditions = all.slice(0, 2);
  const first = world.start([soc]);
  await world.clock.advance(10 * MINUTE_MS);
  world.conditions = all.slice(0, 3);
  await world.clock.advance(10 * MINUTE_MS);
  await first.stop();

  const second = world.start([soc]);
  await world.clock.advance(10 * MINUTE_MS);
  await second.stop();

  t.same(
    soc.events.map(({ type, customer }) => `${type} ${customer?.id}`),
    ['source.silent c0', 'source.silent c1', 'source.silent c2'],
    'one by one they are no storm, and none after a restart',
  );
});

t.test('what falls long after many others is told by itself, though they are down still', async (t) => {
  const world = createNoticeWorld(t);
  const soc = fakeChannel('soc');
  world.sources = 3_638;
  const down = Array.from({ length: 12 }, (_, at) => silentAt(`c${at}`, 'eu-west-1'));
  world.conditions = down;
  const first = world.start([soc]);
  await world.clock.advance(10 * MINUTE_MS);
  world.conditions = [...down, silentAt('c20', 'eu-west-1')];
  await world.clock.advance(10 * MINUTE_MS);
  await first.stop();

  const second = world.start([soc]);
  await world.clock.advance(10 * MINUTE_MS);
  world.conditions = [...down, silentAt('c20', 'eu-west-1'), silentAt('c21', 'eu-west-1')];
  await world.clock.advance(10 * MINUTE_MS);
  await second.stop();

  const told = soc.events.map(({ type, customer }) => [type, customer?.id ?? []].flat().join(' '));
  t.same(told, ['agent.many-sources', 'source.silent c20', 'source.silent c21']);
});

t.test('old troubles keep no storm alive', async (t) => {
  const world = createNoticeWorld(t);
  const soc = fakeChannel('soc');
  world.sources = 3_638;
  const running = world.start([soc]);
  for (let at = 0; at < 10; at += 1) {
    world.conditions = [...world.conditions, silentAt(`c${at}`, 'eu-west-1')];
    await world.clock.advance(6 * MINUTE_MS);
  }
  const old = world.conditions;
  const many = Array.from({ length: 10 }, (_, at) => silentAt(`c${20 + at}`, 'eu-west-1'));
  world.conditions = [...old, ...many];
  await world.clock.advance(3 * MINUTE_MS);
  world.conditions = old;
  await world.clock.advance(3 * MINUTE_MS);
  await running.stop();

  t.same(soc.titles().slice(10), [
    'trigger many sources fell at once: 10 of 3638 sources of 10 customers, 10 of them with SRC-001',
    'resolve most sources are well again',
  ]);
});

t.test('a wall clock that is set back delays nothing', async (t) => {
  const world = createNoticeWorld(t);
  const { clock } = world;
  const soc = fakeChannel('soc');
  const running = world.start([soc]);
  const lagging = silent('us-east-1', { type: 'source.lagging', cause: 'acme/source.lagging' });
  const failing = ['c0', 'c1', 'c2'].map((customer) => silentAt(customer, 'eu-west-1'));
  await clock.advance(MINUTE_MS);

  world.conditions = [silent('eu-west-1'), lagging, ...failing];
  running.happened(change('eu-west-1', { at: new Date(clock.now()).toISOString() }));
  soc.answer = () => ({ kind: 'retry', why: 'connect ECONNREFUSED' });
  await clock.advance(20_000);
  clock.setWall(-HOUR_MS);
  await clock.advance(3 * MINUTE_MS);
  delete soc.answer;
  await clock.advance(8 * MINUTE_MS);
  const whenSetBack = soc.events.map(({ type }) => type).toSorted();
  await clock.advance(3 * MINUTE_MS);
  world.conditions = [];
  await clock.advance(2 * MINUTE_MS);
  await running.stop();

  const all = ['config-change', ...Array.from({ length: 4 }, () => 'source.silent')];
  t.same(whenSetBack, all);
  t.equal(soc.events.filter(({ action }) => action === 'resolve').length, 5, 'the lateness, too');
});

t.test('lateness is told when it lasts', async (t) => {
  const world = createNoticeWorld(t);
  const soc = fakeChannel('soc');
  const late = silent('eu-west-1', { type: 'source.lagging', reason: 'not read for a while' });
  const running = world.start([soc]);
  world.conditions = [late];
  await world.clock.advance(9 * MINUTE_MS);
  world.conditions = [];
  await world.clock.advance(MINUTE_MS);
  world.conditions = [late];
  await world.clock.advance(9 * MINUTE_MS);
  const early = soc.titles();
  await world.clock.advance(3 * MINUTE_MS);
  await running.stop();

  t.same(early, []);
  t.same(soc.titles(), ['trigger ACME Corporation: eu-west-1 is late: not read for a while']);
});

t.test('what lasts is repeated four hours after it was told, over a restart too', async (t) => {
  const world = createNoticeWorld(t);
  const { clock } = world;
  const soc = fakeChannel('soc');
  world.conditions = [silent('eu-west-1')];
  const first = world.start([soc]);
  await clock.advance(2 * MINUTE_MS);
  await first.stop();
  clock.jump(3 * HOUR_MS);

  const second = world.start([soc]);
  await clock.advance(55 * MINUTE_MS);
  const before = soc.titles();
  await clock.advance(10 * MINUTE_MS);
  await second.stop();

  t.same(before, [SILENT]);
  t.same(soc.titles(), [SILENT, SILENT]);
  t.equal(soc.events[1]?.key, soc.events[0]?.key);
});

t.test('an acknowledgement by another process stops the repeats', async (t) => {
  const world = createNoticeWorld(t);
  const soc = fakeChannel('soc');
  world.conditions = [silent('eu-west-1')];
  const running = world.start([soc]);
  await world.clock.advance(5 * HOUR_MS);
  const repeated = soc.titles();

  const other = openNoticeMemory({ path: world.file, now: world.clock.now });
  const found = other.acknowledge('guardrelay/acme/source.silent/SRC-001');
  const notFound = other.acknowledge('guardrelay/acme/source.silent');
  other.close();
  await world.clock.advance(12 * HOUR_MS);
  await running.stop();

  t.same(repeated, [SILENT, SILENT]);
  t.same([found, notFound], [1, 0]);
  t.same(soc.titles(), [SILENT, SILENT]);
});

t.test('a memory that is damaged is made anew, and what lasts is told again', async (t) => {
  const world = createNoticeWorld(t);
  const soc = fakeChannel('soc');
  world.conditions = [silent('eu-west-1')];
  const first = world.start([soc]);
  await world.clock.advance(2 * MINUTE_MS);
  await first.stop();
  writeFileSync(
    world.file,
    'not a database, and longer than the header of one, which has a hundred bytes and more of it',
  );

  const second = world.start([soc]);
  await world.clock.advance(2 * MINUTE_MS);
  await second.stop();

  t.same(soc.titles(), [SILENT, SILENT]);
});

t.test('what waits for a dead channel is bounded, and the newest stays', async (t) => {
  const world = createNoticeWorld(t);
  const memory = openNoticeMemory({ path: world.file, now: world.clock.now });
  for (let at = 0; at < 1_010; at += 1) memory.put(change(`r${at}`), ['soc', 'gone']);

  const dropped = memory.prune(['soc']);
  const [first] = memory.waiting('soc');
  const gone = memory.waiting('gone');
  memory.close();

  t.equal(dropped, 10);
  t.equal(first?.event.id, 'change r10');
  t.same(gone, [], 'a channel that is not configured any more');
  t.end();
});
