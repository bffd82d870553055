import fc from 'fast-check';
import t, { type Test } from 'tap';

import type { Grade } from '../../agent/model/outcome.ts';
import { type Copies, type Copy, createCopies } from '../../agent/relay/copies.ts';
import { readerScope } from '../support/aws-clients.ts';
import { HOME } from '../support/local-aws.ts';
import { enveloped } from '../support/log-events.ts';
import { createRandom } from '../support/random.ts';
import { ACME, GROUP, type RelayScene, setScene } from '../support/relay-scene.ts';
import type { RunningAgent } from '../support/running-agent.ts';
import type { TestSiem } from '../support/test-siem.ts';

const MINUTE_MS = 60_000;
const ADMIN = ACME.account;
const MEMBER = '222222222222';
const FINAL = { kind: 'final', grade: 'accepted' } as const;
const QUARANTINED = { kind: 'quarantined', why: 'refused' } as const;

/** A copy that remembers what became of it. */
interface WatchedCopy extends Copy {
  state: 'waiting' | 'sent' | 'skipped' | 'final' | 'quarantined' | 'withdrawn';
  grade?: Grade;
}

function copyOf(copy: Partial<Copy> = {}): WatchedCopy {
  const watched: WatchedCopy = {
    ...{ destination: 'siem', customer: 'acme', key: 'k', owner: {}, bytes: 1_000, ...copy },
    state: 'waiting',
    send() {
      watched.state = 'sent';
    },
    skip(grade) {
      watched.state = 'skipped';
      watched.grade = grade;
    },
  };
  return watched;
}

function offered(copies: Copies, ...wishes: readonly Partial<Copy>[]): readonly WatchedCopy[] {
  return wishes.map((wish) => {
    const copy = copyOf(wish);
    copies.offer(copy);
    return copy;
  });
}

function tell(
  copies: Copies,
  copy: WatchedCopy | undefined,
  result: typeof FINAL | typeof QUARANTINED,
): void {
  if (!copy) throw new Error('no copy');
  copy.state = result.kind;
  copies.told(copy, result);
}

function statesOf(all: readonly WatchedCopy[]): readonly string[] {
  return all.map(({ state }) => state);
}

t.test('a copy waits for the first one, and is skipped when that is final', (t) => {
  const copies = createCopies();
  const [first, second, third] = offered(copies, {}, {}, {});

  t.same([first?.state, second?.state, third?.state], ['sent', 'waiting', 'waiting']);
  tell(copies, first, FINAL);
  const [later] = offered(copies, {});

  t.same([second?.state, third?.state, later?.state], ['skipped', 'skipped', 'skipped']);
  t.equal(later?.grade, 'accepted', 'with the grade of the one that is final');
  t.equal(copies.skipped('siem'), 3);
  t.equal(copies.skipped('lake'), 0);
  t.end();
});

t.test('only copies of one key, one customer and one destination are copies', (t) => {
  const copies = createCopies();

  const all = offered(copies, {}, { key: 'other' }, { customer: 'globex' }, { destination: 'lake' });

  t.same(statesOf(all), ['sent', 'sent', 'sent', 'sent']);
  t.end();
});

t.test('when the first one is quarantined or taken back, the next one is sent', (t) => {
  const copies = createCopies();
  const owner = {};
  const all = offered(copies, {}, { owner }, { owner, destination: 'lake' }, { owner }, {});

  tell(copies, all[0], QUARANTINED);
  t.same(statesOf(all), ['quarantined', 'sent', 'sent', 'waiting', 'waiting']);
  copies.withdraw('siem', owner);

  t.same(statesOf(all.slice(2)), ['sent', 'waiting', 'sent'], 'none of those that were taken back');
  tell(copies, all[4], FINAL);
  t.equal(all[3]?.state, 'waiting', 'nothing is told of it any more');
  t.end();
});

t.test('what waits and what is remembered is bounded; beyond that a copy is sent', (t) => {
  const copies = createCopies({ keptRecords: 2, waitingBytes: 2_500 });

  const waiting = offered(copies, {}, {}, {}, {}, { destination: 'lake' }, { destination: 'lake' });
  t.same(statesOf(waiting), ['sent', 'waiting', 'waiting', 'sent', 'sent', 'waiting']);
  tell(copies, waiting[3], FINAL);
  t.same(
    statesOf(waiting),
    ['sent', 'skipped', 'skipped', 'final', 'sent', 'waiting'],
    'whichever is final first',
  );
  tell(copies, waiting[0], FINAL);

  for (const key of ['a', 'b']) tell(copies, offered(copies, { key })[0], FINAL);
  t.same(statesOf(offered(copies, { key: 'b' }, { key: 'a' }, { key: 'k' })), ['skipped', 'skipped', 'sent']);
  t.same(
    statesOf(offered(copies, { key: 'k' }, { key: 'k' })),
    ['waiting', 'waiting'],
    'there is room again',
  );
  t.end();
});

