import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import t, { type Test } from 'tap';

import { openSqliteStore, type SqliteStoreOptions } from '../../agent/checkpoint/sqlite-store.ts';
import { systemClock } from '../../agent/model/clock.ts';
import { GuardrelayError } from '../../agent/model/error.ts';
import { eventKey } from '../../agent/model/event-key.ts';
import type { StoreBench } from '../support/store/bench.ts';
import {
  claimFrom,
  claimOne,
  inspected,
  keeping,
  keyOf,
  progressOf,
  releasing,
  specOf,
} from '../support/store/rows.ts';
import { storeContract } from '../support/store-contract.ts';
import { createVirtualClock, type VirtualClock } from '../support/virtual-clock.ts';

t.test('contract of the checkpoint store', async (t) => storeContract(t, bench));

interface SqliteBench extends StoreBench {
  readonly directory: string;
  readonly path: string;
  open(options?: Partial<SqliteStoreOptions>): ReturnType<typeof openSqliteStore>;
}

function bench(t: Test): SqliteBench {
  const clock = createVirtualClock();
  const directory = join(t.testdir({}), 'data');
  const path = join(directory, 'state.db');
  return {
    ...{ clock, directory, path },
    async open(options) {
      const store = await openSqliteStore({ path, clock, commitWaitMs: 0, ...options });
      t.teardown(() => store.close());
      return store;
    },
    async raiseSchema() {
      using database = new DatabaseSync(path);
      database.exec(`update meta set value = '1000' where key = 'schema'`);
    },
  };
}

t.test('a new store belongs to its user alone', async (t) => {
  const { directory, path, open } = bench(t);

  const store = await open();
  await claimFrom(store, 'a');

  t.same(store.opened, { kind: 'fresh' });
  t.equal(statSync(directory).mode & 0o777, 0o700);
  t.same(readdirSync(directory), ['state.db', 'state.db-shm', 'state.db-wal']);
  for (const suffix of ['', '-wal', '-shm']) t.equal(statSync(path + suffix).mode & 0o777, 0o600);
});

t.test('a directory that is there keeps its mode, and a store its rows', async (t) => {
  const { directory, open } = bench(t);
  mkdirSync(directory, { mode: 0o755 });
  const first = await open();
  await first.commit([releasing(await claimFrom(first, 'a'), progressOf('a', 7))]);
  await first.close();

  const second = await open();

  t.same(second.opened, { kind: 'existing' });
  t.equal(statSync(directory).mode & 0o777, 0o755);
  t.match(await inspected(second), [{ saved: { state: { highWater: 7 } } }]);
});

t.test('two agents that start at once on no file share one store', async (t) => {
  const { open } = bench(t);

  const stores = await Promise.all([open(), open(), open()]);
  const [first, ...others] = stores;
  await first?.sync([specOf('a')]);

  for (const other of others) t.match(await inspected(other), [{ spec: { source: 'a' } }]);
  t.notOk(stores.some(({ opened }) => opened.kind === 'replaced'));
});

t.test('every acknowledged commit is in the database and its log, wherever the power fails', async (t) => {
  const { clock, directory, path, open } = bench(t);
  const store = await open();
  const lease = await claimFrom(store, 'a');
  const copies: string[] = [];
  for (let value = 1; value <= 40; value += 1) {
    await store.commit([keeping(lease, progressOf('a', value))]);
    const copy = join(directory, `copy-${value}`);
    for (const suffix of ['', '-wal']) copyFileSync(path + suffix, copy + suffix);
    copies.push(copy);
  }
  await clock.advance(20_000);

  for (const [index, copy] of copies.entries()) {
    const survivor = await open({ path: copy });
    const next = await claimOne(survivor, 'other');
    t.equal(next.saved?.state.highWater, index + 1);
    const keys = Array.from({ length: index + 1 }, (_, event) => keyOf(String(event + 1)));
    t.notOk((await survivor.finished(next, keys)).includes(0n));
    await survivor.close();
  }
});

