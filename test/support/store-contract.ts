import type { Test } from 'tap';

import type { Bench } from './store/bench.ts';
import { byHandContract } from './store/by-hand.ts';
import { commitContract } from './store/commits.ts';
import { hourContract } from './store/hours.ts';
import { leaseContract } from './store/leases.ts';
import { muteContract } from './store/mutes.ts';
import { noticeContract } from './store/notices.ts';
import { storeProperty } from './store/property.ts';
import { sourceContract } from './store/sources.ts';
import { valueContract } from './store/values.ts';

/** What every checkpoint store must keep, whatever holds its rows. */
export function storeContract(t: Test, bench: Bench): void {
  t.test('leases', async (t) => leaseContract(t, bench));
  t.test('commits', async (t) => commitContract(t, bench));
  t.test('sources', async (t) => sourceContract(t, bench));
  t.test('stored values', async (t) => valueContract(t, bench));
  t.test('hours', async (t) => hourContract(t, bench));
  t.test('mutes and regions that are off', async (t) => muteContract(t, bench));
  t.test('notices', async (t) => noticeContract(t, bench));
  t.test('changes by hand', async (t) => byHandContract(t, bench));
  storeProperty(t, bench);
}