/** What may happen: a copy is offered, the outcome of one that was sent is told, an owner takes back its own. */
const STEP = fc.record({
  does: fc.constantFrom('offer', 'offer', 'offer', 'final', 'quarantine', 'withdraw'),
  key: fc.integer({ min: 0, max: 2 }).map(String),
  owner: fc.integer({ min: 0, max: 3 }),
  pick: fc.nat(20),
});
type Step = typeof STEP extends fc.Arbitrary<infer T> ? T : never;

/** Copies of three records, and four sources that offer them. */
function createRaces() {
  const copies = createCopies({ keptRecords: 2, waitingBytes: 3_000 });
  const owners = [{}, {}, {}, {}];
  const all: WatchedCopy[] = [];
  const finals = new Set<string>();

  function end(pick: number, result: typeof FINAL | typeof QUARANTINED): void {
    const sent = all.filter(({ state }) => state === 'sent');
    const one = sent[pick % sent.length];
    if (!one) return;
    if (result === FINAL) finals.add(one.key);
    tell(copies, one, result);
  }

  return {
    play({ does, key, owner: number, pick }: Step): void {
      const owner = owners[number] ?? {};
      if (does === 'offer') all.push(...offered(copies, { key, owner }));
      else if (does === 'withdraw') withdraw(copies, all, owner);
      else end(pick, does === 'final' ? FINAL : QUARANTINED);
    },
    isLost: () => all.some(({ state, key }) => state === 'skipped' && !finals.has(key)),
    waitsForNothing() {
      const onTheWay = new Set(all.filter(({ state }) => state === 'sent').map(({ key }) => key));
      return all.some(({ state, key }) => state === 'waiting' && !onTheWay.has(key));
    },
  };
}

t.test('whatever happens in whatever order, no record is lost and none waits for nothing', (t) => {
  fc.assert(
    fc.property(fc.array(STEP, { maxLength: 60 }), (steps) => {
      const races = createRaces();
      return steps.every((step) => {
        races.play(step);
        return !races.isLost() && !races.waitsForNothing();
      });
    }),
    { numRuns: 2_000 },
  );
  t.end();
});

/** Marked before they go, so that one that is sent in their place is seen. */
function withdraw(copies: Copies, all: readonly WatchedCopy[], owner: object): void {
  for (const copy of all) {
    if (copy.owner === owner && ['waiting', 'sent'].includes(copy.state)) copy.state = 'withdrawn';
  }
  copies.withdraw('siem', owner);
}

/** The administrator's and the member's account of one customer, both with the stack. */
async function setPair(t: Test, scope: 'event' | 'customer'): Promise<RelayScene> {
  const settings = { accounts: { collect: [ADMIN, MEMBER] }, dedupe: { scope } };
  const scene = await setScene(t, { customers: [{ ...ACME, account: MEMBER, settings }] });
  readerScope(scene, ADMIN);
  return scene;
}

/** One update of a finding of the member, in the log group of one of both. */
function put({ aws, clock }: RelayScene, account: string, id: string): void {
  const arn = `arn:aws:guardduty:${HOME.region}:${MEMBER}:detector/d/finding/${id}`;
  const updatedAt = '2026-01-01T00:00:00.000Z';
  const event = enveloped(
    { accountId: MEMBER, arn, id, type: 'T', updatedAt },
    { id: `${account} ${id}`, account },
  );
  aws.logs.insert({ ...HOME, account }, GROUP, [{ timestamp: clock.now(), message: JSON.stringify(event) }]);
}

/** Ids of the findings that arrived. */
function findingsAt({ records }: TestSiem): readonly unknown[] {
  return records.map(({ account, id }) => (account === MEMBER ? id : account)).toSorted();
}

function isFinished(agent: RunningAgent): boolean {
  return agent.health().every(({ waiting }) => waiting === 0);
}

