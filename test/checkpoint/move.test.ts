import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';

import { carryOut, type MoveResult, movesTo } from '../../agent/checkpoint/move.ts';
import { openSqliteStore, type SqliteStore } from '../../agent/checkpoint/sqlite-store.ts';
import type { SourceStatus } from '../../agent/checkpoint/store.ts';
import { importDocument } from '../../agent/checkpoint/transfer/import.ts';
import { readDocument } from '../../agent/checkpoint/transfer/read.ts';
import { writeDocument } from '../../agent/checkpoint/transfer/write.ts';
import { systemClock } from '../../agent/model/clock.ts';
import { HOME } from '../support/local-aws.ts';
import { ACME, idsOf, putFindings, type RelayScene, setScene } from '../support/relay-scene.ts';
import { claimFrom, inspected, positionOf, releasing, stateOf } from '../support/store/rows.ts';
import { assertDelivered } from '../support/test-siem.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Between two findings. */
const STEP_MS = 20_000;
/** Long enough for a sweep over the last three hours. */
const SWEEP_MS = 3 * MINUTE_MS;

/** Days in minutes: what an agent does in a day with its usual settings. */
const settings = {
  poll: { baseSeconds: 10, activeSeconds: 5 },
  late: {
    overlapMinutes: 1,
    sweeps: [
      { windowMinutes: 180, everyMinutes: 2 },
      { windowMinutes: 1_500, everyMinutes: 10 },
    ],
  },
};
const CUSTOMERS = [{ ...ACME, settings }];

/** The store of an agent that may run, as a command opens it. */
async function openStore(t: Test, { clock, directory }: Pick<RelayScene, 'clock' | 'directory'>) {
  const store = await openSqliteStore({ path: join(directory, 'state.db'), clock, commitWaitMs: 0 });
  t.teardown(() => store.close());
  return store;
}

async function onlySource(store: SqliteStore): Promise<SourceStatus & Required<Pick<SourceStatus, 'saved'>>> {
  const [status] = await inspected(store);
  if (!status?.saved) throw new Error('nothing was read yet');
  return { ...status, saved: status.saved };
}

/** What `checkpoint set` does with the scene's only source. */
async function set(store: SqliteStore, destination: string, to: number): Promise<MoveResult> {
  const { spec, saved } = await onlySource(store);
  return carryOut(store, { spec, moves: movesTo(saved, [destination], to) }, { owner: 'hand', now: to });
}

/** Exports the scene's checkpoints, and imports them into a store of their own. */
async function moveMachine(t: Test, scene: RelayScene): Promise<string> {
  let text = '';
  const header = { generatedAt: new Date(scene.clock.now()).toISOString(), agentId: 'relay-1' };
  const from = await openStore(t, scene);
  for await (const block of writeDocument(from.snapshot(), header)) text += block;
  const path = join(scene.directory, 'document');
  writeFileSync(path, text);
  const descriptor = openSync(path, 'r');
  t.teardown(() => closeSync(descriptor));
  const directory = join(scene.directory, 'moved');
  const to = await openStore(t, { clock: scene.clock, directory });
  await importDocument(to, readDocument(descriptor), { owner: 'hand', clock: scene.clock, replace: false });
  await to.close();
  return directory;
}

/** One finding after the other, each read by the next poll. */
async function tell(scene: RelayScene, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    putFindings(scene, HOME, [id]);
    await scene.clock.advance(STEP_MS);
  }
}

t.test('an agent goes on from an imported checkpoint: nothing again, nothing lost', async (t) => {
  const scene = await setScene(t, { customers: CUSTOMERS });
  const { clock, siem, lake } = scene;
  const [before, undelivered] = [idsOf('before', 10), idsOf('undelivered', 3)];
  const first = await scene.start();
  await tell(scene, before);
  await clock.advance(SWEEP_MS);
  siem.isDown = true;
  await tell(scene, undelivered);

  const directory = await moveMachine(t, scene);
  await first.kill();
  siem.isDown = false;
  putFindings(scene, HOME, ['late'], () => clock.now() - 2 * HOUR_MS);
  putFindings(scene, HOME, ['after']);
  const second = await scene.start({ directory });
  await clock.advance(SWEEP_MS);

  for (const each of [siem, lake]) assertDelivered(t, each, [...before, ...undelivered, 'late', 'after']);
  await second.stop();
});

