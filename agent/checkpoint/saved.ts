import type { DatabaseSync } from 'node:sqlite';

import { readPosition, readState } from './documents.ts';
import type { Saved } from './store.ts';

/** Reads the checkpoint of a row; undefined where the source was never committed. */
export type ReadSaved = (row: number, state: string | null) => Saved | undefined;

export function createReadSaved(database: DatabaseSync): ReadSaved {
  const positions = database.prepare('select doc from position where sid = ? order by destination');
  return (row, state) =>
    state === null
      ? undefined
      : {
          state: readState(state),
          positions: positions.all(row).map(({ doc }) => readPosition(String(doc))),
        };
}
