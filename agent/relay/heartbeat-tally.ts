import type { Change } from '../model/position.ts';
import type { SourceRec } from '../model/record.ts';

/** Which minutes of which hours had heartbeats: what a commit adds to the tally of the hours. */
export interface HeartbeatTally {
  note(heartbeat: Pick<SourceRec, 'region' | 'origin'>): void;
  /** What the store may not have yet; the same again, until it is `committed`. */
  changes(source: string): readonly Change[];
  committed(): void;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Heartbeats come again with each overlap and sweep; those of so many hours are not stored again for that. */
const REMEMBERED_HOURS = 3;
/** Nobody asks for older ones. */
const KEPT_HOURS = 48;

interface Minutes {
  readonly region: string;
  readonly hour: number;
  minutes: bigint;
  isStored: boolean;
}

export function createHeartbeatTally(): HeartbeatTally {
  const known = new Map<string, Minutes>();
  let newest = 0;
  let taken: readonly (readonly [Minutes, bigint])[] = [];

  function forgetOld(): void {
    for (const [name, { hour, isStored }] of known) {
      if (isStored && hour <= newest - REMEMBERED_HOURS) known.delete(name);
    }
  }

  return {
    note({ region, origin: { timestamp } }) {
      const hour = Math.floor(timestamp / HOUR_MS);
      if (hour < newest - KEPT_HOURS) return;
      const name = `${region} ${hour}`;
      const entry = known.get(name) ?? { region, hour, minutes: 0n, isStored: true };
      const minute = 1n << BigInt(Math.floor((timestamp % HOUR_MS) / MINUTE_MS));
      if ((entry.minutes & minute) !== 0n) return;
      entry.minutes |= minute;
      entry.isStored = false;
      known.set(name, entry);
      newest = Math.max(newest, hour);
    },
    changes(source) {
      const pending = [...known.values()].filter(({ isStored }) => !isStored);
      taken = pending.map((entry) => [entry, entry.minutes]);
      return pending.map(({ region, hour, minutes }) => ({
        kind: 'heartbeats',
        ...{ source, region, hour, minutes },
      }));
    },
    committed() {
      for (const [entry, minutes] of taken) if (entry.minutes === minutes) entry.isStored = true;
      taken = [];
      forgetOld();
    },
  };
}
