import type { DatabaseSync } from 'node:sqlite';

import type { EventCounts } from '../model/position.ts';
import { bitsIn } from './bits.ts';
import type { Lease } from './store.ts';

/** What one item of a commit adds to the tally of the hour. */
export interface ItemTally {
  /** A destination is the first to have finished an event. */
  first(counts: EventCounts): void;
  /** `mask`: bits of destinations that refused an event just now. */
  refused(mask: bigint): void;
  readonly findings: number;
  readonly changes: number;
  readonly quarantined: number;
}

/** Counts in the transaction of the commit, so that what is counted and what is stored never differ. */
export interface Tally {
  begin(): ItemTally;
  end(lease: Lease, counted: ItemTally): void;
}

export function createTally(database: DatabaseSync): Tally {
  const add = database.prepare(
    `insert into hour(hour, sid, region, findings, changes, quarantined)
     values (now_ms() / 3600000, :row, :region, :findings, :changes, :quarantined)
     on conflict (hour, sid, region) do update set findings = findings + excluded.findings,
       changes = changes + excluded.changes, quarantined = quarantined + excluded.quarantined`,
  );
  return {
    begin: beginItem,
    end({ row, spec: { region } }, { findings, changes, quarantined }) {
      if (findings + changes + quarantined > 0) add.run({ row, region, findings, changes, quarantined });
    },
  };
}

function beginItem(): ItemTally {
  const tally = { findings: 0, changes: 0, quarantined: 0 };
  return Object.assign(tally, {
    first({ findings, changes }: EventCounts) {
      tally.findings += findings;
      tally.changes += changes;
    },
    refused(mask: bigint) {
      tally.quarantined += bitsIn(mask);
    },
  });
}
