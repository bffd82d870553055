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

  function rowsOf(key: string): readonly Uint32Array[] {
    const track = tracks.get(key) ?? {
      hour: createCellRing(SPANS.hour, width),
      day: createCellRing(SPANS.day, width),
    };
    tracks.set(key, track);
    const at = now();
    return Object.values(track).flatMap((ring) => ring.rowAt(at) ?? []);
  }

  function sum(keys: readonly string[], { span, cell }: Place): readonly number[] {
    const sums = Array.from({ length: width }, () => 0);
    for (const key of keys) tracks.get(key)?.[span].addTo(sums, cell);
    return sums;
  }

  return {
    count(keys, column) {
      for (const row of keys.flatMap(rowsOf)) row[column] = (row[column] ?? 0) + 1;
    },
    raise(keys, value) {
      for (const row of keys.flatMap(rowsOf)) row[0] = Math.max(row[0] ?? 0, value);
    },
    sum,
    largest: (keys, place) => Math.max(0, ...keys.map((key) => sum([key], place)[0] ?? 0)),
  };
}