t.test('commits that come together share one transaction', async (t) => {
  const { clock, open } = bench(t);
  const store = await open({ commitWaitMs: 5 });
  await store.sync(['a', 'b', 'c'].map(specOf));
  const [a, b, c] = await store.claim('me', 3, 20_000);
  if (!a || !b || !c) throw new Error('three sources should be due');
  let settled = 0;
  const count = () => (settled += 1);

  const first = store.commit([keeping(a, progressOf('a', 1))]).then(count);
  const second = store.commit([keeping(b, progressOf('b', 2))]).then(count);
  await clock.advance(4);
  t.equal(settled, 0, 'they wait for company');
  await clock.advance(1);
  t.equal(settled, 2);
  const third = store.commit(Array.from({ length: 200 }, () => keeping(c))).then(count);
  await Promise.all([first, second, third]);
  t.equal(settled, 3, 'a full group does not wait');
  const last = store.commit([keeping(c, progressOf('c', 3))]);
  await store.close();

  t.same(await last, ['ok'], 'closing stores what was collected');
});

t.test('releases, for which nobody waits, share a transaction for longer, until somebody does', async (t) => {
  const { clock, open } = bench(t);
  const store = await open({ commitWaitMs: 5 });
  await store.sync(['a', 'b', 'c'].map(specOf));
  const [a, b, c] = await store.claim('me', 3, 20_000);
  if (!a || !b || !c) throw new Error('three sources should be due');
  let settled = 0;
  const count = () => (settled += 1);
  const release = { kind: 'release', nextPollMs: 60_000 } as const;

  void store.commit([{ lease: a, changes: [], after: release }]).then(count);
  await clock.advance(20);
  t.equal(settled, 0);
  void store.commit([keeping(b, progressOf('b', 2))]).then(count);
  await clock.advance(5);
  t.equal(settled, 2, 'with one that is waited for');
  void store.commit([{ lease: c, changes: [], after: release }]).then(count);
  await clock.advance(50);

  t.equal(settled, 3);
  await store.close();
});

t.test('an agent in another process that lost its lease changes nothing', async (t) => {
  const { path, open } = bench(t);
  const child = spawn(process.execPath, [
    new URL('../support/store/process.ts', import.meta.url).pathname,
    path,
  ]);
  t.teardown(() => child.kill());
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  t.equal((await lines.next()).value, 'claimed under fence 1');

  const reader = await open({ clock: systemClock, readOnly: true });
  t.match(await inspected(reader), [{ owner: 'first' }], 'a reader sees the claim');
  const inAMinute = { ...systemClock, now: () => systemClock.now() + 60_000 };
  const store = await open({ clock: inAMinute });
  const lease = await claimOne(store, 'other');
  child.stdin.end('commit\n');

  t.equal((await lines.next()).value, 'fenced');
  t.same(await store.commit([keeping(lease, progressOf('a', 9))]), ['ok']);
  t.match(await inspected(reader), [{ saved: { state: { highWater: 9 } } }]);
  t.same(await once(child, 'close'), [0, null]);
});

