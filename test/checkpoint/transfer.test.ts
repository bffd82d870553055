import { closeSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';

import { openSqliteStore } from '../../agent/checkpoint/sqlite-store.ts';
import type { CheckpointStore, SourceSpec } from '../../agent/checkpoint/store.ts';
import { importDocument } from '../../agent/checkpoint/transfer/import.ts';
import { type CheckpointDocument, readDocument } from '../../agent/checkpoint/transfer/read.ts';
import { writeDocument } from '../../agent/checkpoint/transfer/write.ts';
import { GuardrelayError } from '../../agent/model/error.ts';
import type { Change } from '../../agent/model/position.ts';
import { sourceKey } from '../../agent/model/source.ts';
import {
  finishedOf,
  inspected,
  keyOf,
  positionOf,
  progressOf,
  releasing,
  stateOf,
} from '../support/store/rows.ts';
import { createVirtualClock, type VirtualClock } from '../support/virtual-clock.ts';

const HEADER = { generatedAt: '2026-01-01T00:00:00.000Z', agentId: 'relay-1' };
const EAST = specIn('us-east-1');
const WEST = specIn('eu-west-1');

function specIn(region: string): SourceSpec {
  const place = { customer: 'acme', account: '111122223333', region, partition: 'aws' };
  const source = { ...place, logGroup: '/aws/events/guardrelay' };
  return { ...source, source: sourceKey(source) };
}

interface Machine {
  readonly clock: VirtualClock;
  readonly store: CheckpointStore;
  /** Stores a checkpoint: floors per destination, in the order of their bits. */
  put(spec: SourceSpec, floors: Readonly<Record<string, number>>, ...more: readonly Change[]): Promise<void>;
  export(): Promise<string>;
  import(document: CheckpointDocument, replace?: boolean): ReturnType<typeof importDocument>;
  /** Masks of these events. */
  masks(spec: SourceSpec, ...events: readonly number[]): Promise<readonly bigint[]>;
}

async function machine(t: Test, name: string): Promise<Machine> {
  const clock = createVirtualClock();
  const path = join(t.testdirName, name, 'state.db');
  const store = await openSqliteStore({ path, clock, commitWaitMs: 0 });
  t.teardown(() => store.close());

  async function put(
    spec: SourceSpec,
    floors: Readonly<Record<string, number>>,
    ...more: readonly Change[]
  ): Promise<void> {
    const acquired = await store.acquire('test', [spec], 20_000);
    const [lease] = acquired.kind === 'acquired' ? acquired.leases : [];
    if (!lease) throw new Error(`${spec.source} is held`);
    const state = { kind: 'state', state: stateOf(spec.source, Math.max(...Object.values(floors))) } as const;
    const positions = Object.entries(floors).map(([destination, floor], bit): Change => {
      return { kind: 'position', position: { ...positionOf(spec.source, destination, floor), bit } };
    });
    await store.commit([releasing(lease, [state, ...positions, ...more], 0)]);
  }

  async function exported(): Promise<string> {
    let text = '';
    for await (const block of writeDocument(store.snapshot(), HEADER)) text += block;
    return text;
  }

  return {
    ...{ clock, store, put },
    export: exported,
    import: (document, replace = false) => importDocument(store, document, { owner: 'hand', clock, replace }),
    async masks({ source }, ...events) {
      const status = (await inspected(store)).find(({ spec }) => spec.source === source);
      if (!status) throw new Error(`${source} is not known`);
      return await store.finished(
        status,
        events.map((event) => keyOf(String(event))),
      );
    },
  };
}

/** The document in a file, as `import` opens it. */
function read(t: Test, text: string): CheckpointDocument {
  const path = join(t.testdirName, 'document');
  rmSync(path, { force: true });
  writeFileSync(path, text);
  return readDocument(open(t, path));
}

function open(t: Test, path: string): number {
  const descriptor = openSync(path, 'r');
  t.teardown(() => closeSync(descriptor));
  return descriptor;
}

async function twoMachines(t: Test): Promise<{ readonly from: Machine; readonly to: Machine }> {
  t.testdir({});
  return { from: await machine(t, 'from'), to: await machine(t, 'to') };
}

t.test('all that a checkpoint is comes back on another machine', async (t) => {
  const { from, to } = await twoMachines(t);
  const events = Array.from({ length: 3_000 }, (_, event) =>
    finishedOf(EAST.source, event, BigInt(1 + (event % 3))),
  );
  await from.put(EAST, { lake: 5_000, siem: 7_000 }, ...events);
  await from.put(WEST, { siem: 4 });
  const text = await from.export();

  const result = await to.import(read(t, text));

  t.match(result, {
    kind: 'imported',
    sources: [
      { spec: WEST, result: 'new', finishedCount: 0, steps: [{ destination: 'siem', to: 4 }] },
      { spec: EAST, result: 'new', finishedCount: 3_000 },
    ],
  });
  t.equal(await to.export(), text, 'to the last byte');
  const statuses = await inspected(to.store);
  t.same(
    statuses.map(({ enabled }) => enabled),
    [false, false],
    'the next agent says what is read',
  );
  t.same(await to.masks(EAST, 0, 1, 2, 2_999, 3_000), [1n, 2n, 3n, 3n, 0n]);
});

t.test('an empty store makes a document that imports nothing', async (t) => {
  const { from, to } = await twoMachines(t);

  const text = await from.export();

  t.equal(text.split('\n').length, 3);
  t.same(await to.import(read(t, text)), { kind: 'imported', sources: [] });
});

t.test(
  'destinations keep the bits that they have here, and those that are only here lose nothing',
  async (t) => {
    const { from, to } = await twoMachines(t);
    await from.put(
      EAST,
      { lake: 50, siem: 70 },
      ...[
        finishedOf(EAST.source, 60, 0b11n),
        finishedOf(EAST.source, 61, 0b10n),
        finishedOf(EAST.source, 62, 0b01n),
      ],
    );
    // Here siem has the bit that lake has there, and tape is known here only.
    await to.put(
      EAST,
      { siem: 20, tape: 30 },
      ...[
        finishedOf(EAST.source, 25, 0b11n),
        finishedOf(EAST.source, 60, 0b10n),
        finishedOf(EAST.source, 26, 0b01n),
      ],
    );

    const result = await to.import(read(t, await from.export()));

    t.match(result, {
      sources: [
        {
          result: 'replaced',
          steps: [
            { destination: 'lake', from: undefined, to: 50 },
            { destination: 'siem', from: 20, to: 70 },
          ],
        },
      ],
    });
    const [status] = await inspected(to.store);
    t.match(status?.saved?.positions, [
      { destination: 'lake', bit: 2, floor: 50 },
      { destination: 'siem', bit: 0, floor: 70 },
      { destination: 'tape', bit: 1, floor: 30 },
    ]);
    t.match(status?.saved?.state, { highWater: 30, sweeps: [{ doneAt: 30 }] }, 'as far back as tape needs');
    t.same(await to.masks(EAST, 60, 61, 62), [0b111n, 0b001n, 0b100n]);
    t.same(await to.masks(EAST, 25, 26), [0b010n, 0n], 'of siem the document alone tells what is finished');
  },
);

t.test(
  'sweeps that stand for ids stand for the same destinations, whatever their bits are here',
  async (t) => {
    const { from, to } = await twoMachines(t);
    const covered = [{ from: 1, to: 9, at: 10, bits: [1] }];
    const rule = { inForce: true, since: 10, covered };
    const state = { ...stateOf(EAST.source, 70), ingestionRule: rule };
    await from.put(EAST, { lake: 50, siem: 70 }, { kind: 'state', state });
    await to.put(EAST, { siem: 20, tape: 30 });

    await to.import(read(t, await from.export()));

    const [status] = await inspected(to.store);
    t.match(status?.saved?.positions, [{ destination: 'lake' }, { destination: 'siem', bit: 0 }, {}]);
    t.same(status?.saved?.state.ingestionRule, { ...rule, covered: [{ ...covered[0], bits: [0] }] });
  },
);

t.test('what is further here is kept, unless it is to be replaced', async (t) => {
  const { from, to } = await twoMachines(t);
  await from.put(EAST, { lake: 50, siem: 70 }, finishedOf(EAST.source, 60, 1n));
  await from.put(WEST, { siem: 10 });
  await to.put(EAST, { lake: 51, siem: 60 }, finishedOf(EAST.source, 65, 1n));
  await to.put(WEST, { siem: 10 });
  const document = read(t, await from.export());

  const kept = await to.import(document);
  const untouched = await to.masks(EAST, 60, 65);
  const replaced = await to.import(document, true);

  t.match(kept, { sources: [{ result: 'replaced' }, { result: 'kept', steps: [{ from: 51, to: 50 }, {}] }] });
  t.same(untouched, [0n, 1n]);
  t.match(replaced, { sources: [{ result: 'replaced' }, { result: 'replaced' }] });
  t.equal(await to.export(), await from.export());
});

t.test('while an agent has one of the sources nothing is imported', async (t) => {
  const { from, to } = await twoMachines(t);
  await from.put(EAST, { siem: 70 });
  await from.put(WEST, { siem: 70 });
  const document = read(t, await from.export());
  await to.put(EAST, { siem: 60 });
  await to.store.sync([EAST]);
  const [lease] = await to.store.claim('relay-2', 1, 20_000);
  const before = await to.export();

  const held = await to.import(document);
  const unchanged = await to.export();
  if (lease) await to.store.commit([releasing(lease, [], 0)]);
  const result = await to.import(document);
  const late = lease ? await to.store.commit([releasing(lease, [finishedOf(EAST.source, 1, 1n)])]) : [];

  t.same(held, { kind: 'held', holders: [{ source: EAST.source, owner: 'relay-2' }] });
  t.equal(unchanged, before);
  t.match(result, { sources: [{ result: 'new' }, { result: 'replaced' }] });
  t.same(late, ['fenced'], 'whatever the agent still had to say');
  t.match(
    await to.store.claim('relay-2', 1, 20_000),
    [{ saved: { positions: [{ floor: 70 }] } }],
    'due at once',
  );
});

t.test('a source that is taken in the middle of an import says so', async (t) => {
  const { from, to } = await twoMachines(t);
  await from.put(EAST, { siem: 70 });
  const document = read(t, await from.export());
  const commit: CheckpointStore['commit'] = async (items) => {
    await to.store.sync([EAST]);
    await to.store.claim('relay-2', 1, 20_000);
    return await to.store.commit(items);
  };

  const result = await importDocument({ ...to.store, commit }, document, {
    ...{ owner: 'hand', clock: to.clock, replace: false },
  });

  t.match(result, { sources: [{ result: 'taken' }] });
  t.equal((await inspected(to.store))[0]?.saved, undefined);
});

t.test('sources that wait for their turn in a long import are not lost to an agent meanwhile', async (t) => {
  const { from, to } = await twoMachines(t);
  const specs = Array.from({ length: 450 }, (_, number) => specIn(`region-${number}`));
  const acquired = await from.store.acquire('test', specs, 20_000);
  const leases = acquired.kind === 'acquired' ? acquired.leases : [];
  await from.store.commit(leases.map((lease) => releasing(lease, progressOf(lease.source, 1))));
  await to.store.sync(specs);
  let commits = 0;
  const slow: CheckpointStore['commit'] = async (items) => {
    commits += 1;
    if (commits % 200 === 0) {
      await to.clock.advance(40_000);
      await to.store.claim('relay-2', 1_000, 20_000);
    }
    return await to.store.commit(items);
  };

  const result = await importDocument({ ...to.store, commit: slow }, read(t, await from.export()), {
    ...{ owner: 'hand', clock: to.clock, replace: false },
  });

  if (result.kind === 'held') throw new Error('nobody holds them');
  t.equal(to.clock.monotonic(), 80_000, 'longer than a lease lasts');
  t.equal(result.sources.filter((source) => source.result === 'new').length, 450);
});

type Lines = readonly string[];
const faults: readonly { readonly name: string; spoil(lines: Lines): Lines; readonly message: RegExp }[] = [
  { name: 'is empty', spoil: () => [], message: /it is empty/ },
  {
    name: 'is of a newer release',
    spoil: ([first = '', ...rest]) => [first.replace('/v1', '/v2'), ...rest],
    message: /version 2, and this release knows version 1/,
  },
  { name: 'is something else', spoil: (lines) => ['{"a":1}', ...lines], message: /line 1 does not say/ },
  { name: 'is no JSON', spoil: (lines) => lines.with(2, 'key=value'), message: /line 3 is not JSON/ },
  { name: 'is cut between lines', spoil: (lines) => lines.slice(0, -1), message: /ends too soon/ },
  {
    name: 'is cut within a line',
    spoil: (lines) => [...lines.slice(0, 3), lines[3]?.slice(0, -9) ?? ''],
    message: /line 4 is not JSON/,
  },
  {
    name: 'lacks a line in its middle',
    spoil: (lines) => lines.toSpliced(2, 1),
    message: /2 sources and 1 fin.*not the 2 and 2/,
  },
  {
    name: 'goes on behind its end',
    spoil: (lines) => [...lines, lines[2] ?? ''],
    message: /line 7: it goes on/,
  },
  {
    name: 'holds a source twice',
    spoil: (lines) => lines.with(4, lines[1] ?? ''),
    message: /line 5: .*twice/,
  },
  {
    name: 'begins with an event',
    spoil: (lines) => lines.toSpliced(1, 1),
    message: /line 2: a finished event before the first source/,
  },
  {
    name: 'holds a key of another length',
    spoil: (lines) => lines.with(2, (lines[2] ?? '').replace(/"key":"../, '"key":"')),
    message: /line 3: key/,
  },
  {
    name: 'holds a mask of nobody',
    spoil: (lines) => lines.with(2, (lines[2] ?? '').replace('"mask":"1"', '"mask":"4"')),
    message: /line 3: finished by a destination that has no position/,
  },
  {
    name: 'mixes sources up',
    spoil: (lines) => lines.with(1, (lines[1] ?? '').replace('"region":"eu-west-1"', '"region":"eu-west-2"')),
    message: /line 2: spec, state and positions must be of the same source/,
  },
  {
    name: 'gives one bit to two destinations',
    spoil: (lines) => lines.with(1, (lines[1] ?? '').replace('"bit":1', '"bit":0')),
    message: /line 2: .*bit from 0 to 62 of its own/,
  },
  {
    name: 'lacks a field',
    spoil: (lines) => lines.with(1, (lines[1] ?? '').replace('"floor":7,', '')),
    message: /line 2: positions\.0\.floor/,
  },
];

t.test('a document that cannot be used is refused whole, with the line', async (t) => {
  const { from } = await twoMachines(t);
  const ids = [finishedOf(WEST.source, 7, 1n), finishedOf(WEST.source, 8, 3n)];
  await from.put(WEST, { lake: 7, siem: 8 }, ...ids);
  await from.put(EAST, { siem: 4 });
  const lines = (await from.export()).trimEnd().split('\n');
  t.equal(read(t, lines.join('\n')).checkpoints.length, 2, 'the last line feed may be missing');

  for (const { name, spoil, message } of faults) {
    const spoiled = spoil(lines).map((line) => `${line}\n`);
    t.throws(() => read(t, spoiled.join('')), { code: 'AGT-006', exitCode: 2, message }, `one that ${name}`);
  }
  t.throws(() => read(t, 'x'.repeat(17 * 1024 * 1024)), { message: /longer than 16 MiB/ });
});

t.test('what a newer release has added to a line comes through', async (t) => {
  const { from, to } = await twoMachines(t);
  await from.put(EAST, { siem: 4 });
  const text = (await from.export()).replace('"highWater":4,', '"highWater":4,"later":{"a":1},');

  await to.import(read(t, text));

  t.match((await inspected(to.store))[0]?.saved?.state, { highWater: 4, later: { a: 1 } });
});

t.test('a document that changes while it is imported leaves its source as it was', async (t) => {
  const { from, to } = await twoMachines(t);
  await from.put(EAST, { siem: 4 }, finishedOf(EAST.source, 5, 1n), finishedOf(EAST.source, 6, 1n));
  const path = join(t.testdirName, 'changing');
  const text = await from.export();
  writeFileSync(path, text);
  const document = readDocument(open(t, path));
  writeFileSync(path, text.split('\n').slice(0, 3).join('\n'));

  const error = await to.import(document).catch((thrown: unknown) => thrown);

  if (!(error instanceof GuardrelayError)) throw new Error(`not refused: ${String(error)}`);
  t.match(error.message, /changed while it was read/);
  t.equal((await inspected(to.store))[0]?.saved, undefined);
});
