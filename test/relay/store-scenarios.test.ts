import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import t from 'tap';

import type { CheckpointStore } from '../../agent/checkpoint/store.ts';
import { HOME } from '../support/local-aws.ts';
import { ACME, idsOf, putFindings, setScene } from '../support/relay-scene.ts';
import { scenario } from '../support/scenario.ts';
import { assertDelivered } from '../support/test-siem.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const REGIONS = [HOME.region, 'us-east-1', 'us-west-2', 'eu-west-1', 'eu-west-2', 'ap-south-1'];

const BEFORE = idsOf('before', 10);
const AFTER = idsOf('after', 5);

const DAMAGES: readonly { readonly name: string; damage(path: string): void }[] = [
  { name: 'truncated', damage: (path) => truncateSync(path, Math.floor(statSync(path).size / 2)) },
  { name: 'empty', damage: (path) => truncateSync(path) },
  { name: 'overwritten', damage: (path) => writeFileSync(path, 'this is no database') },
];

for (const { name, damage } of DAMAGES) {
  scenario(`S25 a store that is ${name} is set aside, and 25 hours are read again`, async (t, pages) => {
    const scene = await setScene(t, { pages });
    const { clock, siem, lake, directory } = scene;
    putFindings(scene, HOME, BEFORE);
    const first = await scene.start();
    await clock.advance(2 * MINUTE_MS);
    await first.stop();
    damage(join(directory, 'state.db'));

    putFindings(scene, HOME, AFTER);
    const agent = await scene.start();
    await clock.advance(2 * MINUTE_MS);

    for (const each of [siem, lake]) assertDelivered(t, each, [...BEFORE, ...AFTER], BEFORE.length);
    const aside = readdirSync(directory).filter((file) => file.startsWith('state.db.damaged-'));
    t.ok(aside.length > 0, 'the damaged file is kept');
    await agent.stop();
  });
}

t.test('S25 a store of a newer release is refused and left as it is', async (t) => {
  const scene = await setScene(t);
  const first = await scene.start();
  await scene.clock.advance(SECOND_MS);
  await first.stop();
  const path = join(scene.directory, 'state.db');
  const database = new DatabaseSync(path);
  database.exec("update meta set value = '99' where key = 'schema'");
  database.close();
  const left = readFileSync(path);

  await t.rejects(scene.start(), { code: 'AGT-002', exitCode: 2, message: /newer/ });

  t.same(readFileSync(path), left);
});

/** A store whose disk can be full: then nothing is written. */
function onFullDisk(store: CheckpointStore, isFull: () => boolean): CheckpointStore {
  async function writing<T>(write: () => Promise<T>): Promise<T> {
    if (isFull()) throw new Error('database or disk is full');
    return await write();
  }
  return {
    ...store,
    claim: (owner, max, leaseMs) => writing(() => store.claim(owner, max, leaseMs)),
    extend: (leases, leaseMs) => writing(() => store.extend(leases, leaseMs)),
    commit: (items) => writing(() => store.commit(items)),
  };
}

scenario('S25 while the disk is full nothing is dropped', async (t, pages) => {
  const scene = await setScene(t, { pages });
  const { clock, siem, lake } = scene;
  let isMended = false;
  const isFull = (): boolean => siem.ids.includes('after-0') && !isMended;
  putFindings(scene, HOME, BEFORE);
  const agent = await scene.start({ wrap: (store) => onFullDisk(store, isFull) });
  await clock.advance(MINUTE_MS);

  putFindings(scene, HOME, AFTER);
  await clock.advance(6 * MINUTE_MS);
  putFindings(scene, HOME, ['last']);
  const [idsWhileFull, wasReady] = [siem.ids, agent.isReady()];
  isMended = true;
  await clock.advance(2 * MINUTE_MS);

  t.notOk(wasReady, '/readyz says so');
  t.ok(agent.isReady());
  t.same(idsWhileFull, [...BEFORE, ...AFTER], 'without a checkpoint nothing more is sent');
  for (const each of [siem, lake]) assertDelivered(t, each, [...BEFORE, ...AFTER, 'last'], AFTER.length);
  await agent.stop();
});

