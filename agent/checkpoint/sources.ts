import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { inTransaction } from '../model/sqlite.ts';
import { readFacts, readSpec } from './documents.ts';
import { createReadSaved } from './saved.ts';
import { NEVER } from './schema.ts';
import type { SourceSpec, SourceStatus, SyncResult } from './store.ts';

/** Sources per page of `inspect`. */
const PAGE = 256;

/** The sources that the store knows. */
export interface Sources {
  sync(specs: readonly SourceSpec[]): SyncResult;
  /** Page by page, so that a slow reader holds no snapshot. */
  inspect(): AsyncGenerator<SourceStatus>;
}

const enabledFlag = z.int().transform(Boolean);
const knownRow = z.object({ id: z.string(), sid: z.int(), spec: z.string(), enabled: enabledFlag });
type KnownRow = z.infer<typeof knownRow>;
const statusRow = z.object({
  id: z.string(),
  sid: z.int(),
  spec: z.string(),
  enabled: enabledFlag,
  state: z.string().nullable(),
  facts: z.string().nullable(),
  owner: z.string().nullable(),
  next_at: z.int(),
});

export function createSources(database: DatabaseSync): Sources {
  return { sync: createSync(database), inspect: createInspect(database) };
}

function createSync(database: DatabaseSync): Sources['sync'] {
  const all = database.prepare('select id, sid, spec, enabled from source');
  const insert = database.prepare('insert into source(id, spec) values (?, ?) returning sid');
  const insertLease = database.prepare('insert into lease(sid, next_at) values (?, now_ms())');
  const change = database.prepare('update source set spec = ? where sid = ?');
  const setEnabled = database.prepare('update source set enabled = ? where sid = ?');
  const makeDue = database.prepare('update lease set next_at = now_ms() where sid = ?');
  // The higher fence shuts out an owner that still polls it, and a late commit after that.
  const withdraw = database.prepare(
    `update lease set fence = fence + 1, owner = null, wake = 0, next_at = ${NEVER} where sid = ?`,
  );

  /** True: it was unknown or disabled until now. */
  function enable(spec: SourceSpec, row: KnownRow | undefined): boolean {
    const text = JSON.stringify(spec);
    if (!row) {
      insertLease.run(insert.get(spec.source, text)?.sid ?? null);
      return true;
    }
    if (row.spec !== text) change.run(text, row.sid);
    if (row.enabled) return false;
    setEnabled.run(1, row.sid);
    makeDue.run(row.sid);
    return true;
  }

  function disable({ sid }: KnownRow): void {
    setEnabled.run(0, sid);
    withdraw.run(sid);
  }

  function apply(wanted: ReadonlyMap<string, SourceSpec>): SyncResult {
    const known = all.all().map((row) => knownRow.parse(row));
    const rows = new Map(known.map((row) => [row.id, row]));
    const added = [...wanted.values()].filter((spec) => enable(spec, rows.get(spec.source)));
    const gone = known.filter(({ id, enabled }) => enabled && !wanted.has(id));
    for (const row of gone) disable(row);
    return { added: added.map(({ source }) => source), disabled: gone.map(({ id }) => id) };
  }

  return (specs) => {
    const wanted = new Map(specs.map((spec) => [spec.source, spec]));
    return inTransaction(database, () => apply(wanted));
  };
}

function createInspect(database: DatabaseSync): Sources['inspect'] {
  const page = database.prepare(
    `select id, sid, spec, enabled, state, facts, next_at, case when enabled and next_at > now_ms() then owner end owner
     from source join lease using (sid) where id > ? order by id limit ${PAGE}`,
  );
  const readSaved = createReadSaved(database);

  function statusOf({ sid, spec, enabled, state, ...row }: z.infer<typeof statusRow>): SourceStatus {
    const saved = readSaved(sid, state);
    const facts = readFacts(row.facts);
    return {
      ...{ spec: readSpec(spec), row: sid, enabled, nextPollAt: row.next_at },
      ...(row.owner === null ? {} : { owner: row.owner }),
      ...(saved ? { saved } : {}),
      ...(facts ? { facts } : {}),
    };
  }

  return async function* inspect() {
    for (let after = ''; ; ) {
      const rows = page.all(after).map((row) => statusRow.parse(row));
      const last = rows.at(-1);
      if (!last) return;
      for (const row of rows) yield statusOf(row);
      after = last.id;
    }
  };
}
