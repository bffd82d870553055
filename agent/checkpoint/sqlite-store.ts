import type { DatabaseSync } from 'node:sqlite';

import type { Clock } from '../model/clock.ts';
import { onSnapshot } from '../model/sqlite.ts';
import { createAcquire } from './acquire.ts';
import { createCommitQueue } from './commit-queue.ts';
import { createCommitter } from './commits.ts';
import type { Statfs } from './data-directory.ts';
import { createHours } from './hours.ts';
import { createLeases } from './leases.ts';
import { createMutes } from './mutes.ts';
import { createNotices } from './notices.ts';
import { createRegionsOff } from './regions-off.ts';
import { walkSnapshot } from './snapshot.ts';
import { createSources } from './sources.ts';
import type { CheckpointStore, Lease } from './store.ts';
import { type Opened, openStoreFile } from './store-file.ts';

/** The store of one host: a SQLite file that several processes may share. */
export interface SqliteStore extends CheckpointStore {
  readonly opened: Opened;
}

export interface SqliteStoreOptions {
  readonly path: string;
  /** Its `now` is the store's clock: the SQL function `now_ms()`, read inside each statement. */
  readonly clock: Clock;
  /** To look beside a running agent, or after it: changes nothing, makes nothing. */
  readonly readOnly?: boolean;
  /** To look for damage in every page, too. */
  readonly checksPages?: boolean;
  /** For whoever cannot tell an agent that its checkpoints are lost: a damaged file is refused, not replaced. */
  readonly refuseDamaged?: boolean;
  /** How long a commit waits for others to share its fsync; 0: not at all. */
  readonly commitWaitMs?: number;
  /** statfs(2), for tests. */
  readonly statfs?: Statfs;
}

const COMMIT_WAIT_MS = 5;
const RELEASE_WAIT_FACTOR = 10;

/** Opens the store in the file at `path`, and makes file and directory where they are missing. */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<SqliteStore> {
  const { clock, commitWaitMs = COMMIT_WAIT_MS } = options;
  const { database, opened } = await openStoreFile(options);
  database.function('now_ms', { directOnly: true }, () => BigInt(Math.trunc(clock.now())));
  const sources = createSources(database);
  const leases = createLeases(database, clock);
  const acquire = createAcquire(database, clock);
  const commits = createCommitQueue({
    clock,
    waitMs: commitWaitMs,
    releaseWaitMs: commitWaitMs * RELEASE_WAIT_FACTOR,
    store: createCommitter(database),
  });
  const finished = createFinished(database);
  const regionsOff = createRegionsOff(database);
  const countFinished = database.prepare(
    'select count(*) count from (select 1 from finished where sid = ? limit ?)',
  );
  const secretOf = database.prepare(`select value from meta where key = 'secret'`);
  return {
    kind: 'sqlite',
    notices: createNotices(database),
    hours: createHours(database),
    mutes: createMutes(database),
    opened,
    sync: async (specs) => sources.sync(specs),
    noteRegionsOff: async (regions) => regionsOff.note(regions),
    regionsOff: async () => regionsOff.list(),
    claim: async (owner, max, leaseMs) => leases.claim(owner, max, leaseMs),
    acquire: async (owner, specs, leaseMs) => acquire(owner, specs, leaseMs),
    extend: async (held, leaseMs) => leases.extend(held, leaseMs),
    finished: async (source, keys) => finished(source, keys),
    finishedCount: async ({ row }, limit) => Number(countFinished.get(row, limit)?.count),
    commit: (items) => commits.add(items),
    wake: async (woken) => leases.wake(woken),
    async secret() {
      const secret = secretOf.get()?.value;
      if (typeof secret === 'string') return secret;
      throw new Error('the store has no secret: an agent of this release has not opened it yet');
    },
    inspect: () => sources.inspect(),
    async *snapshot() {
      const reader = await openStoreFile({ ...options, readOnly: true });
      yield* walkSnapshot(reader.database);
    },
    async close(release = []) {
      if (!database.isOpen) return;
      commits.flush();
      if (release.length > 0) leases.giveBack(release);
      database.close();
    },
  };
}

function createFinished(
  database: DatabaseSync,
): (source: Pick<Lease, 'row'>, keys: readonly Uint8Array[]) => bigint[] {
  const maskOf = database.prepare('select mask from finished where sid = ? and key = ?');
  maskOf.setReadBigInts(true);
  return ({ row }, keys) =>
    onSnapshot(database, () =>
      keys.map((key) => {
        const mask = maskOf.get(row, key)?.mask;
        return typeof mask === 'bigint' ? mask : 0n;
      }),
    );
}
