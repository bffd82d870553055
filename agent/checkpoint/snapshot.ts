import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';

import { readSpec } from './documents.ts';
import { createReadSaved } from './saved.ts';
import type { FinishedEvent, StoredCheckpoint } from './store.ts';

const sourceRow = z.object({ sid: z.int(), spec: z.string().transform(readSpec), state: z.string() });
const finishedRow = z.object({ key: z.instanceof(Uint8Array), ts: z.bigint(), mask: z.bigint() });

/**
 * Walks every checkpoint in one read transaction on a connection of its own, which it closes. Writers go on
 * meanwhile; only the log of the store grows until the walk is over.
 */
export async function* walkSnapshot(database: DatabaseSync): AsyncGenerator<StoredCheckpoint> {
  try {
    database.exec('begin');
    const sources = database.prepare(
      'select sid, spec, state from source where state is not null order by id',
    );
    const readSaved = createReadSaved(database);
    const walkFinished = createWalkFinished(database);
    for (const row of sources.iterate()) {
      const { sid, spec, state } = sourceRow.parse(row);
      const saved = readSaved(sid, state);
      if (saved) yield { spec, ...saved, finished: walkFinished(sid) };
    }
  } finally {
    database.close();
  }
}

function createWalkFinished(database: DatabaseSync): (row: number) => AsyncGenerator<FinishedEvent> {
  const rows = database.prepare('select key, ts, mask from finished where sid = ?');
  rows.setReadBigInts(true);
  return async function* walkFinished(row) {
    for (const found of rows.iterate(row)) {
      const { key, ts, mask } = finishedRow.parse(found);
      yield { key, timestamp: Number(ts), mask };
    }
  };
}
