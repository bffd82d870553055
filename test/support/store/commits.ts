import type { Test } from 'tap';

import type { SourceFacts } from '../../../agent/model/source-facts.ts';
import type { Bench } from './bench.ts';
import {
  claimFrom,
  claimOne,
  finishedOf,
  inspected,
  keeping,
  keyOf,
  positionOf,
  progressOf,
  specOf,
  stateOf,
} from './rows.ts';

export function commitContract(t: Test, bench: Bench): void {
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
