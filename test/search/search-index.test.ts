import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { matchesGlob } from '../../agent/model/glob.ts';
import type { RecordQuery } from '../../agent/model/record-query.ts';
import { listWindows } from '../../agent/search/digits.ts';
import {
  type IndexedRecord,
  openSearchIndex,
  type SearchIndex,
  type SearchIndexOptions,
} from '../../agent/search/search-index.ts';
import { createVirtualClock, type VirtualClock } from '../support/virtual-clock.ts';

const DAY_MS = 86_400_000;
const START = Date.UTC(2026, 0, 1);
const MEMBER = '123456789123';
const ADMIN = '999988887777';

interface IndexBench {
  readonly clock: VirtualClock;
  readonly path: string;
  open(options?: Partial<SearchIndexOptions>): SearchIndex;
}

function bench(t: Test): IndexBench {
  const clock = createVirtualClock(START);
  const path = join(t.testdir({}), 'data', 'search.db');
  return {
    ...{ clock, path },
    open(options) {
      const index = openSearchIndex({ path, clock, keepDays: 7, maxMegabytes: 64, ...options });
      t.teardown(() => index.close());
      return index;
    },
  };
}

/** A record whose name is its event id. */
function record(eventId: string, fields: Partial<IndexedRecord> = {}): IndexedRecord {
  return {
    ...{ time: START, kind: 'finding', customer: 'acme', account: '111122223333', region: 'eu-west-1' },
    ...{ what: 'Recon:EC2/Portscan', key: `key-${eventId}`, source: '111122223333/eu-west-1', eventId },
    raw: `{"id":"${eventId}"}`,
    acked: [{ destination: 'siem', at: START + 5_000 }],
    ...fields,
  };
}

async function idsOf(index: SearchIndex, query: string | Partial<RecordQuery>): Promise<readonly string[]> {
  const asked = typeof query === 'string' ? { pattern: query } : query;
  const { records } = await index.search({ pattern: '', limit: 1_000, ...asked });
  return records.map(({ eventId }) => eventId);
}

/** Id of the first record and time of writing of each block. */
function blocksIn(path: string): readonly string[] {
  using database = new DatabaseSync(path, { readOnly: true });
  const blocks = database.prepare('select first, added_at from block order by first').all();
  return blocks.map(({ first, added_at }) => `${first} at ${added_at}`);
}

t.test('a pattern means what product.md says', async (t) => {
  const index = bench(t).open();
  index.add([
    record('member', {
      account: MEMBER,
      adminAccount: ADMIN,
      raw: `{"account":"${ADMIN}","accountId":"${MEMBER}"}`,
    }),
    record('mentions', { raw: `{"peer":"${MEMBER}"}` }),
    record('longer', { raw: '{"n":"77123456789123456"}' }),
    record('literal', { raw: 'the text [0-9]{12} and a (b+)+$ 100%_\\ end' }),
    record('lines', {
      kind: 'unparsed',
      what: '',
      raw: 'first line\nSECOND \u{1f600} line\0xyzana banana end',
    }),
  ]);

  const cases: readonly [pattern: string, ids: readonly string[]][] = [
    [`*${MEMBER}*`, ['longer', 'mentions', 'member']],
    [MEMBER, ['member']],
    ['1234-5678-9123', ['member']],
    [ADMIN, ['member']],
    ['9999-88887777', ['member']],
    [`${MEMBER}*`, ['longer', 'mentions', 'member']],
    ['*12345678?123*', ['longer', 'mentions', 'member']],
    ['12345678??23', ['longer', 'mentions', 'member']],
    ['*1234567891234*', ['longer']],
    ['*5678912345*', ['longer']],
    ['*234567891235*', []],
    ['*recon:ec2/port*', ['literal', 'longer', 'mentions', 'member']],
    ['*RECON:ec2?port*', ['literal', 'longer', 'mentions', 'member']],
    ['[0-9]{12}', ['literal']],
    ['*[0-9]{12}*', ['literal']],
    ['*[0-9]*', ['literal']],
    ['(b+)+$', ['literal']],
    ['*%_\\*', ['literal']],
    ['TEXT', ['literal']],
    ['*first*second*line*', ['lines']],
    ['*second*first*', []],
    ['*second*cond*', []],
    ['line?second', ['lines']],
    ['*\u{1f600}*', ['lines']],
    ['second ?? line', ['lines']],
    ['?end', ['literal', 'lines']],
    ['ba?ana', ['lines']],
    ['ba??na *', ['lines']],
    ['bo?ana', []],
    ['end?', []],
    ['key-lines', ['lines']],
    ['*acme*eu-west-1*unparsed*', ['lines']],
    ["'; drop table record; --", []],
    ['***', ['lines', 'literal', 'longer', 'mentions', 'member']],
    ['', ['lines', 'literal', 'longer', 'mentions', 'member']],
  ];
  for (const [pattern, ids] of cases) {
    t.same(new Set(await idsOf(index, pattern)), new Set(ids), JSON.stringify(pattern));
  }
});

