import { getEventListeners } from 'node:events';
import t from 'tap';

import { type Bucket, createBucket } from '../../agent/aws/bucket.ts';
import { createQuota } from '../../agent/aws/quota.ts';
import type { Rank } from '../../agent/aws/waiting-line.ts';
import { createVirtualClock, type VirtualClock } from '../support/virtual-clock.ts';

const never = new AbortController().signal;

/** Asks for a token and notes when it came. */
function ask(bucket: Bucket, grants: string[], name: string, signal: AbortSignal = never): void {
  void bucket.take(signal).then(() => grants.push(name));
}

t.test('a bucket lets a burst of two seconds through, then its rate', async (t) => {
  const clock = createVirtualClock();
  const bucket = createBucket(2, clock);
  const grants: string[] = [];
  for (let i = 1; i <= 8; i += 1) ask(bucket, grants, `${i}`);

  const after: number[] = [];
  for (const ms of [0, 499, 1, 1_000, 2_000]) {
    await clock.advance(ms);
    after.push(grants.length);
  }

  t.same(after, [4, 4, 5, 7, 8]);
  t.same(grants, ['1', '2', '3', '4', '5', '6', '7', '8'], 'first come, first served');
});

t.test('an idle bucket saves up no more than its burst', async (t) => {
  const clock = createVirtualClock();
  const bucket = createBucket(2, clock);
  const grants: string[] = [];
  await clock.advance(3_600_000);

  for (let i = 0; i < 9; i += 1) ask(bucket, grants, `${i}`);
  await clock.advance(0);

  t.equal(grants.length, 4);
});

t.test('whoever aborts leaves the queue at once, and the next one keeps his place', async (t) => {
  const clock = createVirtualClock();
  const bucket = createBucket(0.5, clock);
  const grants: string[] = [];
  const abort = new AbortController();
  ask(bucket, grants, 'first');
  ask(bucket, grants, 'gone', abort.signal);
  ask(bucket, grants, 'next');
  await clock.advance(1_000);

  abort.abort();
  await clock.advance(0);
  t.same(grants, ['first', 'gone']);
  ask(bucket, grants, 'never asks', abort.signal);
  await clock.advance(999);
  t.same(grants, ['first', 'gone', 'never asks']);
  await clock.advance(1);

  t.same(grants, ['first', 'gone', 'never asks', 'next']);
});

t.test('a bucket serves again after everybody had left', async (t) => {
  const clock = createVirtualClock();
  const bucket = createBucket(0.5, clock);
  const grants: string[] = [];
  const abort = new AbortController();
  ask(bucket, grants, 'first');
  ask(bucket, grants, 'gone', abort.signal);
  await clock.advance(0);
  abort.abort();

  ask(bucket, grants, 'back');
  await clock.advance(2_000);

  t.same(grants, ['first', 'gone', 'back']);
});

/** Who was served, when each of them always has a call waiting. */
async function servedInTurns(
  clock: VirtualClock,
  bucket: Bucket,
  callers: readonly { readonly name: string; readonly rank: Rank; readonly logGroup: string }[],
): Promise<readonly string[]> {
  const served: string[] = [];
  const ended = new AbortController();
  const call = async ({ name, rank, logGroup }: (typeof callers)[number]): Promise<void> => {
    for (;;) {
      await bucket.take(ended.signal, rank, logGroup);
      if (ended.signal.aborted) return;
      served.push(name);
    }
  };
  const calling = callers.map(call);
  await clock.advance(12_000);
  ended.abort();
  await Promise.all(calling);
  return served.slice(0, 10);
}

t.test(
  'each rank that waits gets one token of five, and the most urgent one all that are left',
  async (t) => {
    const table: readonly { readonly ranks: readonly Rank[]; readonly served: string }[] = [
      { ranks: ['replay', 'catch-up', 'sweep', 'poll'], served: 'ppscrppscr' },
      { ranks: ['catch-up', 'poll'], served: 'pppcppppcp' },
      { ranks: ['replay', 'sweep'], served: 'ssssrssssr' },
      { ranks: ['replay'], served: 'rrrrrrrrrr' },
    ];
    for (const { ranks, served } of table) {
      const clock = createVirtualClock();
      const bucket = createBucket(1, clock);
      for (let burst = 0; burst < 2; burst += 1) await bucket.take(never);

      const callers = ranks.map((rank) => ({ name: rank.charAt(0), rank, logGroup: 'group' }));

      t.equal((await servedInTurns(clock, bucket, callers)).join(''), served, ranks.join(', '));
    }
  },
);

