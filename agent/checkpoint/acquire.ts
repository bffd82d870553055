import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';

import type { Clock } from '../model/clock.ts';
import { inTransaction } from '../model/sqlite.ts';
import { leaseDeadline } from './leases.ts';
import { NEVER } from './schema.ts';
import type { Acquired, Holder, SourceSpec } from './store.ts';
import { createTake } from './take.ts';

/** Claims sources by name. */
export type Acquire = (owner: string, specs: readonly SourceSpec[], leaseMs: number) => Acquired;

const knownRow = z.object({ sid: z.int(), dueAt: z.int(), holder: z.string().nullable() });
type KnownRow = z.infer<typeof knownRow>;
const newRow = z.object({ sid: z.int() });

export function createAcquire(database: DatabaseSync, clock: Clock): Acquire {
  const known = database.prepare(
    `select sid, next_at dueAt, case when enabled and next_at > now_ms() then owner end holder
     from source join lease using (sid) where id = ?`,
  );
  const insert = database.prepare('insert into source(id, spec, enabled) values (?, ?, 0) returning sid');
  const insertLease = database.prepare(`insert into lease(sid, next_at) values (?, ${NEVER})`);
  const take = createTake(database);

  function find(spec: SourceSpec): KnownRow | undefined {
    const row = known.get(spec.source);
    return row && knownRow.parse(row);
  }

  function add(spec: SourceSpec): KnownRow {
    const { sid } = newRow.parse(insert.get(spec.source, JSON.stringify(spec)));
    insertLease.run(sid);
    return { sid, dueAt: NEVER, holder: null };
  }

  function holders(specs: readonly SourceSpec[]): readonly Holder[] {
    return specs.flatMap((spec) => {
      const owner = find(spec)?.holder ?? undefined;
      return owner === undefined ? [] : [{ source: spec.source, owner }];
    });
  }

  return (owner, specs, leaseMs) => {
    const deadline = leaseDeadline(clock.monotonic(), leaseMs);
    return inTransaction(database, () => {
      const held = holders(specs);
      if (held.length > 0) return { kind: 'held', holders: held };
      const leases = specs.map((spec) => {
        const { sid: row, dueAt } = find(spec) ?? add(spec);
        return { ...take({ owner, row, leaseMs }), dueAt, deadline };
      });
      return { kind: 'acquired', leases };
    });
  };
}
