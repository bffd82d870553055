import type { Test } from 'tap';

import type { Bench } from './bench.ts';
import { claimFrom, claimOne, inspected, keeping, releasing, specOf } from './rows.ts';

export function leaseContract(t: Test, bench: Bench): void {
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

  t.test('who claims a source learns who had it and did not give it back', async (t) => {
    const { clock, open } = bench(t);
    const store = await open();
    const first = await claimFrom(store, 'a');
    await clock.advance(20_000);

    const lapsed = await claimOne(store, 'second');
    await store.commit([releasing(lapsed, [], 0)]);
    const free = await claimOne(store, 'third');

    t.equal(lapsed.lapsedOwner, 'first');
    t.equal(lapsed.fence, first.fence + 1n, 'nobody had it in between');
    t.same([first.lapsedOwner, free.lapsedOwner], [undefined, undefined]);
  });

  t.test('the longest overdue come first, and no more than asked for', async (t) => {
    const { clock, open } = bench(t);
    const store = await open();
    await store.sync(['a', 'b', 'c'].map(specOf));
    const releasedAt = clock.now();
    for (const lease of await store.claim('me', 3, 20_000)) {
      const nextPollMs = { a: 3_000, b: 1_000, c: 2_000 }[lease.source] ?? 0;
      await store.commit([releasing(lease, [], nextPollMs)]);
    }
    await clock.advance(5_000);

    const claimed = await store.claim('me', 2, 20_000);

    t.same(
      claimed.map(({ source, dueAt }) => ({ source, dueAt })),
      [
        { source: 'b', dueAt: releasedAt + 1_000 },
        { source: 'c', dueAt: releasedAt + 2_000 },
      ],
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
