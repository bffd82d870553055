import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';

import type { Clock } from '../model/clock.ts';
import { bodyRow, pack, unpack } from './block.ts';
import type { StoredRecord } from './record.ts';

/** What fits into one block. */
const MAX = { records: 128, chars: 1_000_000 } as const;
const DAY_MS = 86_400_000;

/** The records themselves, packed. */
export interface Blocks {
  /** Stores records under the ids from `firstId` on. */
  insert(firstId: number, records: readonly StoredRecord[]): void;
  /** Joins the small blocks that a trickle of records made, when they fill one. */
  joinSmall(): void;
}

const sizeRow = z.object({ first: z.int(), records: z.int(), chars: z.int(), added_at: z.int() });
type Size = z.infer<typeof sizeRow>;

export function createBlocks(database: DatabaseSync, clock: Clock): Blocks {
  const insertBlock = database.prepare(
    `insert into block(first, records, chars, added_at, min_time, max_time, windows) values (?, ?, ?, ?, ?, ?, ?)`,
  );
  const insertBody = database.prepare('insert into body(first, fields, texts) values (?, ?, ?)');
  const newest = database.prepare('select first, records, chars, added_at from block order by first desc');
  const bodies = database.prepare('select fields, texts from body where first >= ? order by first');
  const removals = ['block', 'body'].map((table) =>
    database.prepare(`delete from ${table} where first >= ?`),
  );

  function insert(firstId: number, records: readonly StoredRecord[]): void {
    let first = firstId;
    for (const part of divide(records)) {
      const { fields, texts, windows = null, minTime, maxTime } = pack(part);
      insertBlock.run(first, part.length, charsOf(part), clock.now(), minTime, maxTime, windows);
      insertBody.run(first, fields, texts);
      first += part.length;
    }
  }

  /** The newest blocks up to the first that is not small; those of another day keep their age. */
  function smallOnes(): readonly Size[] {
    const small: Size[] = [];
    for (const row of newest.iterate()) {
      const size = sizeRow.parse(row);
      if (!isSmall(size) || size.added_at < clock.now() - DAY_MS) break;
      small.push(size);
    }
    return small;
  }

  function join(first: number): void {
    const packed = bodies.all(first).flatMap((row) => unpack(bodyRow.parse(row)));
    const records = packed.map((record) => record.whole());
    for (const remove of removals) remove.run(first);
    insert(first, records);
  }

  return {
    insert,
    joinSmall() {
      const small = smallOnes();
      const oldest = small.at(-1);
      const records = small.reduce((sum, size) => sum + size.records, 0);
      const chars = small.reduce((sum, size) => sum + size.chars, 0);
      if (oldest && (records >= MAX.records || chars >= MAX.chars)) join(oldest.first);
    },
  };
}

function isSmall({ records, chars }: Size): boolean {
  return records < MAX.records / 2 && chars < MAX.chars / 2;
}

function charsOf(records: readonly StoredRecord[]): number {
  return records.reduce((chars, { raw }) => chars + raw.length, 0);
}

function divide(records: readonly StoredRecord[]): readonly (readonly StoredRecord[])[] {
  const parts: StoredRecord[][] = [];
  let chars = 0;
  for (const record of records) {
    chars += record.raw.length;
    const part = parts.at(-1);
    if (part && part.length < MAX.records && chars <= MAX.chars) {
      part.push(record);
    } else {
      parts.push([record]);
      chars = record.raw.length;
    }
  }
  return parts;
}