t.test('within a rank the log groups take turns, however many calls one of them has waiting', async (t) => {
  const clock = createVirtualClock();
  const bucket = createBucket(1, clock);
  for (let burst = 0; burst < 2; burst += 1) await bucket.take(never);
  const groups = ['dense', 'dense', 'dense', 'dense', 'small', 'tiny'];

  const callers = groups.map((logGroup) => ({ name: logGroup.charAt(0), rank: 'poll' as const, logGroup }));

  t.equal((await servedInTurns(clock, bucket, callers)).join(''), 'dstdstdstd');
});

t.test('a call that need not wait leaves no listener and starts no timer', async (t) => {
  const clock = createVirtualClock();
  let timers = 0;
  const sleep: VirtualClock['sleep'] = (...args) => {
    timers += 1;
    return clock.sleep(...args);
  };
  const { signal } = new AbortController();
  const bucket = createBucket(2, { ...clock, sleep });

  await bucket.take(signal, 'poll', 'group');

  t.equal(getEventListeners(signal, 'abort').length, 0);
  t.equal(timers, 0);
});

t.test('nothing is left of those who waited: no listener and no timer', async (t) => {
  const clock = createVirtualClock();
  let timers = 0;
  const sleep: VirtualClock['sleep'] = async (...args) => {
    timers += 1;
    await clock.sleep(...args);
    timers -= 1;
  };
  const bucket = createBucket(0.5, { ...clock, sleep });
  const [served, gone] = [new AbortController(), new AbortController()];
  await bucket.take(never);

  const waiting = [bucket.take(served.signal), bucket.take(gone.signal)];
  await clock.advance(2_000);
  const timersInBetween = timers;
  gone.abort();
  await Promise.all(waiting);
  await clock.advance(0);

  t.equal(timersInBetween, 1, 'one for all');
  t.equal(timers, 0);
  for (const { signal } of [served, gone]) t.equal(getEventListeners(signal, 'abort').length, 0);
});

t.test('S37 throttling halves the rate to a floor, and ten quiet minutes bring it back', async (t) => {
  const clock = createVirtualClock();
  const bucket = createBucket(2, clock);
  const rates: number[] = [];

  for (let i = 0; i < 6; i += 1) {
    bucket.throttled();
    bucket.throttled();
    rates.push(bucket.ratePerSecond());
    await clock.advance(1_000);
  }
  await clock.advance(29_000);
  const raised = bucket.ratePerSecond();
  await clock.advance(10 * 60_000);

  t.same(rates, [1, 0.5, 0.25, 0.125, 0.1, 0.1], 'calls throttled together count once');
  t.equal(raised, 0.2);
  t.equal(bucket.ratePerSecond(), 2);
});

t.test('a throttled bucket hands out at its lower rate', async (t) => {
  const clock = createVirtualClock();
  const bucket = createBucket(2, clock);
  const grants: string[] = [];
  bucket.throttled();
  for (let i = 0; i < 5; i += 1) ask(bucket, grants, `${i}`);

  await clock.advance(0);
  t.equal(grants.length, 2, 'the burst has shrunk too');
  await clock.advance(2_000);

  t.equal(grants.length, 4);
});

t.test('the pace of an account and region is its share of the quota there', (t) => {
  const quota = createQuota(createVirtualClock());
  const pace = (region: string, account = '111122223333') => quota.paceOf({ account, region }, 0.2);

  t.equal(pace('us-east-1').filterLogEvents.ratePerSecond(), 5);
  t.equal(pace('eu-west-1').filterLogEvents.ratePerSecond(), 2);
  t.equal(pace('eu-central-1').filterLogEvents.ratePerSecond(), 1);
  t.equal(pace('xx-newest-1').filterLogEvents.ratePerSecond(), 1, 'unknown: the smallest quota');
  t.equal(pace('us-east-1').describeLogGroups.ratePerSecond(), 2);
  t.equal(quota.paceOf({ account: '1', region: 'us-east-1' }, 0.1).filterLogEvents.ratePerSecond(), 2.5);
  t.end();
});

t.test('sources of one account and region share a pace; others have their own', (t) => {
  const quota = createQuota(createVirtualClock());
  const here = quota.paceOf({ account: '1', region: 'us-east-1' }, 0.2);

  t.equal(quota.paceOf({ account: '1', region: 'us-east-1' }, 0.2), here);
  t.not(quota.paceOf({ account: '2', region: 'us-east-1' }, 0.2), here);
  t.not(quota.paceOf({ account: '1', region: 'us-east-2' }, 0.2), here);
  t.end();
});
