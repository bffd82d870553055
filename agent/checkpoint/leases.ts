import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';

import type { Clock } from '../model/clock.ts';
import { inTransaction } from '../model/sqlite.ts';
import { dueUnlessDisabled, NEVER } from './schema.ts';
import type { Lease, StoreResult } from './store.ts';
import { createTake } from './take.ts';

/** What an agent's clock and the store's may differ by within one lease. */
const MARGIN_MS = 2_000;
const CLOCK_CHECK_MS = 60_000;
const TOO_FAR_AHEAD_MS = 3_600_000;

/** The last moment at which work under a lease may start; `askedAt`: `clock.monotonic()` before asking for it. */
export function leaseDeadline(askedAt: number, leaseMs: number): number {
  return askedAt + leaseMs - MARGIN_MS;
}

/** Who may poll a source now. */
export interface Leases {
  claim(owner: string, max: number, leaseMs: number): readonly Lease[];
  extend(leases: readonly Lease[], leaseMs: number): readonly StoreResult[];
  giveBack(leases: readonly Lease[]): void;
  wake(sources: readonly string[]): void;
}

const dueRow = z.object({ sid: z.int(), dueAt: z.int(), owner: z.string().nullable() });

export function createLeases(database: DatabaseSync, clock: Clock): Leases {
  const due = database.prepare(
    'select sid, next_at dueAt, owner from lease where next_at <= now_ms() order by next_at limit ?',
  );
  const prolong = database.prepare(
    `update lease set next_at = ${dueUnlessDisabled('now_ms() + :leaseMs')} where sid = :row and fence = :fence`,
  );
  const free = database.prepare(
    `update lease set owner = null, next_at = ${dueUnlessDisabled('now_ms()')} where sid = :row and fence = :fence`,
  );
  const call = database.prepare(
    `update lease set wake = 1, next_at = case when owner is null then min(next_at, now_ms()) else next_at end
     where sid = (select sid from source where id = ? and enabled)`,
  );
  const bringBack = database.prepare(
    `update lease set fence = fence + 1, owner = null, next_at = now_ms()
     where next_at > now_ms() + ${TOO_FAR_AHEAD_MS} and next_at < ${NEVER}`,
  );
  const take = createTake(database);
  let clockCheckedAt = Number.NEGATIVE_INFINITY;

  /** A host clock that was set back leaves times that would not be due for hours. */
  function checkClock(): void {
    if (clock.monotonic() - clockCheckedAt < CLOCK_CHECK_MS) return;
    clockCheckedAt = clock.monotonic();
    bringBack.run();
  }

  return {
    claim(owner, max, leaseMs) {
      const deadline = leaseDeadline(clock.monotonic(), leaseMs);
      return inTransaction(database, () => {
        checkClock();
        // SQLite takes a negative limit for none.
        return due.all(Math.max(0, max)).map((found) => {
          const { sid: row, dueAt, owner: lapsedOwner } = dueRow.parse(found);
          const lapsed = lapsedOwner === null ? {} : { lapsedOwner };
          return { ...take({ owner, leaseMs, row }), dueAt, deadline, ...lapsed };
        });
      });
    },
    extend(leases, leaseMs) {
      const deadline = leaseDeadline(clock.monotonic(), leaseMs);
      const results = inTransaction(database, () =>
        leases.map(({ row, fence }) => resultOf(prolong.run({ leaseMs, row, fence }))),
      );
      for (const [index, lease] of leases.entries()) if (results[index] === 'ok') lease.deadline = deadline;
      return results;
    },
    giveBack(leases) {
      inTransaction(database, () => {
        for (const { row, fence } of leases) free.run({ row, fence });
      });
    },
    wake(sources) {
      inTransaction(database, () => {
        for (const source of sources) call.run(source);
      });
    },
  };
}

/** A fenced update finds no row. */
export function resultOf({ changes }: { readonly changes: number | bigint }): StoreResult {
  return Number(changes) === 1 ? 'ok' : 'fenced';
}