t.test('a search finds what a plain look at every record finds', async (t) => {
  const letters = fc.constantFrom(...'0123456789'.repeat(3), 'a', 'B', '-', ' ');
  const text = fc.string({ unit: letters, maxLength: 60, size: 'max' });
  const pattern = fc.string({
    unit: fc.oneof(letters, fc.constantFrom('*', '?')),
    minLength: 1,
    maxLength: 16,
  });
  const { open, path } = bench(t);
  let run = 0;

  await fc.assert(
    fc.asyncProperty(
      fc.array(text, { minLength: 1, maxLength: 8 }),
      pattern,
      fc.nat(40),
      async (raws, free, at) => {
        run += 1;
        const index = open({ path: `${path}-${run}` });
        index.add(
          raws.map((raw, n) => record(String(n), { raw, what: '', key: '', customer: '', region: '' })),
        );
        const cut = (raws[0] ?? '').slice(at, at + 14);

        for (const asked of [free, `*${cut}*`, cut.replace('1', '?')]) {
          if (/^\d{12}$/.test(asked.replaceAll('-', ''))) continue;
          const wanted = raws.flatMap((raw, n) => (plainly(raw, asked) ? [String(n)] : []));
          const found = await idsOf(index, { pattern: asked });
          if (found.toSorted().join() !== wanted.join())
            throw new Error(`${asked}: ${found.join()}, not ${wanted.join()}`);
        }
        index.close();
      },
    ),
    { numRuns: 60 },
  );

  t.equal(run, 60);
});

t.test('every window of 12 digits of a text is listed, and only those', (t) => {
  const unit = fc.constantFrom(...'0123456789'.repeat(5), 'a', '-', 'é');

  fc.assert(
    fc.property(fc.string({ unit, maxLength: 80, size: 'max' }), (text) => {
      const windows = listWindows(Buffer.from(text));
      const listed = [...new Float64Array(windows?.buffer ?? new ArrayBuffer(0))];
      const wanted = new Set([...text.matchAll(/(?=(\d{12}))/g)].map(([, window]) => Number(window)));
      t.same(new Set(listed), wanted, text);
    }),
  );

  t.equal(listWindows(Buffer.from('0123456789'.repeat(10)))?.byteLength, 10 * 8, 'each one once');
  t.end();
});

/** What is searched before the raw text of such a record. */
const HEAD = ' 111122223333   finding   \n';

/** The same question put to a regular expression, which may be slow. */
function plainly(raw: string, pattern: string): boolean {
  const escaped = pattern.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&');
  const source = escaped.replaceAll('*', '[^]*').replaceAll('?', '[^]');
  return new RegExp(source, 'i').test(HEAD + raw);
}

t.test('a record stands once, with everyone who acknowledged it', async (t) => {
  const index = bench(t).open();
  const one = record('one');
  const later = [{ destination: 'siem', at: START + 9_000 }];

  index.add([one, record('two'), { ...one, acked: [{ destination: 'archive', at: START + 6_000 }] }]);
  index.add([
    { ...one, acked: [{ destination: 'lake', at: START + 1_000 }] },
    { ...one, acked: later },
  ]);
  index.add([record('one', { part: 1 }), record('one', { source: 'elsewhere' })]);

  const { records } = await index.search({ pattern: 'key-one', limit: 10 });
  t.equal(records.length, 3);
  t.same(
    records.find(({ part, source }) => part === undefined && source === one.source),
    {
      ...one,
      acked: [
        { destination: 'lake', at: START + 1_000 },
        { destination: 'siem', at: START + 5_000 },
        { destination: 'archive', at: START + 6_000 },
      ],
    },
  );
});