t.test('32 of a pair in the administrator and the member account a destination gets one', async (t) => {
  const scene = await setPair(t, 'customer');
  const { clock, siem, lake } = scene;
  const agent = await scene.start();
  await clock.advance(MINUTE_MS);

  for (const account of [ADMIN, MEMBER]) put(scene, account, 'at once');
  put(scene, ADMIN, 'late');
  put(scene, MEMBER, "the member's alone");
  put(scene, ADMIN, 'twice');
  put(scene, ADMIN, 'twice');
  await clock.advance(5 * MINUTE_MS);
  put(scene, MEMBER, 'late');
  await clock.advance(5 * MINUTE_MS);

  for (const each of [siem, lake]) {
    t.same(findingsAt(each), ['at once', 'late', "the member's alone", 'twice']);
  }
  t.ok(isFinished(agent), 'every copy is finished for its own source');
  await agent.stop();
  const next = await scene.start();
  await clock.advance(5 * MINUTE_MS);
  t.equal(siem.records.length, 4, 'for the next agent too');
  await next.stop();
});

t.test('32 a copy waits while the destination is down, and another destination has its own', async (t) => {
  const scene = await setPair(t, 'customer');
  const { clock, siem, lake } = scene;
  const agent = await scene.start();
  await clock.advance(MINUTE_MS);
  siem.isDown = true;

  for (const account of [ADMIN, MEMBER]) put(scene, account, 'f');
  await clock.advance(3 * MINUTE_MS);
  t.same(findingsAt(lake), ['f']);
  t.notOk(isFinished(agent), 'neither is finished before one is final');
  // Longer than a destination may hold up a source: both take their records back.
  await clock.advance(10 * MINUTE_MS);
  siem.isDown = false;
  await clock.advance(15 * MINUTE_MS);

  t.same(findingsAt(siem), ['f']);
  t.ok(isFinished(agent));
  await agent.stop();
});

t.test('32 after a kill a copy may come again, and nothing is missing', async (t) => {
  const scene = await setPair(t, 'customer');
  const { clock, siem } = scene;
  const killed = await scene.start();
  await clock.advance(MINUTE_MS);
  siem.isDown = true;
  for (const account of [ADMIN, MEMBER]) put(scene, account, 'f');
  put(scene, ADMIN, 'g');
  await clock.advance(MINUTE_MS);

  const directory = await killed.kill();
  siem.isDown = false;
  const agent = await scene.start({ directory });
  put(scene, MEMBER, 'g');
  await clock.advance(5 * MINUTE_MS);

  t.same([...new Set(findingsAt(siem))], ['f', 'g']);
  t.ok(isFinished(agent));
  await agent.stop();
});

t.test('32 unless the customer wants it, both copies go out', async (t) => {
  const scene = await setPair(t, 'event');
  const agent = await scene.start();
  await scene.clock.advance(MINUTE_MS);

  for (const account of [ADMIN, MEMBER]) put(scene, account, 'f');
  await scene.clock.advance(5 * MINUTE_MS);

  t.same(findingsAt(scene.siem), ['f', 'f']);
  const [one, other] = scene.siem.records;
  t.equal(one?.key, other?.key, 'with the same key, by which a SIEM may tell');
  await agent.stop();
});

/** Copies of findings in both accounts, outages of the SIEM and kills of the agent. */
async function playHistory(t: Test, seed: number) {
  const random = createRandom(seed);
  const scene = await setPair(t, 'customer');
  const ids: string[] = [];
  let kills = 0;
  let agent = await scene.start();
  await scene.clock.advance(MINUTE_MS);
  for (let step = 0; step < 20; step += 1) {
    const id = ids.length === 0 || random.chance(0.5) ? `f-${step}` : random.pick(ids);
    if (!ids.includes(id)) ids.push(id);
    put(scene, random.pick([ADMIN, MEMBER]), id);
    if (random.chance(0.2)) scene.siem.isDown = !scene.siem.isDown;
    if (random.chance(0.1)) {
      agent = await scene.start({ directory: await agent.kill() });
      kills += 1;
    }
    await scene.clock.advance(random.below(MINUTE_MS));
  }
  scene.siem.isDown = false;
  await scene.clock.advance(10 * MINUTE_MS);
  return { ...scene, agent, ids, kills };
}

// More of them: GUARDRELAY_SEEDS=100 node test/relay/copies.test.ts
for (let seed = 1; seed <= Number(process.env.GUARDRELAY_SEEDS ?? 2); seed += 1) {
  t.test(`32 copies, outages and kills in any order lose nothing (seed ${seed})`, async (t) => {
    const { siem, lake, agent, ids, kills } = await playHistory(t, seed);

    for (const each of [siem, lake]) {
      const found = findingsAt(each);
      t.same([...new Set(found)], ids.toSorted());
      t.ok(kills > 0 || found.length === ids.length, `${found.length} of ${ids.length} after ${kills} kills`);
    }
    t.ok(isFinished(agent));
    await agent.stop();
  });
}
