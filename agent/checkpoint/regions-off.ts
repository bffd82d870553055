import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';

import type { RegionOff } from '../model/mute.ts';
import { inTransaction } from '../model/sqlite.ts';

/** The regions in which nothing is read, for whoever shows what is watched. */
export interface RegionsOff {
  /** Replaces those that were found before; what stays the same is not written. */
  note(regions: readonly RegionOff[]): void;
  list(): readonly RegionOff[];
}

const row = z.object({ customer: z.string(), account: z.string(), region: z.string() });

export function createRegionsOff(database: DatabaseSync): RegionsOff {
  const all = database.prepare('select customer, account, region from region_off order by 1, 2, 3');
  const forget = database.prepare('delete from region_off');
  const add = database.prepare(
    'insert or ignore into region_off(customer, account, region) values (?, ?, ?)',
  );

  function list(): readonly RegionOff[] {
    return all.all().map((found) => row.parse(found));
  }

  return {
    list,
    note(regions) {
      const known = new Set(list().map(nameOf));
      if (known.size === regions.length && regions.every((each) => known.has(nameOf(each)))) return;
      inTransaction(database, () => {
        forget.run();
        for (const { customer, account, region } of regions) add.run(customer, account, region);
      });
    },
  };
}

function nameOf({ customer, account, region }: RegionOff): string {
  return `${customer}/${account}/${region}`;
}
