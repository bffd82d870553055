import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../model/clock.ts';
import type { RecordQuery } from '../model/record-query.ts';
import { isDamage } from '../model/sqlite.ts';
import { type Followed, follow } from './follow.ts';
import { openToRead, openToWrite, startAnew, unusable } from './index-file.ts';
import { beginningOf, runQuery } from './query.ts';
import type { IndexedRecord, SearchResult } from './record.ts';
import type { Limits } from './trim.ts';
import { createIndexWriter, type IndexWriter } from './writer.ts';

export type { IndexedRecord, StoredRecord } from './record.ts';

/**
 * What was delivered in the last days, for people to search. It follows delivery and never decides it: a power
 * cut may take its last records, and a damaged file is started anew.
 */
export interface SearchIndex {
  /**
   * Takes in records that a destination acknowledged; one that is known gains the acknowledgement. Removes what
   * is beyond the limits.
   */
  add(records: readonly IndexedRecord[]): void;
  search(query: RecordQuery, signal?: AbortSignal): Promise<SearchResult>;
  /** Records in the order in which they came in, each when it was first acknowledged. */
  follow(query: Omit<RecordQuery, 'limit'>, place?: number): Promise<Followed>;
  /** Time of its oldest record, epoch ms; undefined: it has none. */
  beginning(): Promise<number | undefined>;
  /** Removes what has become too old while nothing came in, and gives the room back to the file system. */
  prune(): void;
  /** Safe twice. */
  close(): void;
}

export interface SearchIndexOptions extends Limits {
  readonly path: string;
  readonly clock: Clock;
  /** To search beside a running agent, or after it: makes nothing and changes nothing. */
  readonly readOnly?: boolean;
}

/** Opens the index, and makes file and directory where they are missing. */
export function openSearchIndex(options: SearchIndexOptions): SearchIndex {
  const { path, clock, readOnly = false } = options;
  const writing = readOnly ? undefined : openWriting(options);

  function write(work: (writer: IndexWriter) => void): void {
    if (!writing) throw new Error('the search index was opened to read');
    writing.write(work);
  }

  return {
    add: (records) => write((writer) => writer.add(records)),
    search: (query, signal) => searchIn(path, (database) => runQuery(database, query, { clock, signal })),
    follow: (query, place) => searchIn(path, async (database) => follow(database, query, place)),
    beginning: () => searchIn(path, async (database) => beginningOf(database)),
    prune: () => write((writer) => writer.prune()),
    close: () => writing?.close(),
  };
}

async function searchIn<T>(path: string, run: (database: DatabaseSync) => Promise<T>): Promise<T> {
  using database = openToRead(path);
  try {
    return await run(database);
  } catch (error) {
    if (!isDamage(error)) throw error;
    throw unusable(path, error, 'A running agent starts a damaged index anew with its next record.');
  }
}

interface Writing {
  write(work: (writer: IndexWriter) => void): void;
  close(): void;
}

function openWriting({ path, clock, keepDays, maxMegabytes }: SearchIndexOptions): Writing {
  let database = openToWrite(path);
  let writer = createIndexWriter(database, clock, { keepDays, maxMegabytes });

  function startOver(): void {
    database.close();
    database = startAnew(path);
    writer = createIndexWriter(database, clock, { keepDays, maxMegabytes });
  }

  return {
    write(work) {
      try {
        work(writer);
      } catch (error) {
        if (!isDamage(error)) throw error;
        startOver();
        work(writer);
      }
    },
    close() {
      if (database.isOpen) database.close();
    },
  };
}
