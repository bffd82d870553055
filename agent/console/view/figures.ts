import { HEALTHY, NEEDS_ACTION } from '../../health/verdict.ts';
import { spanText } from '../terminal/age.ts';
import type { SourceAnswer, StatusAnswer } from './answers.ts';
import { counted, grouped } from './count-text.ts';

export interface Figure {
  readonly name: string;
  readonly value: string;
  readonly note: string;
}

/** The four numbers below the verdict. */
export function figuresOf({ generatedAt, summary, data }: StatusAnswer): readonly Figure[] {
  const now = Date.parse(generatedAt);
  return [proven(data), lag(data), waiting(summary.destinations, now), refused(summary.destinations)];
}

function proven(data: readonly SourceAnswer[]): Figure {
  const customers = new Set(data.map(({ customer }) => customer)).size;
  const watched = data.filter(isWatched);
  const count = watched.filter(isHealthy).length;
  return {
    name: 'Sources proven',
    value: `${grouped(count)} of ${grouped(watched.length)}`,
    note: `in ${counted(customers, 'customer')}`,
  };
}

function lag(data: readonly SourceAnswer[]): Figure {
  const lags = data.flatMap(({ lagSeconds }) => lagSeconds ?? []).toSorted((a, b) => a - b);
  const p95 = lags[Math.ceil(lags.length * 0.95) - 1];
  return {
    name: 'AWS to SIEM, p95',
    value: p95 === undefined ? '–' : lagText(p95),
    note:
      p95 === undefined ? 'no record acknowledged yet' : `last record of ${counted(lags.length, 'source')}`,
  };
}

/** `4.2 s`, `3m`. */
export function lagText(seconds: number): string {
  return seconds < 60 ? `${seconds.toFixed(1)} s` : spanText(seconds * 1_000);
}

function waiting(destinations: StatusAnswer['summary']['destinations'], now: number): Figure {
  const oldest = destinations.flatMap(({ oldestWaitingAt }) => oldestWaitingAt ?? []).toSorted()[0];
  const records = destinations.reduce((sum, each) => sum + each.waiting, 0);
  return {
    name: 'Oldest waiting',
    value: oldest === undefined ? '0 s' : spanText(Math.max(0, now - Date.parse(oldest))),
    note: records === 0 ? 'nothing waits' : `${counted(records, 'record')} not acknowledged`,
  };
}

function refused(destinations: StatusAnswer['summary']['destinations']): Figure {
  const records = destinations.reduce((sum, { quarantined }) => sum + quarantined, 0);
  return {
    name: 'In quarantine',
    value: grouped(records),
    note: records === 0 ? 'no destination refused any' : 'guardrelay quarantine list',
  };
}

/** The second sentence: whether what was read also arrives. */
export function deliveryText({ summary: { destinations } }: Pick<StatusAnswer, 'summary'>): string {
  const blocked = destinations.filter(({ state }) => state === 'blocked');
  const retrying = destinations.filter(({ state }) => state === 'retrying');
  if (destinations.length === 0) return '';
  if (blocked.length > 0) return `Blocked: ${blocked.map(({ id }) => id).join(', ')}.`;
  if (retrying.length > 0) return `Retrying: ${retrying.map(({ id }) => id).join(', ')}.`;
  if (destinations.length === 1) return 'The destination acknowledges.';
  return destinations.length === 2
    ? 'Both destinations acknowledge.'
    : `All ${destinations.length} destinations acknowledge.`;
}

/** By what the verdict is coloured. */
export function toneOf({ summary, data }: StatusAnswer): SourceAnswer['state'] {
  if (data.some(({ state }) => NEEDS_ACTION.includes(state))) return 'failing';
  if (summary.destinations.some(({ state }) => state === 'blocked')) return 'failing';
  const watched = data.filter(isWatched);
  if (watched.length > 0 && watched.every(isHealthy)) return 'ok';
  return watched.find((source) => !isHealthy(source))?.state ?? 'pending';
}

function isHealthy({ state }: SourceAnswer): boolean {
  return HEALTHY.includes(state);
}

/** Somebody wants to know of it: it is neither muted nor in a region that is not enabled. */
function isWatched({ state }: SourceAnswer): boolean {
  return state !== 'off';
}