t.test('a notice outlives the process that put and claimed it, when that is killed', async (t) => {
  const { path, open } = bench(t);
  const script = new URL('../support/store/notice-process.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
  const wish = { owner: 'me', destination: 'siem', customers: ['acme'], max: 10, leaseMs: 20_000 };
  const now = Date.now();

  const early = await open({ clock: createVirtualClock(now) });
  const held = await early.notices.claim(wish);
  const later = await open({ clock: createVirtualClock(now + 21_000) });
  const claimed = await later.notices.claim(wish);

  t.same(held, []);
  t.match(claimed, [{ id: 'killed', event: { type: 'source.silent' } }]);
});

t.test('times that a clock set back left far ahead are due again, under a new fence', async (t) => {
  const { open } = bench(t);
  const clock = createVirtualClock();
  const store = await open({ clock });
  const lease = await claimFrom(store, 'a', 'b', 'gone');
  await store.sync(['a', 'b'].map(specOf));
  const setBack: VirtualClock = { ...clock, now: () => clock.now() - 2 * 3_600_000 };

  const other = await open({ clock: setBack });
  const claimed = await other.claim('other', 10, 20_000);

  t.same(claimed.map(({ source }) => source).sort(), ['a', 'b']);
  t.same(await store.extend([lease], 20_000), ['fenced']);
});

const damages: readonly { readonly name: string; damage(path: string): void }[] = [
  { name: 'cut short', damage: (path) => truncateSync(path, statSync(path).size - 4_096) },
  { name: 'emptied', damage: (path) => truncateSync(path, 0) },
  { name: 'overwritten', damage: (path) => writeFileSync(path, 'a note of someone else '.repeat(1_000)) },
  { name: 'damaged inside', damage: (path) => overwrite(path, 8_192) },
  {
    name: 'another database',
    damage(path) {
      truncateSync(path, 0);
      using database = new DatabaseSync(path);
      database.exec('create table other(x)');
    },
  },
];

function overwrite(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes.fill(0xa5, at, at + 4_096);
  writeFileSync(path, bytes);
}

for (const { name, damage } of damages) {
  t.test(`a store that was ${name} is set aside and replaced`, async (t) => {
    const { clock, path, open } = bench(t);
    const first = await open();
    await first.commit([releasing(await claimFrom(first, 'a'), progressOf('a', 7))]);
    await first.close();
    damage(path);
    const damaged = readFileSync(path);

    const readOnly = await open({ readOnly: true }).catch((error: unknown) => error);
    const byHand = await open({ refuseDamaged: true }).catch((error: unknown) => error);
    const second = await open();

    const damagedPath = `${path}.damaged-2026-01-01T00-00-00-000Z`;
    t.match(second.opened, { kind: 'replaced', damagedPath, why: /./ });
    t.same(readFileSync(damagedPath), damaged);
    t.same(await inspected(second), []);
    await clock.advance(1_000);
    t.equal((await claimFrom(second, 'a')).saved, undefined);
    t.match(byHand, { code: 'AGT-002' }, 'only an agent sets it aside, because it must read again then');
    if (name !== 'cut short' && name !== 'damaged inside') t.match(readOnly, { code: 'AGT-002' });
  });
}

t.test('the log of a damaged store is kept beside it', async (t) => {
  const { path, open } = bench(t);
  await (await open()).close();
  writeFileSync(path, 'a note of someone else '.repeat(1_000));
  writeFileSync(`${path}-wal`, 'what a crash left');

  const { opened } = await open();

  if (opened.kind !== 'replaced') throw new Error(`not replaced: ${opened.kind}`);
  t.equal(readFileSync(`${opened.damagedPath}-wal`, 'utf8'), 'what a crash left');
});

t.test('a store is refused on network storage', async (t) => {
  const { open } = bench(t);
  const types = {
    NFS: 0x6969,
    CIFS: 0xff534d42 - 2 ** 32,
    SMB2: 0xfe534d42,
    '9P': 0x01021997,
    FUSE: 0x65735546,
  };

  for (const [name, type] of Object.entries(types)) {
    const error = await open({ statfs: async () => ({ type }) }).catch((thrown: unknown) => thrown);
    t.match(error, {
      code: 'AGT-001',
      exitCode: 2,
      message: `network file system (${name})`,
      fix: /local disk/,
    });
  }
});

t.test('a data directory that cannot be used is named with what to do', async (t) => {
  const { clock } = bench(t);
  const directory = t.testdir({ file: 'not a directory', closed: {} });
  chmodSync(join(directory, 'closed'), 0o500);
  const blocked = process.getuid?.() === 0 ? ['file'] : ['file', 'closed'];

  for (const name of blocked) {
    const path = join(directory, name, 'state.db');
    const error = await openSqliteStore({ path, clock }).catch((thrown: unknown) => thrown);
    if (!(error instanceof GuardrelayError)) throw new Error(`not refused: ${String(error)}`);
    t.match(error, { code: 'AGT-001', exitCode: 2, fix: /agent\.dataDir/ });
    t.ok(error.message.includes(join(directory, name)));
  }
});

t.test('reading makes nothing and changes nothing', async (t) => {
  const { directory, open } = bench(t);

  const missing = await open({ readOnly: true }).catch((error: unknown) => error);
  t.match(missing, { code: 'AGT-002', message: /no such file/, fix: /guardrelay run/ });
  t.throws(() => statSync(directory), { code: 'ENOENT' });
  await (await open()).sync([specOf('a')]);
  const reader = await open({ readOnly: true });

  await t.rejects(reader.claim('me', 1, 20_000), /readonly/);
  t.match(await inspected(reader), [{ enabled: true }]);
});

t.test('an event key is the start of SHA-256 over stream, NUL and event id', (t) => {
  // printf 'stream\0event' | sha256sum
  t.equal(Buffer.from(eventKey('stream', 'event')).toString('hex'), 'de61d39cb700791f26b382f68f614d88');
  t.not(Buffer.compare(eventKey('ab', 'c'), eventKey('a', 'bc')), 0);
  t.end();
});
