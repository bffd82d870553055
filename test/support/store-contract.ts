import type { Test } from 'tap';

import type { CheckpointStore } from '../../agent/checkpoint/store.ts';
import { GuardrelayError } from '../../agent/model/error.ts';
import type { SourceFacts } from '../../agent/model/source-facts.ts';
import { storeProperty } from './store-property.ts';
import {
  claimFrom,
  claimOne,
  finishedOf,
  inspected,
  keeping,
  keyOf,
  positionOf,
  progressOf,
  releasing,
  specOf,
  stateOf,
} from './stored.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** An empty store of one kind, and the clock that it lives by. */
export interface StoreBench {
  readonly clock: VirtualClock;
  /** One more handle on the same rows, closed after the test. */
  open(): Promise<CheckpointStore>;
  /** Leaves the schema number of a release to come. */
  raiseSchema(): Promise<void>;
}

type Bench = (t: Test) => StoreBench;

/** What every checkpoint store must keep, whatever holds its rows. */
export function storeContract(t: Test, bench: Bench): void {
  t.test('leases', async (t) => leaseContract(t, bench));
  t.test('commits', async (t) => commitContract(t, bench));
  t.test('sources', async (t) => sourceContract(t, bench));
  t.test('stored values', async (t) => valueContract(t, bench));
  storeProperty(t, bench);
}

function leaseContract(t: Test, bench: Bench): void {
  t.test('the fence of a source grows with each claim', async (t) => {
    const { clock, open } = bench(t);
    const store = await open();
    const first = await claimFrom(store, 'a');
    await clock.advance(20_000);

    const second = await claimOne(store, 'second');
    await store.commit([releasing(second, [], 0)]);
    const third = await claimOne(store, 'third');

    t.ok(first.fence < second.fence && second.fence < third.fence);
  });

  t.test('a source has one owner until the lease ends, then anyone may claim it', async (t) => {
    const { clock, open } = bench(t);
    const [store, other] = [await open(), await open()];
    const lease = await claimFrom(store, 'a');

    await clock.advance(19_999);
    const early = await other.claim('other', 10, 20_000);
    await clock.advance(1);
    const late = await other.claim('other', 10, 20_000);

    t.equal(lease.deadline, 18_000, 'two seconds are kept as a margin');
    t.equal(early.length, 0);
    t.match(late, [{ source: 'a' }]);
  });

  t.test('the longest overdue come first, and no more than asked for', async (t) => {
    const { clock, open } = bench(t);
    const store = await open();
    await store.sync(['a', 'b', 'c'].map(specOf));
    for (const lease of await store.claim('me', 3, 20_000)) {
      const nextPollMs = { a: 3_000, b: 1_000, c: 2_000 }[lease.source] ?? 0;
      await store.commit([releasing(lease, [], nextPollMs)]);
    }
    await clock.advance(5_000);

    const claimed = await store.claim('me', 2, 20_000);

    t.same(
      claimed.map(({ source }) => source),
      ['b', 'c'],
    );
  });

  t.test('a kept lease lasts as long as it is extended', async (t) => {
    const { clock, open } = bench(t);
    const store = await open();
    const lease = await claimFrom(store, 'a');

    for (let turn = 0; turn < 9; turn += 1) {
      await clock.advance(6_700);
      t.same(await store.extend([lease], 20_000), ['ok']);
      t.equal(lease.deadline, clock.monotonic() + 18_000);
      t.same(await store.claim('other', 10, 20_000), []);
    }
    await clock.advance(20_000);

    t.equal((await store.claim('other', 10, 20_000)).length, 1);
  });

  t.test('a commit that keeps the lease prolongs it; one that releases sets the next poll', async (t) => {
    const { clock, open } = bench(t);
    const store = await open();
    const lease = await claimFrom(store, 'a');

    await clock.advance(15_000);
    await store.commit([keeping(lease)]);
    await clock.advance(15_000);
    t.match(await inspected(store), [{ owner: 'first', nextPollAt: clock.now() + 5_000 }]);
    t.equal(lease.deadline, 33_000);
    await store.commit([releasing(lease)]);
    await clock.advance(59_999);
    const early = await store.claim('other', 10, 20_000);
    await clock.advance(1);

    t.equal(early.length, 0);
    t.equal((await store.claim('other', 10, 20_000)).length, 1);
  });

  t.test('a free source that is woken is due at once', async (t) => {
    const { open } = bench(t);
    const store = await open();
    await store.commit([releasing(await claimFrom(store, 'a'))]);

    await store.wake(['a', 'unknown']);

    t.equal((await store.claim('other', 10, 20_000)).length, 1);
  });

  t.test('a leased source that is woken is due when it is released', async (t) => {
    const { open } = bench(t);
    const store = await open();
    const lease = await claimFrom(store, 'a');

    await store.wake(['a']);
    const leased = await store.claim('other', 10, 20_000);
    await store.commit([keeping(lease)]);
    const kept = await store.claim('other', 10, 20_000);
    await store.commit([releasing(lease)]);

    t.same([leased, kept], [[], []]);
    t.equal((await store.claim('other', 10, 20_000)).length, 1);
  });

  t.test('closing gives leases back, but not those that others have taken', async (t) => {
    const { clock, open } = bench(t);
    const [store, other] = [await open(), await open()];
    const taken = await claimFrom(store, 'a');
    await clock.advance(20_000);
    const current = await claimOne(other, 'other');
    await store.sync(['a', 'b'].map(specOf));
    const held = await claimOne(store, 'first');

    await store.close([taken, held]);
    await store.close([taken, held]);

    t.match(await other.claim('other', 10, 20_000), [{ source: 'b' }]);
    t.same(await other.extend([current], 20_000), ['ok']);
  });
}

