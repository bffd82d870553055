import type { DatabaseSync } from 'node:sqlite';

import { inTransaction } from '../model/sqlite.ts';

/** `next_at` of a disabled source: never due. */
export const NEVER = Number.MAX_SAFE_INTEGER;

/** SQL for a new `next_at`: this time, but a disabled source stays disabled. */
export function dueUnlessDisabled(time: string): string {
  return `case when next_at = ${NEVER} then next_at else ${time} end`;
}

/** One entry per schema number, from 1. Additive only: agents of two releases may share a file. */
const MIGRATIONS = [
  `create table source(
     sid integer primary key, id text not null unique, spec text not null,
     enabled integer not null default 1, state text, facts text) strict;
   create table lease(
     sid integer primary key references source(sid), fence integer not null default 0, owner text,
     wake integer not null default 0, next_at integer not null) strict;
   create index lease_due on lease(next_at);
   create table position(
     sid integer not null references source(sid), destination text not null, doc text not null,
     primary key(sid, destination)) strict, without rowid;
   create table finished(
     sid integer not null references source(sid), key blob not null, ts integer not null, mask integer not null,
     primary key(sid, key)) strict, without rowid;
   create index finished_ts on finished(sid, ts);`,
  'alter table finished add column ingested integer;',
  `insert or ignore into meta(key, value) values ('secret', lower(hex(randomblob(32))));`,
  `create table notice(
     nid integer primary key, id text not null unique, customer text not null, at integer not null,
     doc text not null) strict;
   create index notice_at on notice(at);
   create table notice_to(
     destination text not null, nid integer not null references notice(nid), owner text, next_at integer not null,
     primary key(destination, nid)) strict, without rowid;
   create index notice_to_nid on notice_to(nid);`,
  `create table hour(
     hour integer not null, sid integer not null references source(sid), region text not null,
     minutes integer not null default 0, findings integer not null default 0, changes integer not null default 0,
     quarantined integer not null default 0, primary key(hour, sid, region)) strict, without rowid;
   create table watched(hour integer primary key, minutes integer not null) strict;`,
  `create table mute(id text primary key, until integer not null, doc text not null) strict;
   create table region_off(
     customer text not null, account text not null, region text not null,
     primary key(customer, account, region)) strict, without rowid;`,
] as const;

/** The schema number that this release writes. */
export const SCHEMA: number = MIGRATIONS.length;

/** The schema number in the file; 0 where it holds no store. */
export function storedSchema(database: DatabaseSync): number {
  const meta = database.prepare(`select 1 from sqlite_schema where type = 'table' and name = 'meta'`).get();
  if (!meta) return 0;
  return Number(database.prepare(`select value from meta where key = 'schema'`).get()?.value ?? 0);
}

/** Brings the file to this release's schema. */
export function migrate(database: DatabaseSync): void {
  inTransaction(database, () => {
    const stored = storedSchema(database);
    if (stored >= SCHEMA) return;
    database.exec('create table if not exists meta(key text primary key, value text not null) strict');
    for (const migration of MIGRATIONS.slice(stored)) database.exec(migration);
    database.prepare(`insert or replace into meta(key, value) values ('schema', ?)`).run(String(SCHEMA));
  });
}
