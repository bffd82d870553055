import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';

import { readSpec } from './documents.ts';
import { createReadSaved } from './saved.ts';
import { dueUnlessDisabled } from './schema.ts';
import type { Lease } from './store.ts';

interface Taking {
  readonly owner: string;
  readonly row: number;
  readonly leaseMs: number;
}

/** Makes `owner` the holder of a row, under a new fence, and reads what is stored there. */
export type Take = (taking: Taking) => Omit<Lease, 'dueAt' | 'deadline'>;

const takenRow = z.object({
  fence: z.string().transform(BigInt),
  spec: z.string().transform(readSpec),
  state: z.string().nullable(),
});

export function createTake(database: DatabaseSync): Take {
  const take = database.prepare(
    `update lease set
       fence = fence + 1, owner = :owner, wake = 0, next_at = ${dueUnlessDisabled('now_ms() + :leaseMs')}
     where sid = :row`,
  );
  const taken = database.prepare(
    'select cast(fence as text) fence, spec, state from lease join source using (sid) where sid = ?',
  );
  const readSaved = createReadSaved(database);

  return ({ owner, row, leaseMs }) => {
    take.run({ owner, row, leaseMs });
    const { fence, spec, state } = takenRow.parse(taken.get(row));
    const saved = readSaved(row, state);
    return { source: spec.source, row, fence, spec, ...(saved ? { saved } : {}) };
  };
}
