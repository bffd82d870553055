import { clockText } from '../instant-text.ts';
import { linePath, stackedBars, type Values } from './geometry.ts';
import type { Scale } from './scale.ts';

/** A chart over time, ready to be drawn, and the same in words and as a table. */
export interface Chart {
  readonly title: string;
  readonly note: string;
  readonly shape: 'bars' | 'lines';
  readonly cells: number;
  readonly tracks: readonly Track[];
  /** At the top, in the middle and at the bottom. */
  readonly ticks: readonly string[];
  /** Of the first cell, of one in the middle, and of the end. */
  readonly times: readonly string[];
  /** For who does not see it. */
  readonly words: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

interface Track {
  readonly name: string;
  /** Beside the name: a number of it. */
  readonly figure: string;
  /** Names the colour. */
  readonly look: string;
  readonly path: string;
}

export interface ChartSpec extends Pick<Chart, 'title' | 'shape'> {
  readonly scale: Scale;
  readonly time: CellTimes;
  readonly tracks: readonly (Omit<Track, 'path'> & { readonly values: Values })[];
  /** What a screen reader is told after title and times. */
  readonly words: string;
}

export interface CellTimes {
  /** Of the first cell, ISO 8601. */
  readonly from: string;
  readonly cellSeconds: number;
}

/** `14:31`, of the beginning of a cell. */
export function cellTime({ from, cellSeconds }: CellTimes, cell: number): string {
  return clockText(Date.parse(from) + cell * cellSeconds * 1_000).slice(0, 5);
}

export function chartOf({ title, shape, scale, time, tracks, words }: ChartSpec): Chart {
  const layers = tracks.map(({ values }) => values);
  const cells = layers[0]?.length ?? 0;
  const top = scale.topFor(largest(layers, shape));
  const paths = shape === 'bars' ? stackedBars(layers, top) : layers.map((values) => linePath(values, top));
  const times = [cellTime(time, 0), cellTime(time, cells / 2), `${cellTime(time, cells)} UTC`];
  return {
    ...{ title, shape, cells, times },
    note: `per ${minutesText(time.cellSeconds / 60)}`,
    tracks: tracks.map(({ values: _, ...track }, at) => ({ ...track, path: paths[at] ?? '' })),
    ticks: [top, top / 2, 0].map((value) => scale.text(value)),
    words: `${title}, ${times[0]} to ${times[2]}: ${words}`,
    head: ['From (UTC)', ...tracks.map(({ name }) => name)],
    rows: rowsOf(layers, { time, scale }),
  };
}

function minutesText(minutes: number): string {
  return minutes === 1 ? 'minute' : `${minutes} minutes`;
}

function largest(layers: readonly Values[], shape: Chart['shape']): number {
  if (shape === 'lines') return Math.max(0, ...layers.flat().map(Number));
  const sums = (layers[0] ?? []).map((_, at) => layers.reduce((sum, each) => sum + (each[at] ?? 0), 0));
  return Math.max(0, ...sums);
}

/** Cells of which nothing is known are left out. */
function rowsOf(layers: readonly Values[], { time, scale }: Pick<ChartSpec, 'time' | 'scale'>) {
  const text = (value: number | null | undefined): string =>
    typeof value === 'number' ? scale.text(value) : '–';
  return (layers[0] ?? []).flatMap((_, at) => {
    const numbers = layers.map((values) => values[at] ?? null);
    return numbers.every((value) => value === null) ? [] : [[cellTime(time, at), ...numbers.map(text)]];
  });
}
