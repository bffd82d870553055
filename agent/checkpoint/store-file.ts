import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import type { Clock } from '../model/clock.ts';
import { EXIT, GuardrelayError } from '../model/error.ts';
import { isDamage } from '../model/sqlite.ts';
import { prepareDataDirectory, type Statfs } from './data-directory.ts';
import { migrate, SCHEMA, storedSchema } from './schema.ts';

/** What was found at the path of the store. */
export type Opened =
  | { readonly kind: 'fresh' }
  | { readonly kind: 'existing' }
  /** It was damaged and now stands at `damagedPath`; its checkpoints are lost, so read again from 25 h back. */
  | { readonly kind: 'replaced'; readonly damagedPath: string; readonly why: string };

export interface StoreFileOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly readOnly?: boolean;
  /** Read every page although it is only read: beside a running agent that is work done twice. */
  readonly checksPages?: boolean;
  /** A damaged file is an error, and stays where it is. */
  readonly refuseDamaged?: boolean;
  readonly statfs?: Statfs;
}

export interface StoreFile {
  readonly database: DatabaseSync;
  readonly opened: Opened;
}

const BUSY_MS = 5_000;
const CACHE_KIB = 16_384;

/** Opens the file of the store; makes it, or sets a damaged one aside, unless `readOnly`. */
export async function openStoreFile(options: StoreFileOptions): Promise<StoreFile> {
  const { path, readOnly = false, statfs } = options;
  if (!readOnly) await prepareDataDirectory(dirname(path), statfs);
  try {
    return readOnly ? openToRead(options) : openToWrite(options);
  } catch (error) {
    if (error instanceof GuardrelayError) throw error;
    throw unusable(path, error, FIX.access);
  }
}

/** A reader beside a running agent leaves the full check, which reads every page, to that agent, unless told. */
function openToRead({ path, checksPages = false }: StoreFileOptions): StoreFile {
  const check = checksPages ? quickCheck : () => undefined;
  const damage = existsSync(path) ? damageOf(path, check) : 'there is no such file';
  if (damage !== undefined) throw unusable(path, damage, FIX.run);
  return { database: connect(path, true), opened: { kind: 'existing' } };
}

function openToWrite({ path, clock, refuseDamaged = false }: StoreFileOptions): StoreFile {
  const opened: Opened = createFile(path) ? { kind: 'fresh' } : { kind: 'existing' };
  const damage = damageOf(path, quickCheck);
  if (damage === undefined) return { database: connect(path, false), opened };
  if (refuseDamaged) throw unusable(path, damage, FIX.run);
  const damagedPath = setAside(path, clock);
  createFile(path);
  return { database: connect(path, false), opened: { kind: 'replaced', damagedPath, why: damage } };
}

/**
 * Makes an empty store and links it into place, so that the file is there complete or not at all: an agent that
 * starts at the same moment finds a whole store, and a file without one was damaged. False: there is one already.
 */
function createFile(path: string): boolean {
  if (existsSync(path)) return false;
  const draftDirectory = mkdtempSync(join(dirname(path), '.new-store-'));
  try {
    const draft = join(draftDirectory, basename(path));
    writeEmptyStore(draft);
    linkSync(draft, path);
    syncDirectory(dirname(path));
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draftDirectory, { recursive: true, force: true });
  }
}

function writeEmptyStore(path: string): void {
  closeSync(openSync(path, 'wx', 0o600));
  using database = new DatabaseSync(path);
  database.exec('pragma journal_mode = wal; pragma synchronous = full');
  migrate(database);
}

/** A new name survives a power cut only once its directory is on the disk. */
function syncDirectory(directory: string): void {
  const descriptor = openSync(directory, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Looks through a connection that cannot write, so that what is damaged stays as it was found. */
function damageOf(path: string, check: (database: DatabaseSync) => string | undefined): string | undefined {
  using database = new DatabaseSync(path, { readOnly: true, timeout: BUSY_MS });
  try {
    return check(database) ?? (storedSchema(database) === 0 ? 'it holds no checkpoints' : undefined);
  } catch (error) {
    if (isDamage(error)) return error.message;
    throw error;
  }
}

function quickCheck(database: DatabaseSync): string | undefined {
  const found = String(database.prepare('pragma quick_check(1)').get()?.quick_check);
  return found === 'ok' ? undefined : found;
}

/** Keeps the damaged file, with its log, for whoever wants to look. */
function setAside(path: string, clock: Clock): string {
  const damagedPath = `${path}.damaged-${new Date(clock.now()).toISOString().replaceAll(/[:.]/g, '-')}`;
  for (const suffix of ['', '-wal', '-shm']) {
    if (existsSync(path + suffix)) renameSync(path + suffix, damagedPath + suffix);
  }
  return damagedPath;
}

function connect(path: string, readOnly: boolean): DatabaseSync {
  const database = new DatabaseSync(path, { readOnly, timeout: BUSY_MS });
  try {
    database.exec(`pragma synchronous = full; pragma cache_size = -${CACHE_KIB}`);
    admitSchema(database, path, readOnly);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function admitSchema(database: DatabaseSync, path: string, readOnly: boolean): void {
  const stored = storedSchema(database);
  if (stored > SCHEMA) {
    throw unusable(path, `its schema ${stored} is newer than ${SCHEMA}, which this release knows`, FIX.newer);
  }
  if (stored === SCHEMA) return;
  if (readOnly) throw unusable(path, `its schema ${stored} is older than ${SCHEMA}`, FIX.run);
  migrate(database);
}

const FIX = {
  run: 'Start `guardrelay run` with this configuration: it makes a missing store, upgrades an old one and sets a damaged one aside.',
  newer:
    'Run the release that wrote it, or a newer one. To begin without its checkpoints, name another directory in agent.dataDir.',
  access: 'See that the user who runs guardrelay owns the file, and that its disk is sound and has room.',
} as const;

function unusable(path: string, found: unknown, fix: string): GuardrelayError {
  const reason = found instanceof Error ? found.message : String(found);
  const message = `opening the checkpoint store ${path}: ${reason}`;
  return new GuardrelayError('AGT-002', message, { exitCode: EXIT.usage, fix, cause: found });
}
