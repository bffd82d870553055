import type { StoredRecord } from '../search/search-index.ts';

/** The newest records of all that were found, each once. */
export interface Newest {
  add(records: readonly StoredRecord[]): void;
  /** Nothing from this time or before it could still come in. */
  isFullAfter(time: number): boolean;
  list(): readonly StoredRecord[];
}

export function createNewest(limit: number): Newest {
  let kept: readonly StoredRecord[] = [];

  return {
    add(records) {
      if (records.length === 0) return;
      const byName = new Map([...kept, ...records].map((record) => [nameOf(record), record]));
      kept = [...byName.values()].sort((one, other) => other.time - one.time).slice(0, limit);
    },
    isFullAfter(time) {
      const last = kept[limit - 1];
      return last !== undefined && last.time > time;
    },
    list: () => kept,
  };
}

function nameOf({ source, eventId, part = 0 }: StoredRecord): string {
  return `${source}\n${eventId}\n${part}`;
}
