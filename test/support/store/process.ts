import { createInterface } from 'node:readline';

import { openSqliteStore } from '../../../agent/checkpoint/sqlite-store.ts';
import { systemClock } from '../../../agent/model/clock.ts';
import { claimFrom, progressOf, releasing } from './rows.ts';

// Another agent on the same file, as a process of its own: claims `a`, and commits it when a line comes in.

const [path = ''] = process.argv.slice(2);
const store = await openSqliteStore({ path, clock: systemClock });
const lease = await claimFrom(store, 'a');
process.stdout.write(`claimed under fence ${lease.fence}\n`);
for await (const _line of createInterface({ input: process.stdin })) {
  const [result] = await store.commit([releasing(lease, progressOf('a', 7))]);
  process.stdout.write(`${result}\n`);
}
await store.close();
