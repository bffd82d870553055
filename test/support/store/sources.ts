import type { Test } from 'tap';

import type { SourceFacts } from '../../../agent/model/source-facts.ts';
import type { Bench } from './bench.ts';
import { claimFrom, claimOne, inspected, keeping, keyOf, progressOf, releasing, specOf } from './rows.ts';

export function sourceContract(t: Test, bench: Bench): void {
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

  t.test('what is finished can be asked for by what inspect tells, without a lease', async (t) => {
    const { open } = bench(t);
    const store = await open();
    const lease = await claimFrom(store, 'a', 'b');
    await store.commit([keeping(lease, progressOf(lease.source, 7))]);

    const statuses = await inspected(store);
    const masks = await Promise.all(statuses.map((status) => store.finished(status, [keyOf('7')])));

    t.same(
      statuses.map(({ spec }, at) => [spec.source, masks[at]]),
      ['a', 'b'].map((name) => [name, [name === lease.source ? 1n : 0n]]),
    );
  });
}