scenario('S26 a crash after records were shipped and before their commit', async (t, pages) => {
  const scene = await setScene(t, { pages });
  const { clock, siem, lake } = scene;
  const isShipped = (): boolean => [siem, lake].some(({ ids }) => ids.includes('after-0'));
  putFindings(scene, HOME, BEFORE);
  const first = await scene.start({ wrap: (store) => onFullDisk(store, isShipped) });
  await clock.advance(MINUTE_MS);
  putFindings(scene, HOME, AFTER);
  await scene.until('they are shipped', () => siem.ids.length >= 15 && lake.ids.length >= 15);

  const agent = await scene.start({ directory: await first.kill() });
  await clock.advance(2 * MINUTE_MS);

  for (const each of [siem, lake]) {
    assertDelivered(t, each, [...BEFORE, ...AFTER], AFTER.length);
    t.equal(each.records.length, 20, 'what was in flight came again');
    t.equal(new Set(each.records.map(({ key }) => key)).size, 15, 'under the same keys');
  }
  await agent.stop();
});

scenario('S26 a crash inside a commit leaves the state before it', async (t, pages) => {
  const scene = await setScene(t, { pages });
  const { clock, siem, lake, image } = scene;
  const torn: string[] = [];
  const wrap = (store: CheckpointStore): CheckpointStore => ({
    ...store,
    commit(items) {
      const results = store.commit(items);
      const finishes = items.some(({ changes }) => [...changes].some(({ kind }) => kind === 'finished'));
      if (finishes && lake.ids.includes('after-0')) torn.push(image());
      return results;
    },
  });
  putFindings(scene, HOME, BEFORE);
  const first = await scene.start({ wrap });
  await clock.advance(MINUTE_MS);
  putFindings(scene, HOME, AFTER);
  await scene.until('the first of them are committed', () => torn.length > 0);
  const [directory = ''] = torn;
  const log = join(directory, 'state.db-wal');
  truncateSync(log, statSync(log).size - 1);

  await first.kill();
  const agent = await scene.start({ directory });
  await clock.advance(2 * MINUTE_MS);

  for (const each of [siem, lake]) assertDelivered(t, each, [...BEFORE, ...AFTER], AFTER.length);
  t.equal(lake.records.length, 20, 'the torn commit counts for nothing');
  await agent.stop();
});

scenario('S34 two agents on one store share its sources, and send nothing twice', async (t, pages) => {
  const scene = await setScene(t, { pages, customers: [{ ...ACME, regions: REGIONS }] });
  const { clock, siem, lake } = scene;
  const claims = new Map<string, number>();
  const wrap = (store: CheckpointStore): CheckpointStore => ({
    ...store,
    async claim(owner, max, leaseMs) {
      const leases = await store.claim(owner, Math.min(max, 3), leaseMs);
      claims.set(owner, (claims.get(owner) ?? 0) + leases.length);
      return leases;
    },
  });
  const agents = [await scene.start({ wrap }), await scene.start({ wrap })];
  const ids: string[] = [];
  const putEverywhere = (round: string): void => {
    for (const region of REGIONS) {
      const id = `${region} ${round}`;
      ids.push(id);
      putFindings(scene, { ...HOME, region }, [id]);
    }
  };

  for (const round of ['one', 'two', 'three']) {
    putEverywhere(round);
    await clock.advance(2 * MINUTE_MS);
  }
  await agents[0]?.stop();
  putEverywhere('with one agent left');
  await clock.advance(3 * MINUTE_MS);

  for (const each of [siem, lake]) assertDelivered(t, each, ids);
  t.equal(claims.size, 2);
  t.ok(
    [...claims.values()].every((count) => count > 0),
    'both served sources',
  );
  await agents[1]?.stop();
});

scenario('S34 two agents with a store each send everything twice, under the same keys', async (t, pages) => {
  const scene = await setScene(t, { pages });
  const { clock, siem, lake } = scene;
  const ids = [...BEFORE, ...AFTER];
  const other = scene.image();
  const agents = [await scene.start(), await scene.start({ directory: other })];
  putFindings(scene, HOME, BEFORE);
  await clock.advance(2 * MINUTE_MS);

  putFindings(scene, HOME, AFTER);
  await clock.advance(2 * MINUTE_MS);

  for (const { records, ids: delivered } of [siem, lake]) {
    t.same(delivered.toSorted(), [...ids, ...ids].toSorted(), 'each event twice');
    t.equal(new Set(records.map(({ key }) => key)).size, ids.length, 'under one key');
  }
  await Promise.all(agents.map((agent) => agent.stop()));
});
