import { openSqliteStore } from '../../../agent/checkpoint/sqlite-store.ts';
import { systemClock } from '../../../agent/model/clock.ts';
import { noticeOf } from '../notices.ts';

// An agent in a process of its own, to be killed: puts a notice, claims it, and says so.

const [path = ''] = process.argv.slice(2);
const store = await openSqliteStore({ path, clock: systemClock });
await store.notices.put(noticeOf('killed'), ['siem']);
await store.notices.claim({
  ...{ owner: 'killed', destination: 'siem', customers: ['acme'], max: 10, leaseMs: 20_000 },
});
process.stdout.write('claimed\n');
setInterval(() => {}, 60_000);
