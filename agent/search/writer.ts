import { hash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';

import type { Clock } from '../model/clock.ts';
import { inTransaction } from '../model/sqlite.ts';
import { createBlocks } from './blocks.ts';
import type { IndexedRecord, StoredRecord } from './record.ts';
import { createTrim, type Limits } from './trim.ts';

/** What changes the index. */
export interface IndexWriter {
  add(records: readonly IndexedRecord[]): void;
  prune(): void;
}

const NAME_BYTES = 16;

export function createIndexWriter(database: DatabaseSync, clock: Clock, limits: Limits): IndexWriter {
  const blocks = createBlocks(database, clock);
  const trim = createTrim(database, clock, limits);
  const takeIn = createTakeIn(database);

  function store(records: readonly IndexedRecord[]): void {
    const { firstId, fresh } = takeIn(records);
    blocks.insert(firstId, fresh);
    blocks.joinSmall();
    trim();
  }

  return {
    add: (records) => inTransaction(database, () => store(records)),
    prune() {
      inTransaction(database, trim);
      database.exec('pragma incremental_vacuum; pragma wal_checkpoint(passive)');
    },
  };
}

interface TakenIn {
  readonly firstId: number;
  /** The records that were not known, in the order of their ids. */
  readonly fresh: readonly StoredRecord[];
}

/** Notes acknowledgements: a record that is known gains one, another gets the next id. */
function createTakeIn(database: DatabaseSync): (records: readonly IndexedRecord[]) => TakenIn {
  const lastId = database.prepare('select coalesce(max(id), 0) id from record');
  // The first acknowledgement of a destination stays.
  const upsert = database.prepare(
    `insert into record(time, name, acked) values (?, ?, ?)
     on conflict (time, name) do update set acked = json_patch(excluded.acked, acked) returning id`,
  );

  return (records) => {
    const firstId = Number(lastId.get()?.id) + 1;
    const fresh: StoredRecord[] = [];
    for (const { acked, ...record } of records) {
      const times = Object.fromEntries(acked.map(({ destination, at }) => [destination, at]));
      const id = upsert.get(record.time, nameOf(record), JSON.stringify(times))?.id;
      if (id === firstId + fresh.length) fresh.push(record);
    }
    return { firstId, fresh };
  };
}

function nameOf({ source, eventId, part }: StoredRecord): Uint8Array {
  return hash('sha256', [source, eventId, part].join('\0'), 'buffer').subarray(0, NAME_BYTES);
}