function commitContract(t: Test, bench: Bench): void {
  t.test('a commit and an extension under an old fence change nothing', async (t) => {
    const { clock, open } = bench(t);
    const [store, other] = [await open(), await open()];
    const stale = await claimFrom(store, 'a');
    const staleDeadline = stale.deadline;
    await clock.advance(20_000);
    const current = await claimOne(other, 'other');
    const before = await inspected(other);

    const facts: SourceFacts = { pollSeconds: 1, destinations: {} };
    const committed = await store.commit([{ ...keeping(stale, progressOf('a', 7)), facts }]);
    const extended = await store.extend([stale], 90_000);

    t.same([...committed, ...extended], ['fenced', 'fenced']);
    t.equal(stale.deadline, staleDeadline);
    t.same(await inspected(other), before);
    t.same(await other.finished(current, [keyOf('7')]), [0n]);
  });

  t.test('a fenced item leaves the others of its commit alone', async (t) => {
    const { clock, open } = bench(t);
    const store = await open();
    const stale = await claimFrom(store, 'a');
    await clock.advance(20_000);
    const current = await claimOne(store, 'other');
    await store.sync(['a', 'b'].map(specOf));
    const good = await claimOne(store, 'me');

    const results = await store.commit([
      keeping(stale, progressOf('a', 7)),
      keeping(good, progressOf('b', 8)),
      keeping(current, []),
    ]);

    t.same(results, ['fenced', 'ok', 'ok']);
    const [a, b] = await inspected(store);
    t.equal(a?.saved, undefined);
    t.match(b?.saved, { state: { highWater: 8 }, positions: [{ floor: 8 }] });
    t.same(await store.finished(current, [keyOf('7')]), [0n]);
    t.same(await store.finished(good, [keyOf('8')]), [1n]);
  });

  t.test('what is acknowledged is there for every handle', async (t) => {
    const { clock, open } = bench(t);
    const store = await open();
    const lease = await claimFrom(store, 'a');

    await store.commit([keeping(lease, progressOf('a', 7))]);
    const other = await open();
    await clock.advance(20_000);
    const next = await claimOne(other, 'other');

    t.same(next.saved, { state: stateOf('a', 7), positions: [positionOf('a', 'siem', 7)] });
    t.same(await other.finished(next, [keyOf('7'), keyOf('8')]), [1n, 0n]);
  });

  t.test('an identical commit may be repeated', async (t) => {
    const { open } = bench(t);
    const store = await open();
    const lease = await claimFrom(store, 'a');
    const item = keeping(lease, progressOf('a', 7));
    await store.commit([item]);
    const once = await inspected(store);

    const again = await store.commit([item]);

    t.same(again, ['ok']);
    t.same(await inspected(store), once);
    t.same(await store.finished(lease, [keyOf('7')]), [1n]);
  });

  t.test('an item that cannot be stored leaves nothing, and does not hinder another commit', async (t) => {
    const { open } = bench(t);
    const store = await open();
    const bad = await claimFrom(store, 'a', 'b');
    const good = await claimOne(store, 'first');

    const results = await Promise.allSettled([
      store.commit([keeping(bad, [...progressOf(bad.source, 7), finishedOf(bad.source, 8, 2n ** 64n)])]),
      store.commit([keeping(good, progressOf(good.source, 9))]),
      store.commit([keeping(good, progressOf(bad.source, 9))]),
    ]);

    t.match(results, [
      { status: 'rejected' },
      { status: 'fulfilled', value: ['ok'] },
      { status: 'rejected', reason: { message: `a lease of ${good.source} cannot change ${bad.source}` } },
    ]);
    t.same(await store.finished(bad, [keyOf('7')]), [0n]);
    const written = (await inspected(store)).filter(({ saved }) => saved);
    t.match(written, [{ spec: { source: good.source }, saved: { state: { highWater: 9 } } }]);
  });
}