t.test('the newest records come first, however they came in, and no more than asked for', async (t) => {
  const index = bench(t).open();
  const times = Array.from({ length: 1_000 }, (_, n) => (n * 7_919) % 1_000);
  for (let from = 0; from < times.length; from += 250) {
    index.add(times.slice(from, from + 250).map((time) => record(String(time), { time: START + time })));
  }

  const { records, complete } = await index.search({ pattern: '*portscan*', limit: 300 });
  const ranged = await idsOf(index, { sinceMs: START + 10, untilMs: START + 13 });

  t.equal(complete, true);
  t.same(
    records.map(({ eventId }) => Number(eventId)),
    Array.from({ length: 300 }, (_, n) => 999 - n),
  );
  t.same(ranged, ['13', '12', '11', '10']);
});

t.test('a search may be narrowed by kind, customer, account and region', async (t) => {
  const index = bench(t).open();
  index.add([
    record('finding'),
    record('change', { kind: 'config-change', what: 'DeleteDetector by mallory', customer: 'globex' }),
    record('member', {
      account: MEMBER,
      adminAccount: ADMIN,
      region: 'us-east-1',
      severity: 8,
      title: 'A "title"',
    }),
  ]);

  t.same(await idsOf(index, { kinds: ['config-change', 'unparsed'] }), ['change']);
  t.same(await idsOf(index, { customers: ['globex'] }), ['change']);
  t.same(await idsOf(index, { account: MEMBER }), ['member']);
  t.same(await idsOf(index, { account: ADMIN }), ['member']);
  t.same(await idsOf(index, { region: 'us-east-1', pattern: '*a "TITLE"*' }), ['member']);
  t.same(await idsOf(index, { region: 'us-east-1', customers: ['globex'] }), []);
});

t.test('a search may be narrowed by severity, by type and by a glob of regions', async (t) => {
  const index = bench(t).open();
  const call = { kind: 'config-change' } as const;
  index.add([
    record('severe', { severity: 8.5, what: 'CryptoCurrency:EC2/BitcoinTool.B!DNS' }),
    record('mild', { severity: 2, region: 'eu-central-1' }),
    record('endless', { severity: Number.POSITIVE_INFINITY }),
    record('bare', { kind: 'unparsed', what: '' }),
    record('high', {
      ...call,
      level: 'high',
      what: 'UpdateIPSet by UpdateFilter by bob',
      region: 'us-east-1',
    }),
    record('medium', { ...call, level: 'medium', what: 'CreateFilter' }),
  ]);
  const cases: readonly [query: Partial<RecordQuery>, ids: readonly string[]][] = [
    [{ minSeverity: 0 }, ['high', 'medium', 'mild', 'severe']],
    [{ minSeverity: 4 }, ['high', 'medium', 'severe']],
    [{ minSeverity: 7 }, ['high', 'severe']],
    [{ minSeverity: 8.5 }, ['severe']],
    [{ type: 'cryptocurrency:*' }, ['severe']],
    [{ type: '*bitcointool.?!dns' }, ['severe']],
    [{ type: 'CryptoCurrency' }, []],
    [{ type: 'UpdateIPSet' }, ['high']],
    [{ type: '*filter*' }, ['medium']],
    [{ type: '' }, ['bare']],
    [{ region: 'eu-*' }, ['bare', 'endless', 'medium', 'mild', 'severe']],
    [{ region: '*-?' }, ['bare', 'endless', 'high', 'medium', 'mild', 'severe']],
    [{ region: 'eu' }, []],
  ];

  for (const [query, ids] of cases) {
    t.same((await idsOf(index, query)).toSorted(), ids, JSON.stringify(query));
  }
});

t.test('a glob means all of a text, and takes what its product with the text takes at the worst', (t) => {
  const unit = fc.constantFrom('a', 'b', '.', '*', '?');
  const text = fc.string({ unit, maxLength: 12 });

  fc.assert(
    fc.property(text, text, (long, glob) => {
      const source = glob.replaceAll('.', '\\.').replaceAll('*', '[^]*').replaceAll('?', '[^]');
      return matchesGlob(long, glob) === new RegExp(`^${source}$`).test(long);
    }),
  );

  t.notOk(matchesGlob('a'.repeat(50_000), `${'*a'.repeat(100)}b`), 'an expression would never end');
  t.end();
});

