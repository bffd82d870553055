import type { Test } from 'tap';
import type {
  CheckpointStore,
  FinishedEvent,
  Lease,
  StoredCheckpoint,
} from '../../../agent/checkpoint/store.ts';
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
  releasing,
  specOf,
  stateOf,
} from './rows.ts';

/** What commands that change or copy checkpoints need of a store. */
export function byHandContract(t: Test, bench: Bench): void {
  t.test('sources that nobody holds can be had before they are due, under a new fence', async (t) => {
    const { clock, open } = bench(t);
    const store = await open();
    const earlier = await claimFrom(store, 'a');
    await store.commit([releasing(earlier, progressOf('a', 7))]);

    const acquired = await store.acquire('hand', [specOf('a')], 20_000);
    const [lease] = leasesOf(acquired);
    await store.wake(['a']);
    await clock.advance(19_999);
    const early = await store.claim('other', 10, 20_000);
    const late = await store.commit([keeping(earlier, progressOf('a', 9))]);
    await store.commit([releasing(lease, [], 0)]);

    t.match(lease, { source: 'a', spec: specOf('a'), saved: { state: { highWater: 7 } } });
    t.equal(lease.deadline, 18_000);
    t.ok(lease.fence > earlier.fence);
    t.same(early, [], 'held as long as any lease');
    t.same(late, ['fenced'], 'who had it before changes nothing');
    t.match(await store.claim('other', 10, 20_000), [{ source: 'a', saved: { state: { highWater: 7 } } }]);
  });

  t.test('while another owner holds one of them, none is had', async (t) => {
    const { clock, open } = bench(t);
    const store = await open();
    const held = await claimFrom(store, 'a', 'b');
    const free = held.source === 'a' ? 'b' : 'a';

    const refused = await store.acquire('hand', ['a', 'b', 'c'].map(specOf), 20_000);
    const known = await inspected(store);
    const stillMine = await store.extend([held], 20_000);
    await clock.advance(20_000);
    const acquired = await store.acquire('hand', ['a', 'b'].map(specOf), 20_000);

    t.same(refused, { kind: 'held', holders: [{ source: held.source, owner: 'first' }] });
    t.same(
      known.map(({ spec }) => spec.source),
      ['a', 'b'],
      'and none is made known',
    );
    t.notOk(known.some(({ spec, owner }) => spec.source === free && owner));
    t.same(stillMine, ['ok']);
    t.equal(leasesOf(acquired).length, 2, 'a lease that has ended holds nobody off');
  });

  t.test('what was unknown is disabled until a sync names it, whatever was stored', async (t) => {
    const { clock, open } = bench(t);
    const store = await open();
    const [lease] = leasesOf(await store.acquire('hand', [specOf('a')], 20_000));
    await store.extend([lease], 20_000);
    await store.commit([keeping(lease, progressOf('a', 7))]);
    await store.commit([releasing(lease, [], 0)]);
    await store.close([lease]);
    const other = await open();
    await clock.advance(3 * 86_400_000);

    const statuses = await inspected(other);
    const due = await other.claim('other', 10, 20_000);
    const { added } = await other.sync([specOf('a')]);

    t.match(statuses, [{ spec: { source: 'a' }, enabled: false, owner: undefined }]);
    t.same(due, []);
    t.same(added, ['a']);
    t.match(await claimOne(other, 'other'), { source: 'a', saved: { state: { highWater: 7 } } });
  });

  t.test('of a disabled source the newest fence counts, and a sync ends it', async (t) => {
    const { open } = bench(t);
    const store = await open();
    const [first] = leasesOf(await store.acquire('hand', [specOf('a')], 20_000));

    const [second] = leasesOf(await store.acquire('another', [specOf('a')], 20_000));
    const displaced = await store.commit([keeping(first, progressOf('a', 1))]);
    await store.sync([specOf('a')]);
    const claimed = await claimOne(store, 'agent');
    const outdated = await store.commit([keeping(second, progressOf('a', 2))]);

    t.same([...displaced, ...outdated], ['fenced', 'fenced']);
    t.equal(claimed.saved, undefined);
  });

  t.test('bits are taken back from a time on, and what has none left is forgotten', async (t) => {
    const { open } = bench(t);
    const store = await open();
    const lease = await claimFrom(store, 'a', 'b');
    const neighbour = await claimOne(store, 'first');
    const masks = [0b11n, 0b01n, 0b11n, 0b01n, 0b10n];
    const events = [
      { kind: 'state', state: stateOf(lease.source, 4) } as const,
      ...masks.map((mask, event) => finishedOf(lease.source, event, mask)),
    ];
    await store.commit([keeping(lease, events), keeping(neighbour, [finishedOf(neighbour.source, 4, 1n)])]);
    const change = { kind: 'unfinished', source: lease.source, mask: 0b01n, from: 2 } as const;

    await store.commit([keeping(lease, [change])]);
    await store.commit([keeping(lease, [change])]);

    t.same(await store.finished(lease, ['0', '1', '2', '3', '4'].map(keyOf)), [3n, 1n, 2n, 0n, 2n]);
    t.same(await store.finished(neighbour, [keyOf('4')]), [1n]);
    t.equal((await walked(store)).get(lease.source)?.length, 4);
  });

  t.test('a snapshot shows every checkpoint as it was when it began', async (t) => {
    const { open } = bench(t);
    const store = await open();
    await store.sync(['a', 'b', 'never read'].map(specOf));
    const leases = await store.claim('me', 2, 20_000);
    await store.commit(leases.map((lease) => keeping(lease, progressOf(lease.source, 7))));

    const walk = store.snapshot()[Symbol.asyncIterator]();
    const first = await walk.next();
    await store.commit(leases.map((lease) => keeping(lease, progressOf(lease.source, 8))));
    const second = await walk.next();
    const events = second.done ? [] : await eventsOf(second.value);
    const end = await walk.next();

    t.match(first.value, {
      spec: specOf('a'),
      state: stateOf('a', 7),
      positions: [positionOf('a', 'siem', 7)],
    });
    t.match(second.value, { spec: specOf('b'), state: stateOf('b', 7) });
    t.same(events, [{ key: keyOf('7'), timestamp: 7, mask: 1n }]);
    t.equal(end.done, true, 'what was never read has no checkpoint');
    t.equal((await walked(store)).get('b')?.length, 2, 'and the next one shows what came since');
  });

  t.test('changes may come one by one, and those of a walk that breaks off leave nothing', async (t) => {
    const { open } = bench(t);
    const store = await open();
    const lease = await claimFrom(store, 'a');
    const stateChange = { kind: 'state', state: stateOf('a', 7) } as const;
    function* many(count: number, broken = false) {
      for (let event = 0; event < count; event += 1) yield finishedOf('a', event, 2n ** 62n);
      if (broken) throw new Error('the document ends here');
    }

    const broken = await store
      .commit([{ ...keeping(lease, [stateChange]), more: many(500, true) }])
      .catch(String);
    const nothing = await inspected(store);
    const unknown = await store.finished(lease, [keyOf('0')]);
    const results = await store.commit([{ ...keeping(lease, [stateChange]), more: many(5_000) }]);

    t.match(broken, /the document ends here/);
    t.equal(nothing[0]?.saved, undefined);
    t.same(unknown, [0n]);
    t.same(results, ['ok']);
    t.same(await store.finished(lease, [keyOf('4999')]), [2n ** 62n]);
  });
}

function leasesOf(acquired: Awaited<ReturnType<CheckpointStore['acquire']>>): readonly [Lease, ...Lease[]] {
  if (acquired.kind === 'held') throw new Error(`held by ${acquired.holders[0]?.owner}`);
  const [first, ...others] = acquired.leases;
  if (!first) throw new Error('nothing was asked for');
  return [first, ...others];
}

async function eventsOf({ finished }: StoredCheckpoint): Promise<readonly FinishedEvent[]> {
  const events: FinishedEvent[] = [];
  for await (const event of finished) events.push(event);
  return events;
}

/** The finished events of every source. */
async function walked(store: CheckpointStore): Promise<ReadonlyMap<string, readonly FinishedEvent[]>> {
  const found = new Map<string, readonly FinishedEvent[]>();
  for await (const checkpoint of store.snapshot()) {
    found.set(checkpoint.spec.source, await eventsOf(checkpoint));
  }
  return found;
}