t.test('set back under a running agent: the window comes again, to that destination, once', async (t) => {
  const scene = await setScene(t, { customers: CUSTOMERS });
  const { clock, siem, lake } = scene;
  const ids = idsOf('e', 8);
  const agent = await scene.start();
  const beganAt = clock.now();
  await tell(scene, ids);
  await clock.advance(SWEEP_MS);
  const store = await openStore(t, scene);

  const result = await set(store, 'siem', beganAt + 5 * STEP_MS);
  const moved = (await onlySource(store)).saved.positions;
  await tell(scene, ['new']);
  await clock.advance(SWEEP_MS);

  t.same(result, { kind: 'moved' });
  t.match(moved, [
    { destination: 'lake', mode: 'joined' },
    { destination: 'siem', mode: 'behind', floor: beganAt + 5 * STEP_MS },
  ]);
  t.same([...siem.ids].sort(), [...ids, ...ids.slice(5), 'new'].sort());
  assertDelivered(t, lake, [...ids, 'new']);
  t.match((await onlySource(store)).saved.positions, [{}, { destination: 'siem', mode: 'joined' }]);
  await agent.stop();
});

t.test('a source that the agent has at this moment is refused, and nothing is changed', async (t) => {
  const scene = await setScene(t, { customers: CUSTOMERS });
  const { clock, siem, lake } = scene;
  const agent = await scene.start();
  await tell(scene, ['first']);
  const store = await openStore(t, scene);
  siem.isDown = true;
  putFindings(scene, HOME, ['waiting']);
  await clock.advance(MINUTE_MS);
  const before = await onlySource(store);

  const refused = await set(store, 'siem', clock.now() - HOUR_MS);
  const after = await onlySource(store);
  siem.isDown = false;
  await clock.advance(MINUTE_MS);

  t.match(refused, { kind: 'held', holders: [{ owner: 'agent-1' }] });
  t.same(after, before);
  for (const each of [siem, lake]) assertDelivered(t, each, ['first', 'waiting']);
  await agent.stop();
});

t.test('set forward: the backlog is never sent, by no sweep either, and what comes later is', async (t) => {
  const scene = await setScene(t, { customers: CUSTOMERS });
  const { clock, siem, lake } = scene;
  const [before, backlog] = [idsOf('before', 2), idsOf('backlog', 8)];
  const agent = await scene.start();
  await tell(scene, before);
  siem.isDown = true;
  await tell(scene, backlog);
  putFindings(scene, HOME, ['late backlog'], () => clock.now() - 2 * HOUR_MS);
  // After five minutes the agent goes on without it, and gives the source back.
  await clock.advance(6 * MINUTE_MS);
  const store = await openStore(t, scene);

  const result = await set(store, 'siem', clock.now());
  siem.isDown = false;
  await tell(scene, ['after']);
  putFindings(scene, HOME, ['late after'], () => clock.now() - 2 * HOUR_MS);
  await clock.advance(SWEEP_MS);

  t.same(result, { kind: 'moved' });
  assertDelivered(t, siem, [...before, 'after', 'late after']);
  assertDelivered(t, lake, [...before, ...backlog, 'late backlog', 'after', 'late after']);
  await agent.stop();
});

t.test('what the agent did meanwhile does not turn a step back into a skip', async (t) => {
  const scene = await setScene(t, { customers: CUSTOMERS });
  const { clock } = scene;
  const agent = await scene.start();
  await tell(scene, ['one']);
  const store = await openStore(t, scene);
  const { spec, saved } = await onlySource(store);
  const moves = movesTo(saved, ['siem'], saved.state.lastReadAt + 1_000);
  await clock.advance(MINUTE_MS);
  const before = await onlySource(store);

  const result = await carryOut(store, { spec, moves }, { owner: 'hand', now: clock.now() });

  t.match(moves, [{ direction: 'forward' }]);
  t.same(result, { kind: 'outdated' });
  t.same((await onlySource(store)).saved, before.saved);
  await agent.stop();
});

t.test('where sweeps stand for ids, they no longer do for what is to be sent again', async (t) => {
  const store = await openSqliteStore({ path: join(t.testdir({}), 'state.db'), clock: systemClock });
  t.teardown(() => store.close());
  const lease = await claimFrom(store, 'a');
  const covered = [{ from: 100, to: 200, at: 300, bits: [0, 1] }];
  const state = { ...stateOf('a', 250), ingestionRule: { inForce: true, since: 1, covered } };
  const position = positionOf('a', 'siem', 250);
  const saved = [{ kind: 'state', state } as const, { kind: 'position', position } as const];
  await store.commit([releasing(lease, saved)]);

  await set(store, 'siem', 150);

  t.same((await onlySource(store)).saved.state.ingestionRule?.covered, [
    { from: 100, to: 149, at: 300, bits: [0, 1] },
    { from: 150, to: 200, at: 300, bits: [1] },
  ]);
});
