import type { Test } from 'tap';

import type { Mute } from '../../../agent/model/mute.ts';
import type { Bench } from './bench.ts';

const MINUTE_MS = 60_000;

export function muteContract(t: Test, bench: Bench): void {
  t.test('a mute is seen by everybody until it ends by the clock of the store', async (t) => {
    const { clock, open } = bench(t);
    const [store, other] = [await open(), await open()];
    const now = clock.now();
    const long: Mute = { id: 'long', customer: 'acme', at: now, until: now + 2 * MINUTE_MS, reason: 'move' };
    const short: Mute = {
      ...long,
      ...{ id: 'short', account: '111122223333', region: 'eu-*', by: 'jane', until: now + MINUTE_MS },
    };

    await store.mutes.add(long);
    await store.mutes.add(short);
    const both = await other.mutes.list();
    await clock.advance(MINUTE_MS);
    const one = await other.mutes.list();
    await clock.advance(MINUTE_MS);

    t.same(both, [short, long]);
    t.same(one, [long]);
    t.same(await other.mutes.list(), []);
  });

  t.test('a mute that is removed is over, and one that has ended cannot be removed', async (t) => {
    const { clock, open } = bench(t);
    const { mutes } = await open();
    const mute: Mute = { id: 'one', customer: 'acme', at: 0, until: clock.now() + MINUTE_MS, reason: 'move' };
    await mutes.add(mute);
    await mutes.add({ ...mute, id: 'two' });

    const removed = [await mutes.remove('one'), await mutes.remove('one'), await mutes.remove('three')];
    await clock.advance(MINUTE_MS);

    t.same(removed, [true, false, false]);
    t.equal(await mutes.remove('two'), false);
  });

  t.test('the regions that are off are those that were noted last', async (t) => {
    const { open } = bench(t);
    const [store, other] = [await open(), await open()];
    const regions = ['af-south-1', 'me-south-1'].map((region) => ({
      customer: 'acme',
      account: '1',
      region,
    }));
    t.same(await other.regionsOff(), []);

    await store.noteRegionsOff(regions);
    const first = await other.regionsOff();
    await store.noteRegionsOff(regions.toReversed());
    const same = await other.regionsOff();
    await store.noteRegionsOff(regions.slice(1));

    t.same([first, same], [regions, regions]);
    t.same(await other.regionsOff(), regions.slice(1));
  });
}