function sourceContract(t: Test, bench: Bench): void {
  t.test('a source that leaves keeps its checkpoint, and goes on from it when it returns', async (t) => {
    const { open } = bench(t);
    const store = await open();
    const first = await store.sync(['a', 'b'].map(specOf));
    const lease = await claimOne(store, 'me');
    await store.commit([releasing(lease, progressOf('a', 7), 0)]);

    const left = await store.sync([specOf('b')]);
    const away = await store.claim('me', 10, 20_000);
    await store.wake(['a']);
    t.match(await inspected(store), [
      { enabled: false, saved: { state: { highWater: 7 } } },
      { enabled: true },
    ]);
    const back = await store.sync(['a', 'b'].map(specOf));
    const again = await claimOne(store, 'me');

    t.same(first, { added: ['a', 'b'], disabled: [] });
    t.same(left, { added: [], disabled: ['a'] });
    t.match(away, [{ source: 'b' }]);
    t.same(back, { added: ['a'], disabled: [] });
    t.match(again, { source: 'a', saved: { state: { highWater: 7 } } });
    t.same(await store.finished(again, [keyOf('7')]), [1n]);
  });

  t.test('a source that is disabled while leased is fenced', async (t) => {
    const { clock, open } = bench(t);
    const store = await open();
    const lease = await claimFrom(store, 'a');

    await store.sync([]);
    const results = [
      ...(await store.commit([releasing(lease, progressOf('a', 7), 0)])),
      ...(await store.extend([lease], 20_000)),
    ];
    await clock.advance(3 * 86_400_000);

    t.same(results, ['fenced', 'fenced']);
    t.same(await store.claim('other', 10, 20_000), []);
  });

  t.test('a sync that changes nothing moves nothing, and a changed description follows', async (t) => {
    const { open } = bench(t);
    const store = await open();
    const lease = await claimFrom(store, 'a');
    const before = await inspected(store);

    const same = await store.sync([specOf('a'), specOf('a')]);
    t.same(await inspected(store), before);
    await store.sync([{ ...specOf('a'), partition: 'aws-cn' }]);

    t.same(same, { added: [], disabled: [] });
    t.match(await inspected(store), [{ spec: { partition: 'aws-cn' } }]);
    t.same(await store.extend([lease], 20_000), ['ok'], 'the owner keeps its lease');
  });

  t.test('inspect streams all sources in order, with facts and the owner of a running lease', async (t) => {
    const { clock, open } = bench(t);
    const store = await open();
    const names = Array.from({ length: 600 }, (_, index) => `s${String(index).padStart(3, '0')}`);
    const lease = await claimFrom(store, ...names);
    const facts: SourceFacts = {
      lastReadAt: 5,
      lastEventKind: 'config-change',
      failure: { cause: 'kms', code: 'LOG-005', text: 'KMS said no', since: 4 },
      pollSeconds: 60,
      destinations: { siem: { grade: 'indexed', mode: 'behind', waiting: 2, quarantined: 1, lagMs: 30 } },
    };

    await store.commit([{ ...keeping(lease), facts }]);
    await store.commit([keeping(lease)]);
    const statuses = await inspected(store);
    await clock.advance(20_000);

    t.same(
      statuses.map(({ spec }) => spec.source),
      names,
    );
    t.same(statuses.find(({ spec }) => spec.source === lease.source)?.facts, facts);
    t.same(
      statuses.filter(({ owner }) => owner === 'first').map(({ spec }) => spec.source),
      [lease.source],
    );
    t.notOk((await inspected(store)).some(({ owner }) => owner !== undefined));
  });
}