t.test('hostile text is kept as it is and found', async (t) => {
  const index = bench(t).open();
  const flood = Array.from({ length: 6_000 }, (_, n) => String(n).padStart(12, '9')).join(' ');
  const records = [
    record('flood', { raw: `${flood} ${MEMBER}` }),
    record('run', { raw: `${'1'.repeat(100_000)}2${'3'.repeat(100_000)}` }),
    record('controls', { raw: '\0\u0001\r\n\u2028\u202e', title: '\n', what: '"', customer: "'" }),
    record('wide', { raw: 'İstanbul ẞ \u{1f9ff}' }),
  ];
  index.add(records);
  const boundless = { severity: Number.POSITIVE_INFINITY };
  index.add([record('broken', { raw: 'half \ud83d of a pair', ...boundless })]);

  t.same(await idsOf(index, `*${MEMBER}*`), ['flood']);
  t.same(await idsOf(index, '*111111111112333333333333*'), ['run']);
  t.same(await idsOf(index, '*i̇STANBUL*'), ['wide']);
  t.same(await idsOf(index, 'half ? of a pair'), ['broken']);
  const { records: found } = await index.search({ pattern: '', limit: 10 });
  t.same(new Set(found.filter(({ eventId }) => eventId !== 'broken')), new Set(records));
});

t.test('a pattern cannot make a search slow', async (t) => {
  const index = bench(t).open();
  index.add([record('a', { raw: `${'a'.repeat(50_000)}` })]);
  const patterns = ['*a*'.repeat(170), `${'a?'.repeat(255)}b`, `${'*a?'.repeat(170)}b`, '?'.repeat(512)];

  for (const pattern of patterns) t.same(await idsOf(index, pattern), pattern.endsWith('b') ? [] : ['a']);

  await t.rejects(idsOf(index, 'a'.repeat(513)), { code: 'CLI-001', exitCode: 2 });
});

t.test('a search that takes too long gives what it has, and says so', async (t) => {
  const { clock, open } = bench(t);
  let ticks = 0;
  const hurrying = { ...clock, monotonic: () => (ticks += 4_000) };
  const index = open({ clock: hurrying });
  index.add(Array.from({ length: 1_000 }, (_, n) => record(String(n), { time: START + n })));

  const { records, complete } = await index.search({ pattern: '*', limit: 1_000 });

  t.equal(complete, false);
  t.ok(records.length > 0 && records.length < 1_000);
  t.equal(records[0]?.eventId, '999');
});

t.test('a search ends when nobody waits for it any more', async (t) => {
  const index = bench(t).open();
  index.add([record('one')]);

  await t.rejects(index.search({ pattern: '*', limit: 1 }, AbortSignal.abort()), { name: 'AbortError' });
});

t.test('a search sees one state, whatever is written meanwhile', async (t) => {
  const { clock, open } = bench(t);
  let days = 0;
  const index = open({ clock: { ...clock, now: () => START + days * DAY_MS } });
  const reader = open({ readOnly: true });
  index.add(Array.from({ length: 700 }, (_, n) => record(String(n))));

  const searching = reader.search({ pattern: '*portscan*', limit: 2_000 });
  index.add(Array.from({ length: 300 }, (_, n) => record(`late${n}`)));
  days = 8;
  index.prune();

  t.equal((await searching).records.length, 700);
  t.same(await idsOf(reader, '*'), []);
});

t.test('records that trickle in end up in few blocks, each packed once more at the most', async (t) => {
  const { clock, path, open } = bench(t);
  const index = open();
  const large = 'x'.repeat(300_000);

  for (let n = 0; n < 300; n += 1) index.add([record(String(n), { time: START + n })]);
  t.equal(blocksIn(path).length, 2 + 44);
  for (let n = 0; n < 9; n += 1) index.add([record(`large${n}`, { raw: large })]);
  const blocks = blocksIn(path);
  await clock.advance(1_000);
  index.add([record('last', { time: START + 1_000 })]);

  t.ok(blocks.length < 10, `${blocks.length} blocks`);
  t.same(blocksIn(path).slice(0, -1), blocks);
  const ids = await idsOf(index, '');
  t.equal(ids.length, 310);
  t.same(ids.slice(0, 3), ['last', '299', '298']);
});

t.test('packing a trickle together makes no record a day older than the days to keep', async (t) => {
  const { clock, open } = bench(t);
  const index = open();

  for (let hour = 0; hour < 13 * 24; hour += 1) {
    index.add([record(String(hour))]);
    await clock.advance(3_600_000);
    if (hour % 24 !== 23) continue;
    const oldest = Math.min(...(await idsOf(index, '')).map(Number));
    t.ok(oldest >= hour - 8 * 24 && oldest <= Math.max(0, hour - 6 * 24), `hour ${oldest} at hour ${hour}`);
  }
});

