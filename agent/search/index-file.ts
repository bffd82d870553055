import { closeSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { EXIT, GuardrelayError } from '../model/error.ts';
import { inTransaction, isDamage } from '../model/sqlite.ts';

/** Another number means another release: the index is started anew. */
const VERSION = 1;
const BUSY_MS = 5_000;
const CACHE_KIB = 16_384;
const LOG_LIMIT_BYTES = 16_777_216;

// `record`: one row each, to know it again when another destination acknowledges it. With the time before the hash,
// rows that come together stay together; by hash alone, each would touch a page of its own.
// `block` and `body`: the records themselves, by the id of their first. `windows`: see digits.ts.
const SCHEMA = `
  create table if not exists record(
    id integer primary key, time integer not null, name blob not null, acked text not null,
    unique(time, name)) strict;
  create table if not exists block(
    first integer primary key, records integer not null, chars integer not null, added_at integer not null,
    min_time integer not null, max_time integer not null, windows blob) strict;
  create table if not exists body(first integer primary key, fields blob not null, texts blob not null) strict;
  pragma user_version = ${VERSION};`;

/** Opens the index to write it. What is damaged or of another release is thrown away: it only serves people. */
export function openToWrite(path: string): DatabaseSync {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    return connect(path) ?? startAnew(path);
  } catch (error) {
    throw unusable(path, error, 'Let the user that runs guardrelay write there, and see that there is room.');
  }
}

export function startAnew(path: string): DatabaseSync {
  for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
  const database = connect(path);
  if (!database) throw new Error('the new file cannot be read');
  return database;
}

/** Undefined: the file is damaged, or of another release. */
function connect(path: string): DatabaseSync | undefined {
  closeSync(openSync(path, 'a', 0o600));
  const database = new DatabaseSync(path, { timeout: BUSY_MS });
  try {
    if (prepare(database)) return database;
  } catch (error) {
    database.close();
    if (isDamage(error)) return undefined;
    throw error;
  }
  database.close();
  return undefined;
}

/** A power cut may take the last records from the index: synchronous = normal spares an fsync for each `add`. */
function prepare(database: DatabaseSync): boolean {
  database.exec(`pragma auto_vacuum = incremental; pragma journal_mode = wal; pragma synchronous = normal;
    pragma cache_size = -${CACHE_KIB}; pragma journal_size_limit = ${LOG_LIMIT_BYTES}`);
  const version = versionOf(database);
  if (version === VERSION) return true;
  const tables = database.prepare('select count(*) tables from sqlite_schema').get()?.tables;
  if (version !== 0 || tables !== 0) return false;
  inTransaction(database, () => database.exec(SCHEMA));
  return true;
}

/** A connection for one search: it neither waits for the writer nor hinders it. */
export function openToRead(path: string): DatabaseSync {
  try {
    const database = new DatabaseSync(path, { readOnly: true, timeout: BUSY_MS });
    if (versionOf(database) === VERSION) return database;
    database.close();
    throw new Error('it was written by another release');
  } catch (error) {
    throw unusable(path, error, 'Start `guardrelay run` with this configuration: it writes the index.');
  }
}

function versionOf(database: DatabaseSync): unknown {
  return database.prepare('pragma user_version').get()?.user_version;
}

/** The sentence of AGT-001 for the index. */
export function unusable(path: string, cause: unknown, fix: string): GuardrelayError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new GuardrelayError('AGT-001', `opening the search index ${path}: ${reason}`, {
    exitCode: EXIT.usage,
    ...{ fix, cause },
  });
}
