import { closeSync, existsSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { z } from 'zod';

import { MEMBER_STATUSES, type MemberFacts } from '../model/member-facts.ts';
import { type MemberStatus, memberStatus } from '../model/member-status.ts';
import { inTransaction, isDamage } from '../model/sqlite.ts';
import type { KeptMember, MemberChange } from './kept-members.ts';

/** One administrator of GuardDuty in one region. */
export interface MemberPlace {
  readonly customer: string;
  readonly administrator: string;
  readonly region: string;
}

/** When a place was looked at, and whether that was refused. */
export interface PastLook {
  /** Epoch ms. */
  readonly at: number;
  readonly isBlind: boolean;
}

/**
 * What was seen of members: it outlives the agent, so that a restart neither repeats nor forgets. It lies in a file of
 * its own, because an organization may have more members than there are checkpoints.
 */
export interface MemberStore {
  lastLook(place: MemberPlace): PastLook | undefined;
  kept(place: MemberPlace): readonly KeptMember[];
  /** The look and all that it changed, at once. */
  save(place: MemberPlace, look: PastLook, change: MemberChange): void;
  /** Forgets places that are none of these and were not looked at since `before`, epoch ms. */
  forgetOthers(places: readonly MemberPlace[], before: number): void;
  /** Those that are not simply enabled. */
  unsettled(): readonly MemberFacts[];
  all(customer: string): readonly MemberFacts[];
  /** Accounts of each customer and status, each counted once, as what it is where it is worst. */
  counts(): readonly MemberCount[];
  close(): void;
}

interface MemberCount {
  readonly customer: string;
  readonly status: MemberStatus;
  readonly accounts: number;
}

const BUSY_MS = 5_000;

const SCHEMA = `
  create table if not exists place(
    customer text, administrator text, region text, looked_at integer not null, blind integer not null,
    primary key (customer, administrator, region)) strict, without rowid;
  create table if not exists member(
    customer text, administrator text, region text, account text, email text, status text not null,
    rank integer not null, text text not null, since integer, gone_at integer,
    primary key (customer, administrator, region, account)) strict, without rowid;
  create index if not exists unsettled on member(rank) where status <> 'enabled';`;

const time = z
  .int()
  .nullable()
  .transform((value) => value ?? undefined);
const memberRow = z
  .object({
    customer: z.string(),
    administrator: z.string(),
    region: z.string(),
    account: z.string(),
    email: z
      .string()
      .nullable()
      .transform((value) => value ?? undefined),
    status: z.enum(MEMBER_STATUSES),
    text: z.string(),
    since: time,
    gone_at: time,
  })
  .transform(({ gone_at: goneAt, ...member }): KeptMember => ({ ...member, goneAt }));
const placeKey = z.object({ customer: z.string(), administrator: z.string(), region: z.string() });
const placeRow = z.object({ looked_at: z.int(), blind: z.int() });
const countRow = z.object({ customer: z.string(), rank: z.int(), accounts: z.int() });

/** Opens the file, or makes it. One that is damaged is made anew: the next looks fill it. */
export function openMemberStore(dataDir: string): MemberStore {
  const path = memberFile(dataDir);
  try {
    return storeIn(openFile(path));
  } catch (error) {
    if (!isDamage(error)) throw error;
    for (const end of ['', '-wal', '-shm']) rmSync(path + end, { force: true });
    return storeIn(openFile(path));
  }
}

/** What an agent, running or not, has seen of members that are not simply enabled; nothing, if there was none. */
export function readUnsettled(dataDir: string): readonly MemberFacts[] {
  const path = memberFile(dataDir);
  if (!existsSync(path)) return [];
  try {
    using database = new DatabaseSync(path, { readOnly: true, timeout: BUSY_MS });
    return membersOf(database.prepare(UNSETTLED));
  } catch (error) {
    if (isDamage(error)) return [];
    throw error;
  }
}

function memberFile(dataDir: string): string {
  return join(dataDir, 'members.db');
}

function openFile(path: string): DatabaseSync {
  closeSync(openSync(path, 'a', 0o600));
  const database = new DatabaseSync(path, { timeout: BUSY_MS });
  try {
    database.exec(`pragma journal_mode = wal; pragma synchronous = normal; ${SCHEMA}`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

const AT_PLACE = 'customer = ? and administrator = ? and region = ?';
const UNSETTLED = "select * from member where status <> 'enabled' order by rank, customer, account, region";
const COUNTS = `select customer, rank, count(*) accounts from
  (select customer, account, min(rank) rank from member group by customer, account) group by customer, rank`;

function storeIn(database: DatabaseSync): MemberStore {
  const lookOf = database.prepare(`select looked_at, blind from place where ${AT_PLACE}`);
  const keptOf = database.prepare(`select * from member where ${AT_PLACE}`);
  const note = database.prepare(
    'insert or replace into place(customer, administrator, region, looked_at, blind) values (?, ?, ?, ?, ?)',
  );
  const put = database.prepare(
    `insert or replace into member(customer, administrator, region, account, email, status, rank, text, since, gone_at)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const drop = database.prepare(`delete from member where ${AT_PLACE} and account = ?`);
  const old = database.prepare('select customer, administrator, region from place where looked_at < ?');
  const forget = ['member', 'place'].map((table) =>
    database.prepare(`delete from ${table} where ${AT_PLACE}`),
  );
  const unsettled = database.prepare(UNSETTLED);
  const all = database.prepare('select * from member where customer = ? order by account, region');
  const counts = database.prepare(COUNTS);

  /** Asked for every few seconds, and changed by few looks. */
  let seen:
    | { readonly unsettled: readonly MemberFacts[]; readonly counts: readonly MemberCount[] }
    | undefined;
  const readNow = () => ({
    unsettled: membersOf(unsettled),
    counts: counts.all().map((row) => {
      const { customer, rank, accounts } = countRow.parse(row);
      return { customer, status: MEMBER_STATUSES[rank] ?? memberStatus(''), accounts };
    }),
  });
  const now = () => {
    seen ??= readNow();
    return seen;
  };

  return {
    lastLook(place) {
      const row = placeRow.optional().parse(lookOf.get(...keyOf(place)));
      return row && { at: row.looked_at, isBlind: row.blind === 1 };
    },
    kept: (place) => membersOf(keptOf, ...keyOf(place)),
    save(place, { at, isBlind }, change) {
      inTransaction(database, () => {
        note.run(...keyOf(place), at, isBlind ? 1 : 0);
        for (const account of change.drop) drop.run(...keyOf(place), account);
        for (const member of change.put) put.run(...valuesOf(member));
      });
      if (change.drop.length + change.put.length > 0) seen = undefined;
    },
    forgetOthers(places, before) {
      const keep = new Set(places.map((place) => keyOf(place).join('/')));
      const stale = old.all(before).map((row) => placeKey.parse(row));
      for (const place of stale.filter((each) => !keep.has(keyOf(each).join('/')))) {
        for (const statement of forget) statement.run(...keyOf(place));
        seen = undefined;
      }
    },
    unsettled: () => now().unsettled,
    all: (customer) => membersOf(all, customer),
    counts: () => now().counts,
    close: () => database.close(),
  };
}

function keyOf({ customer, administrator, region }: MemberPlace): [string, string, string] {
  return [customer, administrator, region];
}

function valuesOf(member: KeptMember) {
  const { account, email, status, text, since, goneAt } = member;
  const rank = MEMBER_STATUSES.indexOf(status);
  return [...keyOf(member), account, email ?? null, status, rank, text, since ?? null, goneAt ?? null];
}

function membersOf(statement: StatementSync, ...key: string[]): readonly KeptMember[] {
  return statement.all(...key).map((row) => memberRow.parse(row));
}
