import { closeSync, openSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';

import { ERROR_CODES, type ErrorCode } from '../model/error.ts';
import { type RelayEvent, relayEvent } from '../model/relay-event.ts';
import { inTransaction, isDamage } from '../model/sqlite.ts';
import type { Condition } from './condition.ts';
import { LASTING, type LastingType } from './event-types.ts';
import type { Fared } from './sender.ts';
import type { Told } from './teller.ts';

/** Something that has happened, to be told once. */
export interface Happening {
  readonly event: RelayEvent;
  /** What is alike and happens within a short time is told as one. */
  readonly topic: string;
}

/**
 * What outlives the agent: what each channel was told and is not over, and what it has still to be told. It lies in
 * a file of its own, so that its writes never wait for those of checkpoints.
 */
export interface NoticeMemory {
  told(channel: string): readonly Told[];
  remember(channel: string, told: Told): void;
  forget(channel: string, key: string): void;
  /** Whoever opened the same file may have done it: `notify ack`. */
  isAcknowledged(channel: string, key: string): boolean;
  /** On all channels; answers on how many it is open. */
  acknowledge(key: string): number;
  fared(channel: string): Fared;
  note(channel: string, fared: Fared): void;
  /** Durable when it returns; what was put before is not put again. */
  put(happening: Happening, channels: readonly string[]): void;
  /** Oldest first. */
  waiting(channel: string): readonly Happening[];
  /** Told, or given up. */
  done(channel: string, ids: readonly string[]): void;
  /** Forgets channels that are no more, and what happened too long ago; answers how many were never told. */
  prune(channels: readonly string[]): number;
  close(): void;
}

interface MemoryOptions {
  readonly path: string;
  /** Epoch ms. */
  now(): number;
}

const BUSY_MS = 5_000;
const MAX_WAITING = 1_000;
/** So long it waits for a channel, and is known by its id. */
export const KEEP_MS = 7 * 24 * 3_600_000;

const SCHEMA = `
  create table if not exists told(channel text, key text, doc text not null, acknowledged_at integer, primary key (channel, key)) strict, without rowid;
  create table if not exists fared(channel text primary key, doc text not null) strict, without rowid;
  create table if not exists happened(id text primary key, at integer not null) strict, without rowid;
  create table if not exists waiting(
    seq integer primary key, channel text not null, id text not null, at integer not null, topic text not null, doc text not null
  ) strict;
  create index if not exists waiting_of on waiting(channel, seq);`;

/** Opens the file, or makes it. One that is damaged is made anew: what lasts is then told again. */
export function openNoticeMemory(options: MemoryOptions): NoticeMemory {
  try {
    return memoryIn(openFile(options.path), options);
  } catch (error) {
    if (!isDamage(error)) throw error;
    for (const end of ['', '-wal', '-shm']) rmSync(options.path + end, { force: true });
    return memoryIn(openFile(options.path), options);
  }
}

function openFile(path: string): DatabaseSync {
  closeSync(openSync(path, 'a', 0o600));
  const database = new DatabaseSync(path, { timeout: BUSY_MS });
  try {
    database.exec(`pragma journal_mode = wal; pragma synchronous = full; ${SCHEMA}`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function memoryIn(database: DatabaseSync, { now }: MemoryOptions): NoticeMemory {
  const toldTo = database.prepare('select doc from told where channel = ? order by key');
  const remember = database.prepare('insert or replace into told(channel, key, doc) values (?, ?, ?)');
  const forget = database.prepare('delete from told where channel = ? and key = ?');
  const acknowledge = database.prepare('update told set acknowledged_at = ? where key = ?');
  const acknowledged = database.prepare(
    'select 1 from told where channel = ? and key = ? and acknowledged_at is not null',
  );
  const faredOf = database.prepare('select doc from fared where channel = ?');
  const note = database.prepare('insert or replace into fared(channel, doc) values (?, ?)');
  const happen = database.prepare('insert into happened(id, at) values (?, ?) on conflict do nothing');
  const add = database.prepare('insert into waiting(channel, id, at, topic, doc) values (?, ?, ?, ?, ?)');
  const waitingFor = database.prepare(
    `select topic, doc from waiting where channel = ? order by seq limit ${MAX_WAITING}`,
  );
  const remove = database.prepare('delete from waiting where channel = ? and id = ?');

  return {
    told: (channel) => toldTo.all(channel).flatMap((row) => readTold(row.doc)),
    remember: (channel, told) => void remember.run(channel, told.key, JSON.stringify(told)),
    forget: (channel, key) => void forget.run(channel, key),
    isAcknowledged: (channel, key) => acknowledged.get(channel, key) !== undefined,
    acknowledge: (key) => Number(acknowledge.run(now(), key).changes),
    fared: (channel) => readFared(faredOf.get(channel)?.doc),
    note: (channel, health) => void note.run(channel, JSON.stringify(health)),
    put({ event, topic }, channels) {
      inTransaction(database, () => {
        if (happen.run(event.id, now()).changes === 0) return;
        for (const channel of channels) add.run(channel, event.id, now(), topic, JSON.stringify(event));
      });
    },
    waiting: (channel) => waitingFor.all(channel).flatMap(readHappening),
    done(channel, ids) {
      inTransaction(database, () => {
        for (const id of ids) remove.run(channel, id);
      });
    },
    prune: (channels) => prune(database, channels, now() - KEEP_MS),
    close: () => database.close(),
  };
}

function prune(database: DatabaseSync, channels: readonly string[], before: number): number {
  const known = JSON.stringify(channels);
  return inTransaction(database, () => {
    for (const table of ['told', 'waiting', 'fared']) {
      database
        .prepare(`delete from ${table} where channel not in (select value from json_each(?))`)
        .run(known);
    }
    database.prepare('delete from happened where at < ?').run(before);
    const old = database.prepare('delete from waiting where at < ?').run(before);
    const surplus = database
      .prepare(
        `delete from waiting where seq in (
           select seq from (select seq, row_number() over (partition by channel order by seq desc) place from waiting)
           where place > ${MAX_WAITING})`,
      )
      .run();
    return Number(old.changes) + Number(surplus.changes);
  });
}

const isErrorCode = (name: string): name is ErrorCode => Object.hasOwn(ERROR_CODES, name);
const isLasting = (name: string): name is LastingType => Object.hasOwn(LASTING, name);
const named = z.strictObject({ id: z.string(), name: z.exactOptional(z.string()) });
const condition: z.ZodType<Condition> = z.object({
  type: z.string().refine(isLasting),
  code: z.string().refine(isErrorCode),
  subject: z.string(),
  customers: z.array(named),
  cause: z.string(),
  account: z.exactOptional(named),
  region: z.exactOptional(z.string()),
  destination: z.exactOptional(z.string()),
  channel: z.exactOptional(z.string()),
  reason: z.string(),
  since: z.exactOptional(z.number()),
  lastGoodAt: z.exactOptional(z.number()),
});
const told: z.ZodType<Told> = z.object({
  key: z.string(),
  conditions: z.tuple([condition], condition),
  toldAt: z.number(),
});
const fared: z.ZodType<Fared> = z.object({
  lastOkAt: z.exactOptional(z.number()),
  lastFailure: z.exactOptional(z.object({ at: z.number(), why: z.string() })),
  failingSince: z.exactOptional(z.number()),
  isRefusing: z.exactOptional(z.boolean()),
});
const happening = z.object({ topic: z.string(), doc: z.string() });

/** What an earlier or later release wrote otherwise is left out: then it is told again. */
function readTold(doc: unknown): readonly Told[] {
  const read = told.safeParse(JSON.parse(String(doc)));
  return read.success ? [read.data] : [];
}

function readFared(doc: unknown): Fared {
  return doc === undefined ? {} : (fared.safeParse(JSON.parse(String(doc))).data ?? {});
}

function readHappening(row: unknown): readonly Happening[] {
  const { topic, doc } = happening.parse(row);
  const event = relayEvent.safeParse(JSON.parse(doc));
  return event.success ? [{ topic, event: event.data }] : [];
}
