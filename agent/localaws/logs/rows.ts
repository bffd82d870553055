/** One log event as it is kept. Times are epoch ms. */
export interface Row {
  readonly timestamp: number;
  readonly ingestionTime: number;
  /** Order of writing in the group; unique there. */
  readonly sequence: number;
  /** Readers do not see the event before. */
  readonly readableAt: number;
  readonly stream: string;
  readonly message: string;
  /** UTF-8 bytes of the message. */
  readonly bytes: number;
}

/** A place between rows. */
export type Cursor = Pick<Row, 'timestamp' | 'ingestionTime' | 'sequence'>;

/** The place of a row. */
export function cursorOf({ timestamp, ingestionTime, sequence }: Row): Cursor {
  return { timestamp, ingestionTime, sequence };
}

/** The order that FilterLogEvents promises: timestamp, then ingestion time, then writing. */
export function compareRows(a: Cursor, b: Cursor): number {
  return a.timestamp - b.timestamp || a.ingestionTime - b.ingestionTime || a.sequence - b.sequence;
}

/** The log events of a group, always in reading order. Writing at the end costs nothing extra. */
export interface Rows {
  readonly all: readonly Row[];
  add(batch: readonly Row[]): void;
  /** How many rows stand before this place. */
  countBefore(place: Cursor): number;
}

/** The place before everything with this timestamp. */
export function startOf(timestamp: number): Cursor {
  return { timestamp, ingestionTime: Number.NEGATIVE_INFINITY, sequence: 0 };
}

/** No rows to begin with. */
export function createRows(): Rows {
  const all: Row[] = [];

  function countBefore(place: Cursor): number {
    let low = 0;
    let high = all.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const row = all[middle];
      if (row && compareRows(row, place) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  return {
    all,
    countBefore,
    add(batch) {
      const sorted = batch.toSorted(compareRows);
      const first = sorted[0];
      if (!first) return;
      const displaced = all.splice(countBefore(first));
      for (const row of merged(displaced, sorted)) all.push(row);
    },
  };
}

function* merged(left: readonly Row[], right: readonly Row[]): Generator<Row> {
  let l = 0;
  let r = 0;
  while (l < left.length || r < right.length) {
    const a = left[l];
    const b = right[r];
    if (a && (!b || compareRows(a, b) < 0)) {
      yield a;
      l += 1;
    } else if (b) {
      yield b;
      r += 1;
    }
  }
}
