import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import type { RecordQuery } from '../model/record-query.ts';

import { bodyRow, unpack } from './block.ts';
import { createMatcher } from './matching.ts';
import { withAcked } from './query.ts';
import type { IndexedRecord, StoredRecord } from './record.ts';

/** What has come into the index since a place in it. */
export interface Followed {
  /** The oldest first. */
  readonly records: readonly IndexedRecord[];
  /** To be asked from next. */
  readonly place: number;
}

/** More than that comes with the next look. */
const MAX_BLOCKS = 16;

const lastRow = z.object({ id: z.int().nullable() });
const blockRow = z.object({ first: z.int(), records: z.int() });

/** `place` undefined: from now on. The ids of an index that was started anew begin at 1 again. */
export function follow(
  database: DatabaseSync,
  query: Omit<RecordQuery, 'limit'>,
  place: number | undefined,
): Followed {
  database.exec('begin');
  const last = lastRow.parse(database.prepare('select max(id) as id from record').get()).id ?? 0;
  if (place === undefined) return { records: [], place: last };
  const after = place > last ? 0 : place;
  const body = database.prepare('select fields, texts from body where first = ?');
  const blocks = database
    .prepare('select first, records from block where first + records - 1 > ? order by first limit ?')
    .all(after, MAX_BLOCKS)
    .map((row) => blockRow.parse(row));
  const matches = createMatcher(query);
  const hits: { readonly id: number; readonly record: StoredRecord }[] = [];
  for (const { first } of blocks) {
    for (const [index, record] of unpack(bodyRow.parse(body.get(first))).entries()) {
      const id = first + index;
      if (id > after && matches(record)) hits.push({ id, record: record.whole() });
    }
  }
  const end = blocks.at(-1);
  return { records: withAcked(database, hits), place: end ? end.first + end.records - 1 : after };
}
