import type { Test } from 'tap';

import type { NoticeClaim } from '../../../agent/checkpoint/notice-store.ts';
import type { CheckpointStore } from '../../../agent/checkpoint/store.ts';
import { noticeOf } from '../notices.ts';
import type { Bench } from './bench.ts';

const LEASE_MS = 20_000;
const DAY_MS = 86_400_000;
const WISH: NoticeClaim = {
  ...{ owner: 'me', destination: 'siem', customers: ['acme'], max: 10, leaseMs: LEASE_MS },
};

async function claimedIds(
  { notices }: CheckpointStore,
  wish: Partial<NoticeClaim> = {},
): Promise<readonly string[]> {
  return (await notices.claim({ ...WISH, ...wish })).map(({ id }) => id);
}

export function noticeContract(t: Test, bench: Bench): void {
  t.test('a notice is put once, whoever puts it, also after it was delivered', async (t) => {
    const { open } = bench(t);
    const [store, other] = [await open(), await open()];

    const first = await store.notices.put(noticeOf('a'), ['siem']);
    const again = await other.notices.put(noticeOf('a', { title: 'other words' }), ['siem', 'lake']);
    const claimed = await store.notices.claim(WISH);
    await store.notices.settle('siem', ['a']);
    const late = await store.notices.put(noticeOf('a'), ['siem']);

    t.same([first, again, late], [true, false, false]);
    t.same(claimed, [{ id: 'a', event: noticeOf('a') }]);
    t.same(await store.notices.waiting(), new Map());
  });

  t.test('notices are handed out oldest first, to one owner until its claim ends', async (t) => {
    const { clock, open } = bench(t);
    const store = await open();
    for (const id of ['c', 'a', 'b']) await store.notices.put(noticeOf(id), ['siem']);

    const first = await claimedIds(store, { max: 2 });
    const rest = await claimedIds(store, { owner: 'other' });
    const none = await claimedIds(store, { owner: 'other' });
    await clock.advance(LEASE_MS - 1);
    await store.notices.extend('other', 'siem', LEASE_MS);
    await clock.advance(1);

    t.same([first, rest, none], [['c', 'a'], ['b'], []]);
    t.same(await claimedIds(store, { owner: 'third' }), ['c', 'a'], 'the other owner has extended its claim');
  });

  t.test('what is given back is due at once', async (t) => {
    const { open } = bench(t);
    const store = await open();
    for (const id of ['a', 'b']) await store.notices.put(noticeOf(id), ['siem', 'lake']);
    await claimedIds(store);
    await claimedIds(store, { owner: 'other', destination: 'lake' });

    await store.notices.release('me');

    t.same(await claimedIds(store, { owner: 'third' }), ['a', 'b']);
    t.same(await claimedIds(store, { owner: 'third', destination: 'lake' }), []);
  });

  t.test('each destination has its own, and only those of the customers that are asked for', async (t) => {
    const { open } = bench(t);
    const store = await open();
    await store.notices.put(noticeOf('a'), ['siem', 'lake']);
    await store.notices.put(noticeOf('g', { customer: { id: 'globex' } }), ['siem']);

    await store.notices.settle('siem', ['a']);

    t.same(await claimedIds(store), []);
    t.same(await claimedIds(store, { customers: [] }), []);
    t.same(await claimedIds(store, { customers: ['acme', 'globex'] }), ['g']);
    t.same(await claimedIds(store, { destination: 'lake' }), ['a']);
  });

  t.test('what is too old is forgotten with its id, and told where it was not delivered', async (t) => {
    const { clock, open } = bench(t);
    const { notices } = await open();
    const limits = { maxAgeMs: DAY_MS, maxWaiting: 100 };
    await notices.put(noticeOf('old'), ['siem', 'lake']);
    await notices.settle('lake', ['old']);
    await clock.advance(1);
    await notices.put(noticeOf('young'), ['siem']);
    await clock.advance(DAY_MS);

    const dropped = await notices.prune(limits);

    t.same(dropped, [{ destination: 'siem', reason: 'age', count: 1 }]);
    t.same(await notices.waiting(), new Map([['siem', 1]]));
    t.same(await notices.prune(limits), []);
    t.ok(await notices.put(noticeOf('old'), ['siem']));
  });

  t.test('where too many wait the oldest go, and their ids stay known', async (t) => {
    const { open } = bench(t);
    const store = await open();
    for (const id of ['a', 'b', 'c']) await store.notices.put(noticeOf(id), ['siem']);
    await store.notices.put(noticeOf('d'), ['lake']);

    const dropped = await store.notices.prune({ maxAgeMs: DAY_MS, maxWaiting: 2 });

    t.same(dropped, [{ destination: 'siem', reason: 'count', count: 1 }]);
    t.same(await claimedIds(store), ['b', 'c']);
    t.notOk(await store.notices.put(noticeOf('a'), ['siem']));
  });

  t.test('a notice of a release to come that cannot be read has its id alone', async (t) => {
    const { open } = bench(t);
    const { notices } = await open();
    const event = Object.assign(noticeOf('a'), { severity: 'catastrophic' });

    await notices.put(event, ['siem']);

    t.same(await notices.claim(WISH), [{ id: 'a' }]);
  });
}
