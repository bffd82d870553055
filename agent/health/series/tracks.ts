import { type CellRing, createCellRing, type Span } from './cell-ring.ts';

export const SPANS = {
  hour: { cellMs: 60_000, cells: 60 },
  day: { cellMs: 15 * 60_000, cells: 96 },
} as const satisfies Readonly<Record<string, Span>>;
export type SpanName = keyof typeof SPANS;

interface Place {
  readonly span: SpanName;
  /** Counted from the epoch. */
  readonly cell: number;
}

/** Rows of numbers by key, over every span. A key that nothing is written to takes no memory. */
export interface Tracks {
  count(keys: readonly string[], column: number): void;
  /** Keeps the largest of a cell. */
  raise(keys: readonly string[], value: number): void;
  /** The rows of these keys together. */
  sum(keys: readonly string[], place: Place): readonly number[];
  /** 0: of none of these keys there is anything. */
  largest(keys: readonly string[], place: Place): number;
}

interface TracksOptions {
  /** Numbers in a row. */
  readonly width: number;
  /** Epoch ms. */
  readonly now: () => number;
}

export function createTracks({ width, now }: TracksOptions): Tracks {
  const tracks = new Map<string, Readonly<Record<SpanName, CellRing>>>();

  function trackOf(key: string): Readonly<Record<SpanName, CellRing>> {
    const known = tracks.get(key);
    if (known) return known;
    const track = { hour: createCellRing(SPANS.hour, width), day: createCellRing(SPANS.day, width) };
    tracks.set(key, track);
    return track;
  }

  function sum(keys: readonly string[], { span, cell }: Place): readonly number[] {
    const sums = Array.from({ length: width }, () => 0);
    for (const key of keys) tracks.get(key)?.[span].addTo(sums, cell);
    return sums;
  }

  return {
    count(keys, column) {
      const at = now();
      for (const { hour, day } of keys.map(trackOf)) {
        hour.count(at, column);
        day.count(at, column);
      }
    },
    raise(keys, value) {
      const at = now();
      for (const { hour, day } of keys.map(trackOf)) {
        hour.raise(at, value);
        day.raise(at, value);
      }
    },
    sum,
    largest: (keys, place) => Math.max(0, ...keys.map((key) => sum([key], place)[0] ?? 0)),
  };
}
