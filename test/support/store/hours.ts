import type { Test } from 'tap';

import type { CheckpointStore } from '../../../agent/checkpoint/store.ts';
import type { Change } from '../../../agent/model/position.ts';
import type { Bench } from './bench.ts';
import { claimFrom, finishedOf, keeping, releasing } from './rows.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const FINDING = { findings: 1, changes: 0 };
const CHANGE = { findings: 0, changes: 1 };

function heartbeatsOf(hour: number, minutes: bigint): Change {
  return { kind: 'heartbeats', source: 'a', region: 'eu-west-1', hour, minutes };
}

async function partOf({ hours }: CheckpointStore, hour: number) {
  const { parts } = await hours.read(hour);
  return parts;
}

export function hourContract(t: Test, bench: Bench): void {
  t.test(
    'heartbeats are counted by the minute they were sent in, however often they are stored',
    async (t) => {
      const { open } = bench(t);
      const store = await open();
      const lease = await claimFrom(store, 'a');

      await store.commit([keeping(lease, [heartbeatsOf(7, 0b1001n), heartbeatsOf(8, 1n << 59n)])]);
      await store.commit([keeping(lease, [heartbeatsOf(7, 0b1010n)])]);

      t.match(await partOf(store, 7), [{ source: 'a', region: 'eu-west-1', heartbeats: 3 }]);
      t.match(await partOf(store, 8), [{ heartbeats: 1 }]);
    },
  );

  t.test('an event is counted once, in the hour in which a destination first had it', async (t) => {
    const { clock, open } = bench(t);
    const store = await open();
    const lease = await claimFrom(store, 'a');
    const hour = Math.floor(clock.now() / HOUR_MS);
    const finding = { ...finishedOf('a', 5, 1n), counts: FINDING } as const;
    const change = { ...finishedOf('a', 6, 1n), counts: CHANGE } as const;

    const item = keeping(lease, [finding, change, finishedOf('a', 7, 1n)], 2 * HOUR_MS);
    await store.commit([item]);
    await store.commit([item]);
    await clock.advance(HOUR_MS);
    await store.commit([keeping(lease, [{ ...finding, ...{ mask: 2n } }])]);

    t.match(await partOf(store, hour), [{ findings: 1, changes: 1, quarantined: 0 }]);
    t.same(await partOf(store, hour + 1), []);
  });

  t.test('a refusal is counted once for each destination that refused', async (t) => {
    const { clock, open } = bench(t);
    const store = await open();
    const lease = await claimFrom(store, 'a');
    const hour = Math.floor(clock.now() / HOUR_MS);
    const taken = { ...finishedOf('a', 5, 0b011n), refused: 0b001n, counts: FINDING } as const;

    await store.commit([keeping(lease, [taken])]);
    await store.commit([keeping(lease, [taken])]);
    await store.commit([keeping(lease, [{ ...taken, ...{ mask: 0b100n, refused: 0b100n } }])]);

    t.match(await partOf(store, hour), [{ findings: 1, quarantined: 2 }]);
  });

  t.test('a fenced commit counts nothing', async (t) => {
    const { clock, open } = bench(t);
    const store = await open();
    const lease = await claimFrom(store, 'a');
    await store.commit([releasing(lease, [], 0)]);
    await store.claim('other', 1, 20_000);
    const finding = { ...finishedOf('a', 5, 1n), counts: FINDING } as const;

    await store.commit([keeping(lease, [heartbeatsOf(7, 1n), finding])]);

    t.same(await partOf(store, 7), []);
    t.same(await partOf(store, Math.floor(clock.now() / HOUR_MS)), []);
  });

  t.test('the minutes of an hour in which some agent ran are counted once', async (t) => {
    const { clock, open } = bench(t);
    const [store, other] = [await open(), await open()];
    const hour = Math.floor(clock.now() / HOUR_MS);
    t.equal(await store.hours.firstWatched(), undefined);

    await store.hours.watch();
    await other.hours.watch();
    await clock.advance(59 * MINUTE_MS);
    await store.hours.watch();
    await clock.advance(MINUTE_MS);
    await store.hours.watch();

    t.equal(await other.hours.firstWatched(), hour);
    t.same(await other.hours.read(hour), { watchedMinutes: 2, parts: [] });
    t.same(await other.hours.read(hour + 1), { watchedMinutes: 1, parts: [] });
    t.same(await other.hours.read(hour + 2), { watchedMinutes: 0, parts: [] });
  });

  t.test('hours are forgotten when they are told', async (t) => {
    const { open } = bench(t);
    const store = await open();
    const lease = await claimFrom(store, 'a');
    await store.hours.watch();
    await store.commit([keeping(lease, [heartbeatsOf(7, 1n), heartbeatsOf(8, 1n)])]);

    await store.hours.forget(8);

    t.same(await partOf(store, 7), []);
    t.match(await partOf(store, 8), [{ heartbeats: 1 }]);
    t.not(await store.hours.firstWatched(), undefined);
  });
}
