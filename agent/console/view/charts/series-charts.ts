import type { SeriesAnswer } from '../../api/series.ts';
import { counted, grouped } from '../count-text.ts';
import { type CellTimes, type Chart, cellTime, chartOf } from './chart.ts';
import type { Values } from './geometry.ts';
import { COUNTS, DURATIONS, WAITING } from './scale.ts';

type Facts = SeriesAnswer['data'];
type Quantiles = Facts['lag'];

const PERCENTILES = ['p50', 'p95', 'p99'] as const;

/** What is on its way: how many records of which kind, and how late they are at the SIEM. */
export function trafficCharts({ summary, data }: SeriesAnswer): readonly Chart[] {
  return [recordsChart(data, summary), percentilesChart('Lag from AWS to the SIEM', data.lag, summary)];
}

/** How each destination acknowledges. */
export function destinationCharts({ summary, data }: SeriesAnswer): readonly Chart[] {
  return data.destinations.flatMap(({ id, ack, oldestWaitingSeconds }) => [
    ...(ack ? [percentilesChart(`${id}: acknowledgement latency`, ack, summary)] : []),
    waitingChart(`${id}: oldest waiting`, oldestWaitingSeconds, summary),
  ]);
}

/** `Counted since 11:52 UTC, when this agent began.` Undefined where that was before the chart begins. */
export function sinceText({ since, from }: SeriesAnswer['summary']): string | undefined {
  if (Date.parse(since) <= Date.parse(from)) return undefined;
  return `Counted since ${since.slice(11, 16)} UTC, when this agent began.`;
}

function recordsChart({ records }: Facts, time: CellTimes): Chart {
  const seen = records.filter(({ kind, counts }) => kind === 'finding' || total(counts) > 0);
  const sums = seen.reduce((sum, { counts }) => sum + total(counts), 0);
  const told = seen.map(({ kind, counts }) => `${kind} ${grouped(total(counts))}`);
  return chartOf({
    ...{ title: 'Records by kind', shape: 'bars', scale: COUNTS, time },
    tracks: seen.map(({ kind, counts }) => ({
      ...{ name: kind, look: kind, values: counts },
      figure: grouped(total(counts)),
    })),
    words: `${counted(sums, 'record')}; ${told.join(', ')}`,
  });
}

function percentilesChart(title: string, cells: Quantiles, time: CellTimes): Chart {
  const tracks = PERCENTILES.map((name) => {
    const values = cells.map((cell) => cell?.[name] ?? null);
    return { name, look: name, values, figure: lastOf(values) };
  });
  const last = tracks.map(({ name, figure }) => `${name} ${figure}`).join(', ');
  const worst = worstOf(
    cells.map((cell) => cell?.p99 ?? null),
    time,
  );
  return chartOf({
    ...{ title, shape: 'lines', scale: DURATIONS, time, tracks },
    words: worst === undefined ? 'nothing was acknowledged' : `${last}; p99 at worst ${worst}`,
  });
}

function waitingChart(title: string, values: Values, time: CellTimes): Chart {
  const worst = worstOf(values, time);
  return chartOf({
    ...{ title, shape: 'lines', scale: WAITING, time },
    tracks: [{ name: 'oldest', look: 'oldest', values, figure: lastOf(values) }],
    words: worst === undefined ? 'nobody has looked yet' : `${lastOf(values)}; at worst ${worst}`,
  });
}

function total(counts: Values): number {
  return counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
}

/** `last 4.2 s`: of the newest cell that has a value. */
function lastOf(values: Values): string {
  const last = values.findLast((value) => value !== null);
  return typeof last === 'number' ? `last ${DURATIONS.text(last)}` : 'none yet';
}

/** `3 min at 11:55`. */
function worstOf(values: Values, time: CellTimes): string | undefined {
  const worst = values.reduce<number | null>(
    (most, value) => (value === null ? most : Math.max(most ?? 0, value)),
    null,
  );
  if (worst === null) return undefined;
  return `${DURATIONS.text(worst)} at ${cellTime(time, values.indexOf(worst))}`;
}
