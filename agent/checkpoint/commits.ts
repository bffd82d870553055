import type { DatabaseSync } from 'node:sqlite';

import type { Change } from '../model/position.ts';
import { inTransaction } from '../model/sqlite.ts';
import { leaseDeadline, resultOf } from './leases.ts';
import { dueUnlessDisabled } from './schema.ts';
import type { After, CommitItem, Lease, StoreResult } from './store.ts';
import { createTally, type ItemTally } from './tally.ts';

/** One call of `commit`, waiting for the transaction that it shares with others. */
export interface CommitCall {
  readonly items: readonly CommitItem[];
  /** `clock.monotonic()` when it was made. */
  readonly askedAt: number;
  resolve(results: readonly StoreResult[]): void;
  reject(error: unknown): void;
}

/**
 * Stores calls in one transaction, so with one fsync, and settles each after it. A call that cannot be stored
 * is rejected alone.
 */
export function createCommitter(database: DatabaseSync): (calls: readonly CommitCall[]) => void {
  const apply = createApply(database);

  function attempt({ items, askedAt, resolve, reject }: CommitCall): () => void {
    database.exec('savepoint call');
    try {
      const results = items.map(apply);
      database.exec('release call');
      return () => {
        for (const [index, item] of items.entries()) if (results[index] === 'ok') moveDeadline(item, askedAt);
        resolve(results);
      };
    } catch (error) {
      // SQLite gave up the whole transaction, the other calls with it.
      if (!database.isTransaction) throw error;
      database.exec('rollback to call; release call');
      return () => reject(error);
    }
  }

  return (calls) => {
    try {
      for (const settle of inTransaction(database, () => calls.map(attempt))) settle();
    } catch (error) {
      for (const { reject } of calls) reject(error);
    }
  };
}

function moveDeadline({ lease, after }: CommitItem, askedAt: number): void {
  if (after.kind === 'keep') lease.deadline = leaseDeadline(askedAt, after.leaseMs);
}

/** The fenced update of the lease comes first: only where it finds its row is the rest of an item written. */
function createApply(database: DatabaseSync): (item: CommitItem) => StoreResult {
  const move = database.prepare(
    `update lease set
       next_at = ${dueUnlessDisabled('case when wake and not :keep then now_ms() else now_ms() + :ms end')},
       owner = case when :keep then owner end,
       wake = wake and :keep
     where sid = :row and fence = :fence`,
  );
  const setFacts = database.prepare('update source set facts = ? where sid = ?');
  const applyChange = createApplyChange(database);
  const tally = createTally(database);

  return ({ lease, changes, more = [], facts, after }) => {
    const { row, fence } = lease;
    if (resultOf(move.run({ ...movement(after), row, fence })) === 'fenced') return 'fenced';
    if (facts) setFacts.run(JSON.stringify(facts), row);
    const counted = tally.begin();
    for (const change of changes) applyChange(lease, change, counted);
    for (const change of more) applyChange(lease, change, counted);
    tally.end(lease, counted);
    return 'ok';
  };
}

function movement(after: After): { readonly keep: 0 | 1; readonly ms: number } {
  return after.kind === 'keep' ? { keep: 1, ms: after.leaseMs } : { keep: 0, ms: after.nextPollMs };
}

function sourceOf(change: Change): string {
  switch (change.kind) {
    case 'state':
      return change.state.source;
    case 'position':
      return change.position.source;
    case 'finished':
    case 'heartbeats':
    case 'unfinished':
    case 'proved':
    case 'forget':
    case 'generation':
      return change.source;
  }
}

type ApplyChange = (lease: Lease, change: Change, counted: ItemTally) => void;

function createApplyChange(database: DatabaseSync): ApplyChange {
  const setState = database.prepare('update source set state = ? where sid = ?');
  const setPosition = database.prepare(
    `insert into position(sid, destination, doc) values (?, ?, ?)
     on conflict (sid, destination) do update set doc = excluded.doc`,
  );
  const finish = createFinish(database);
  const addHeartbeats = database.prepare(
    `insert into hour(hour, sid, region, minutes) values (?, ?, ?, ?)
     on conflict (hour, sid, region) do update set minutes = minutes | excluded.minutes`,
  );
  const forgetProved = database.prepare(
    `delete from finished
     where sid = :row and ts between :from and :to and ingested <= :ingestedUntil and mask & ~:mask = 0`,
  );
  const takeBack = database.prepare(
    'update finished set mask = mask & ~:mask where sid = :row and ts >= :from and mask & :mask',
  );
  const forgetUnmarked = database.prepare('delete from finished where sid = ? and ts >= ? and mask = 0');
  const forget = database.prepare('delete from finished where sid = ? and ts < ?');
  const forgetAll = database.prepare('delete from finished where sid = ?');

  return ({ row, source }, change, counted) => {
    if (sourceOf(change) !== source)
      throw new Error(`a lease of ${source} cannot change ${sourceOf(change)}`);
    switch (change.kind) {
      case 'state':
        return void setState.run(JSON.stringify(change.state), row);
      case 'position':
        return void setPosition.run(row, change.position.destination, JSON.stringify(change.position));
      case 'finished':
        return finish(row, change, counted);
      case 'heartbeats':
        return void addHeartbeats.run(change.hour, row, change.region, change.minutes);
      case 'proved': {
        const { from, to, ingestedUntil, mask } = change;
        return void forgetProved.run({ row, from, to, ingestedUntil, mask });
      }
      case 'unfinished':
        takeBack.run({ row, mask: change.mask, from: change.from });
        return void forgetUnmarked.run(row, change.from);
      case 'forget':
        return void forget.run(row, change.before);
      case 'generation':
        return void forgetAll.run(row);
    }
  };
}

type Finished = Extract<Change, { kind: 'finished' }>;

/** An event is counted with the row that the first destination to finish it makes, so a repeated commit counts nothing. */
function createFinish(database: DatabaseSync): (row: number, change: Finished, counted: ItemTally) => void {
  const add = database.prepare(
    `insert into finished(sid, key, ts, mask, ingested) values (?, ?, ?, ?, ?) on conflict do nothing`,
  );
  const merge = database.prepare('update finished set mask = mask | :mask where sid = :row and key = :key');
  const maskOf = database.prepare('select mask from finished where sid = ? and key = ?');
  maskOf.setReadBigInts(true);

  function newlyRefused(row: number, { key, refused = 0n }: Finished): bigint {
    if (refused === 0n) return 0n;
    const known = maskOf.get(row, key)?.mask;
    return typeof known === 'bigint' ? refused & ~known : refused;
  }

  return (row, change, counted) => {
    const { key, timestamp, mask, ingestionTime = null, counts } = change;
    counted.refused(newlyRefused(row, change));
    const { changes } = add.run(row, key, timestamp, mask, ingestionTime);
    if (Number(changes) === 0) merge.run({ mask, row, key });
    else if (counts) counted.first(counts);
  };
}
