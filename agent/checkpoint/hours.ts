import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';

import type { HourPart } from '../model/hour-tally.ts';
import { inTransaction } from '../model/sqlite.ts';
import { bitsIn } from './bits.ts';
import type { HourStore } from './hour-store.ts';

const partRow = z.object({
  source: z.string(),
  region: z.string(),
  minutes: z.bigint(),
  findings: z.bigint().transform(Number),
  changes: z.bigint().transform(Number),
  quarantined: z.bigint().transform(Number),
});

export function createHours(database: DatabaseSync): HourStore {
  const watch = database.prepare(
    `insert into watched(hour, minutes) values (now_ms() / 3600000, 1 << (now_ms() / 60000 % 60))
     on conflict (hour) do update set minutes = minutes | excluded.minutes`,
  );
  const first = database.prepare('select min(hour) hour from watched');
  const watched = database.prepare('select minutes from watched where hour = ?');
  const parts = database.prepare(
    `select id source, region, minutes, findings, changes, quarantined from hour join source using (sid)
     where hour = ? order by id, region`,
  );
  for (const statement of [watched, parts]) statement.setReadBigInts(true);
  const forgetWatched = database.prepare(
    'delete from watched where hour < (select max(hour) from watched where hour < ?)',
  );
  const forgetParts = database.prepare('delete from hour where hour < ?');

  return {
    watch: async () => void watch.run(),
    async firstWatched() {
      const hour = first.get()?.hour;
      return typeof hour === 'number' ? hour : undefined;
    },
    async read(hour) {
      const minutes = watched.get(hour)?.minutes;
      return {
        watchedMinutes: typeof minutes === 'bigint' ? bitsIn(minutes) : 0,
        parts: parts.all(hour).map(readPart),
      };
    },
    forget: async (before) =>
      inTransaction(database, () => {
        forgetWatched.run(before);
        forgetParts.run(before);
      }),
  };
}

function readPart(row: unknown): HourPart {
  const { minutes, ...part } = partRow.parse(row);
  return { ...part, heartbeats: bitsIn(minutes) };
}
