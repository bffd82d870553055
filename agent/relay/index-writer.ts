import type { Logger } from '../model/logger.ts';
import type { IndexedRecord, SearchIndex } from '../search/search-index.ts';
import type { DeliveredRecord } from './run-context.ts';
import { storedRecord } from './stored-record.ts';

const MAX_PENDING = 500;

/** Puts delivered records into the search index, in batches. The index serves people; delivery never waits for it. */
export interface IndexWriter {
  add(delivered: DeliveredRecord): void;
  flush(): void;
}

export function createIndexWriter(index: SearchIndex, logger: Logger): IndexWriter {
  let pending: IndexedRecord[] = [];

  function flush(): void {
    if (pending.length === 0) return;
    const entries = pending;
    pending = [];
    try {
      index.add(entries);
    } catch (error) {
      logger.warn('search index could not be written', { records: entries.length, error: String(error) });
    }
  }

  return {
    add({ record, destination, at }) {
      pending.push({ ...storedRecord(record), acked: [{ destination, at }] });
      if (pending.length >= MAX_PENDING) flush();
    },
    flush,
  };
}
