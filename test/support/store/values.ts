import type { Test } from 'tap';

import { GuardrelayError } from '../../../agent/model/error.ts';
import type { Change } from '../../../agent/model/position.ts';
import type { Bench } from './bench.ts';
import {
  claimFrom,
  claimOne,
  finishedOf,
  keeping,
  keyOf,
  progressOf,
  releasing,
  specOf,
  stateOf,
} from './rows.ts';

export function valueContract(t: Test, bench: Bench): void {
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

  t.test('finished events that a sweep proves are forgotten, and only those', async (t) => {
    const { open } = bench(t);
    const store = await open();
    const lease = await claimFrom(store, 'a', 'b');
    const neighbour = await claimOne(store, 'first');
    const ingested = (event: number, ingestionTime: number, mask: bigint): Change => ({
      ...{ kind: 'finished', source: lease.source, key: keyOf(String(event)) },
      ...{ timestamp: event, ingestionTime, mask },
    });
    const theirs = finishedOf(neighbour.source, 3, 1n);
    const events = [
      ingested(1, 10, 1n),
      ingested(2, 10, 1n),
      ingested(3, 11, 1n),
      ingested(4, 10, 3n),
      ingested(5, 10, 1n),
      finishedOf(lease.source, 6, 1n),
      ingested(7, 10, (1n << 62n) | 1n),
      ingested(8, 10, 1n),
    ];
    await store.commit([keeping(lease, events), keeping(neighbour, [theirs])]);

    const proved = { from: 2, to: 7, ingestedUntil: 10, mask: (1n << 62n) | 1n };
    await store.commit([keeping(lease, [{ kind: 'proved', source: lease.source, ...proved }])]);

    const masks = await store.finished(lease, [1, 2, 3, 4, 5, 6, 7, 8].map(String).map(keyOf));
    t.same(
      masks.map((mask, index) => (mask === 0n ? 0 : index + 1)),
      [1, 0, 3, 4, 0, 6, 0, 8],
      'too early, proved, ingested later, for another too, proved, not known, proved, too late',
    );
    t.equal(await store.finishedCount(lease, 10), 5);
    t.equal(await store.finishedCount(lease, 3), 3, 'no further than it is asked');
    t.equal(await store.finishedCount(neighbour, 10), 1);
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