t.test('what is older than the days to keep is removed', async (t) => {
  const { clock, open } = bench(t);
  const index = open();
  index.add(Array.from({ length: 128 }, (_, n) => record(`old${n}`)));
  await clock.advance(4 * DAY_MS);
  index.add([record('young')]);

  await clock.advance(3 * DAY_MS + 1);
  index.add([record('new')]);
  t.same(new Set(await idsOf(index, '')), new Set(['young', 'new']));
  await clock.advance(8 * DAY_MS);
  index.prune();

  t.same(await idsOf(index, ''), []);
  index.add([record('old1')]);
  t.same(await idsOf(index, ''), ['old1'], 'a removed record may come again');
});

t.test('the file keeps to its size; the oldest records go', async (t) => {
  const { path, open } = bench(t);
  const index = open({ maxMegabytes: 2 });
  const noise = (n: number) =>
    Array.from({ length: 250 }, (_, k) => Math.sin(n * 1_000 + k).toString(36)).join();

  for (let n = 0; n < 3_000; n += 100) {
    index.add(
      Array.from({ length: 100 }, (_, k) =>
        record(String(n + k), { time: START + n + k, raw: noise(n + k) }),
      ),
    );
  }
  const ids = await idsOf(index, { limit: 5_000 });
  const bytes = statSync(path).size;
  index.close();
  const smaller = open({ maxMegabytes: 1 });
  smaller.prune();

  t.ok(bytes < 2.3 * 1_048_576, `${bytes} bytes`);
  t.ok(ids.length > 200 && ids.length < 3_000, `${ids.length} records`);
  t.same(
    ids,
    Array.from(ids, (_, n) => String(2_999 - n)),
    'the newest are there without a gap',
  );
  t.ok(statSync(path).size < bytes, 'the room goes back to the file system');
});

t.test('the index belongs to its user and outlives the agent', async (t) => {
  const { path, open } = bench(t);
  const first = open();
  first.add([record('one')]);
  for (const suffix of ['', '-wal', '-shm']) t.equal(statSync(path + suffix).mode & 0o777, 0o600);
  first.close();
  first.close();

  const second = open();
  second.add([record('two')]);

  t.same(await idsOf(second, ''), ['two', 'one']);
});

t.test('a damaged index, or one of another release, is started anew', async (t) => {
  const { path, open } = bench(t);
  const first = open();
  first.add([record('one')]);
  first.close();

  writeFileSync(path, 'not a database '.repeat(1_000));
  const second = open();
  second.add([record('two')]);
  t.same(await idsOf(second, ''), ['two']);
  second.close();
  {
    using database = new DatabaseSync(path);
    database.exec('pragma user_version = 1000');
  }
  await t.rejects(idsOf(open({ readOnly: true }), ''), { code: 'AGT-001', message: /another release/ });
  const third = open();
  third.add([record('three')]);
  t.same(await idsOf(third, ''), ['three']);
});

t.test('an index that is damaged under way is started anew', async (t) => {
  const { path, open } = bench(t);
  const index = open();
  index.add(Array.from({ length: 500 }, (_, n) => record(String(n))));
  {
    using other = new DatabaseSync(path);
    other.exec('pragma wal_checkpoint(truncate)');
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.fill(0xa5, 4_096));
    other.exec('pragma user_version = 1');
  }

  await t.rejects(index.search({ pattern: '*', limit: 1 }), { code: 'AGT-001', fix: /anew/ });
  index.add([record('next')]);

  t.same(await idsOf(index, ''), ['next']);
});

t.test('reading makes nothing and changes nothing', async (t) => {
  const { path, open } = bench(t);

  const missing = await open({ readOnly: true })
    .search({ pattern: '*', limit: 1 })
    .catch((error: unknown) => error);
  t.match(missing, { code: 'AGT-001', exitCode: 2, fix: /guardrelay run/ });
  t.notOk(existsSync(path));
  open().close();
  const reader = open({ readOnly: true });

  t.throws(() => reader.add([record('one')]), /opened to read/);
  t.same(await idsOf(reader, ''), []);
});

t.test('a place that cannot be written is named with what to do', (t) => {
  const directory = t.testdir({ file: 'not a directory' });
  const path = join(directory, 'file', 'search.db');

  t.throws(() => openSearchIndex({ path, clock: createVirtualClock(), keepDays: 1, maxMegabytes: 1 }), {
    code: 'AGT-001',
    exitCode: 2,
    fix: /write/,
  });
  t.end();
});
