import type { LogEvent } from '../model/log-event.ts';
import type { Change, CoveredRange, IngestionRule, SourceState } from '../model/position.ts';

/** How long an event may take from its ingestion until reads show it. One that takes longer is missed. */
const READABLE_WITHIN_MS = 30 * 60_000;
/** Findings have a few KB, so these are some thousand ids. */
const PIECE_BYTES = 20_000_000;
/** A sweep of 14 days leaves out all before it, so that there are about twenty; more would only come of many splits. */
const MAX_RANGES = 64;

/**
 * Where a source has so many events that the ids of those finished are not all kept, a complete sweep stands for them:
 * an event that it must have shown was delivered to every destination that took part in it. `bit`: of the destination.
 */
export function isProved(
  { ingestionRule }: Pick<SourceState, 'ingestionRule'>,
  { timestamp, ingestionTime }: Pick<LogEvent, 'timestamp' | 'ingestionTime'>,
  bit: number,
): boolean {
  if (!ingestionRule) return false;
  return ingestionRule.covered.some(
    ({ from, to, at, bits }) =>
      from <= timestamp && timestamp <= to && at - READABLE_WITHIN_MS >= ingestionTime && bits.includes(bit),
  );
}

/** One more sweep is complete. Those that prove nothing beyond it are left out. */
export function covering({ covered, ...rule }: IngestionRule, range: CoveredRange): IngestionRule {
  const others = covered.filter((each) => !isWithin(each, range));
  return { ...rule, covered: [...others, range].slice(-MAX_RANGES) };
}

/**
 * The ids that a range stands for need not be kept. In pieces, by the `bytes` of its events: the store deletes a
 * piece at a time, so that other sources do not wait for a million ids.
 */
export function provedChanges(
  source: string,
  { from, to, at, bits }: CoveredRange,
  bytes: number,
): readonly Change[] {
  const mask = bits.reduce((all, bit) => all | (1n << BigInt(bit)), 0n);
  const pieces = Math.max(1, Math.ceil(bytes / PIECE_BYTES));
  const startOf = (piece: number): number => from + Math.floor(((to + 1 - from) * piece) / pieces);
  return Array.from({ length: pieces }, (_, piece) => ({
    ...{ kind: 'proved', source, mask, ingestedUntil: at - READABLE_WITHIN_MS },
    ...{ from: startOf(piece), to: startOf(piece + 1) - 1 },
  }));
}

function isWithin(small: CoveredRange, large: CoveredRange): boolean {
  const isLonger = large.from <= small.from && large.to >= small.to && large.at >= small.at;
  return isLonger && small.bits.every((bit) => large.bits.includes(bit));
}

/** Events before this time cannot be read again. A rule that is over is forgotten with its last range. */
export function forgettingRanges({ ingestionRule, ...state }: SourceState, before: number): SourceState {
  if (!ingestionRule) return state;
  const covered = ingestionRule.covered.filter(({ to }) => to >= before);
  const isOver = !ingestionRule.inForce && covered.length === 0;
  return isOver ? state : { ...state, ingestionRule: { ...ingestionRule, covered } };
}