function valueContract(t: Test, bench: Bench): void {
  t.test('masks hold 63 destinations and only gain bits', async (t) => {
    const { open } = bench(t);
    const store = await open();
    const lease = await claimFrom(store, 'a');

    await store.commit([keeping(lease, [finishedOf('a', 1, 1n << 62n), finishedOf('a', 2, 2n ** 63n - 1n)])]);
    await store.commit([keeping(lease, [finishedOf('a', 1, 1n), finishedOf('a', 2, 1n)])]);

    t.same(await store.finished(lease, ['1', '2', '3'].map(keyOf)), [(1n << 62n) | 1n, 2n ** 63n - 1n, 0n]);
    t.same(await store.finished(lease, []), []);
  });

  t.test('finished events are forgotten by time, and all of them with their log group', async (t) => {
    const { open } = bench(t);
    const store = await open();
    const lease = await claimFrom(store, 'a', 'b');
    const neighbour = await claimOne(store, 'first');
    const events = [1, 2, 3].map((event) => finishedOf(lease.source, event, 1n));
    await store.commit([keeping(lease, events), keeping(neighbour, [finishedOf(neighbour.source, 1, 1n)])]);
    const known = () => store.finished(lease, ['1', '2', '3'].map(keyOf));

    await store.commit([keeping(lease, [{ kind: 'forget', source: lease.source, before: 2 }])]);
    const later = await known();
    await store.commit([keeping(lease, [{ kind: 'generation', source: lease.source, generation: 2 }])]);

    t.same(later, [0n, 1n, 1n]);
    t.same(await known(), [0n, 0n, 0n]);
    t.same(await store.finished(neighbour, [keyOf('1')]), [1n]);
  });

  const hostile = [
    "'; drop table lease; --",
    '"',
    '%',
    '_',
    'ü\u{1f600}',
    'line\nbreak',
    'a/b:c',
    '\\',
    '{"a":1}',
  ];
  for (const source of hostile) {
    t.test(`a source may be called ${JSON.stringify(source)}`, async (t) => {
      const { clock, open } = bench(t);
      const store = await open();
      const lease = await claimFrom(store, source, 'neighbour');
      const other = await claimOne(store, 'first');
      const own = [lease, other].find((each) => each.source === source);
      if (!own) throw new Error('the source was not handed out');

      const results = await store.commit([releasing(own, progressOf(source, 7))]);
      await store.wake([source]);
      const [again] = await store.claim('other', 10, 20_000);
      await clock.advance(0);

      t.same(results, ['ok']);
      t.match(again, { source, spec: specOf(source), saved: { state: { source, highWater: 7 } } });
    });
  }

  t.test('a state of 1 MB comes back whole', async (t) => {
    const { open } = bench(t);
    const store = await open();
    const lease = await claimFrom(store, 'a');
    const sweeps = Array.from({ length: 30_000 }, (_, doneAt) => ({ windowMinutes: 1_500, doneAt }));
    const state = { ...stateOf('a', 7), sweeps };

    await store.commit([releasing(lease, [{ kind: 'state', state }], 0)]);

    t.ok(JSON.stringify(state).length > 1_000_000);
    t.same((await claimOne(store, 'other')).saved, { state, positions: [] });
  });

  t.test('a schema of a newer release is refused', async (t) => {
    const { open, raiseSchema } = bench(t);
    await (await open()).close();
    await raiseSchema();

    const error = await open().catch((thrown: unknown) => thrown);

    if (!(error instanceof GuardrelayError)) throw new Error(`not refused: ${String(error)}`);
    t.match(error, { code: 'AGT-002', exitCode: 2, message: /schema 1000 is newer/, fix: /newer one/ });
  });
}
