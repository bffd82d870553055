import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';

import { type RelayEvent, relayEvent } from '../model/relay-event.ts';
import { inTransaction } from '../model/sqlite.ts';
import type {
  ClaimedNotice,
  DroppedNotices,
  NoticeClaim,
  NoticeLimits,
  NoticeStore,
} from './notice-store.ts';

const claimedRow = z.object({ id: z.string(), doc: z.string() });
const countRow = z.object({ destination: z.string(), count: z.int() });

/** A notice that nobody waits for keeps its id alone, by which it is known until it is too old. */
export function createNotices(database: DatabaseSync): NoticeStore {
  const claim = createClaim(database);
  const settle = createSettle(database);
  const prune = createPrune(database);
  const put = createPut(database);
  const prolong = database.prepare(
    'update notice_to set next_at = now_ms() + ? where owner = ? and destination = ?',
  );
  const free = database.prepare('update notice_to set owner = null, next_at = now_ms() where owner = ?');
  const counts = database.prepare('select destination, count(*) count from notice_to group by destination');
  return {
    put: async (event, destinations) => put(event, destinations),
    claim: async (wish) => claim(wish),
    extend: async (owner, destination, leaseMs) => void prolong.run(leaseMs, owner, destination),
    settle: async (destination, ids) => settle(destination, ids),
    release: async (owner) => void free.run(owner),
    prune: async (limits) => prune(limits),
    waiting: async () =>
      new Map(
        counts
          .all()
          .map((row) => countRow.parse(row))
          .map((row) => [row.destination, row.count]),
      ),
  };
}

function createPut(database: DatabaseSync) {
  const add = database.prepare(
    `insert into notice(id, customer, at, doc) values (?, ?, now_ms(), ?) on conflict (id) do nothing returning nid`,
  );
  const address = database.prepare(
    'insert into notice_to(destination, nid, next_at) values (?, ?, now_ms()) on conflict do nothing',
  );
  return (event: RelayEvent, destinations: readonly string[]): boolean =>
    inTransaction(database, () => {
      const added = add.get(event.id, event.customer?.id ?? '', JSON.stringify(event));
      for (const destination of added ? destinations : []) address.run(destination, added?.nid ?? null);
      return added !== undefined;
    });
}

function createClaim(database: DatabaseSync): (wish: NoticeClaim) => readonly ClaimedNotice[] {
  const due = `from notice_to join notice using (nid) where destination = :destination and next_at <= now_ms()
    and customer in (select value from json_each(:customers))`;
  const isAnyDue = database.prepare(`select 1 ${due} limit 1`);
  const dueNow = database.prepare(`select nid, id, doc ${due} order by nid limit :max`);
  const take = database.prepare(
    'update notice_to set owner = ?, next_at = now_ms() + ? where destination = ? and nid = ?',
  );

  return ({ owner, leaseMs, destination, max, ...wish }) => {
    const whose = { destination, customers: JSON.stringify(wish.customers) };
    // Outside a transaction, which would make other writers wait for a look that mostly finds nothing.
    if (!isAnyDue.get(whose)) return [];
    return inTransaction(database, () =>
      dueNow.all({ ...whose, max }).map((row) => {
        take.run(owner, leaseMs, destination, row.nid ?? null);
        return readClaimed(claimedRow.parse(row));
      }),
    );
  };
}

function readClaimed({ id, doc }: z.infer<typeof claimedRow>): ClaimedNotice {
  const { data: event } = relayEvent.safeParse(JSON.parse(doc));
  return event ? { id, event } : { id };
}

const FORGET_TEXT = `update notice set doc = '' where doc <> ''
  and not exists (select 1 from notice_to where notice_to.nid = notice.nid)`;

function createSettle(database: DatabaseSync): NoticeStore['settle'] {
  const remove = database.prepare(
    'delete from notice_to where destination = ? and nid = (select nid from notice where id = ?)',
  );
  const forgetText = database.prepare(`${FORGET_TEXT} and id = ?`);
  return async (destination, ids) =>
    inTransaction(database, () => {
      for (const id of ids) {
        remove.run(destination, id);
        forgetText.run(id);
      }
    });
}

function createPrune(database: DatabaseSync): (limits: NoticeLimits) => readonly DroppedNotices[] {
  const old = 'select nid from notice where at < now_ms() - ?';
  const dropOld = database.prepare(`delete from notice_to where nid in (${old}) returning destination`);
  const forgetOld = database.prepare(`delete from notice where nid in (${old})`);
  const crowded = database.prepare(
    'select destination, count(*) - :max count from notice_to group by destination having count(*) > :max',
  );
  const dropOldest = database.prepare(
    `delete from notice_to where destination = :destination
     and nid in (select nid from notice_to where destination = :destination order by nid limit :count)`,
  );
  const forgetTexts = database.prepare(FORGET_TEXT);

  return ({ maxAgeMs, maxWaiting }) =>
    inTransaction(database, () => {
      const aged = Object.entries(Object.groupBy(dropOld.all(maxAgeMs), (row) => String(row.destination)));
      forgetOld.run(maxAgeMs);
      const surplus = crowded.all({ max: maxWaiting }).map((row) => countRow.parse(row));
      for (const row of surplus) dropOldest.run(row);
      if (surplus.length > 0) forgetTexts.run();
      return [
        ...aged.map(([destination, rows = []]) => ({
          destination,
          reason: 'age' as const,
          count: rows.length,
        })),
        ...surplus.map((row) => ({ ...row, reason: 'count' as const })),
      ];
    });
}
