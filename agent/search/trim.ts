import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';

import type { Clock } from '../model/clock.ts';

export interface Limits {
  readonly keepDays: number;
  readonly maxMegabytes: number;
}

const DAY_MS = 86_400_000;
const MEGABYTE = 1_048_576;

const oldestRow = z.object({ first: z.int(), added_at: z.int() });

/** Makes what removes the oldest blocks, with their rows, while they are too old or the file is too large. */
export function createTrim(database: DatabaseSync, clock: Clock, limits: Limits): () => void {
  const { keepDays, maxMegabytes } = limits;
  const oldest = database.prepare('select first, added_at from block order by first limit 1');
  const removals = ['block', 'body'].map((table) => database.prepare(`delete from ${table} where first = ?`));
  const removeRows = database.prepare(
    'delete from record where id < coalesce((select min(first) from block), ?)',
  );
  const usage = database.prepare(
    `select (page_count - freelist_count) * page_size bytes
     from pragma_page_count, pragma_freelist_count, pragma_page_size`,
  );

  function isOver(addedAt: number): boolean {
    if (addedAt < clock.now() - keepDays * DAY_MS) return true;
    return Number(usage.get()?.bytes) > maxMegabytes * MEGABYTE;
  }

  return () => {
    for (;;) {
      const found = oldest.get();
      if (!found) return;
      const { first, added_at } = oldestRow.parse(found);
      if (!isOver(added_at)) return;
      for (const remove of removals) remove.run(first);
      removeRows.run(Number.MAX_SAFE_INTEGER);
    }
  };
}
