import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';

import type { Mute } from '../model/mute.ts';
import { inTransaction } from '../model/sqlite.ts';
import type { MuteStore } from './mute-store.ts';

const mute: z.ZodType<Mute> = z.looseObject({
  id: z.string(),
  customer: z.string(),
  account: z.exactOptional(z.string()),
  region: z.exactOptional(z.string()),
  at: z.number(),
  until: z.number(),
  reason: z.string(),
  by: z.exactOptional(z.string()),
});

export function createMutes(database: DatabaseSync): MuteStore {
  const add = database.prepare('insert into mute(id, until, doc) values (?, ?, ?)');
  const forget = database.prepare('delete from mute where until <= now_ms()');
  const remove = database.prepare('delete from mute where id = ? and until > now_ms()');
  const current = database.prepare('select doc from mute where until > now_ms() order by until, id');
  return {
    add: async (added) =>
      inTransaction(database, () => {
        forget.run();
        add.run(added.id, added.until, JSON.stringify(added));
      }),
    remove: async (id) => Number(remove.run(id).changes) === 1,
    list: async () => current.all().map(({ doc }) => mute.parse(JSON.parse(String(doc)))),
  };
}
