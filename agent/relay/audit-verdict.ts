import type { LogEvent } from '../model/log-event.ts';
import type { Position, SourceState } from '../model/position.ts';
import { isProved } from '../tail/ingestion-rule.ts';

/** What became of one log event at one destination. */
export const VERDICTS = ['delivered', 'quarantined', 'notOwed', 'waiting', 'missing'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** What is known of one log event and one destination. */
export interface Evidence {
  readonly event: Pick<LogEvent, 'timestamp' | 'ingestionTime'>;
  /** A record of it stands in the destination's quarantine file. */
  readonly isQuarantined: boolean;
  /** Bits of the destinations that finished it. */
  readonly mask: bigint;
  /** A record of it passes the destination's filter. */
  readonly isWanted: boolean;
}

/** How far a destination was with a source, read before the evidence: what was in flight is never called missing. */
export interface Standing {
  readonly position: Position;
  readonly state: SourceState;
  /** What each poll reads again, in event time. */
  readonly overlapMs: number;
}

const MINUTE_MS = 60_000;

/** `standing`: undefined where no agent has begun with the source for this destination. */
export function verdictOf(evidence: Evidence, standing: Standing | undefined): Verdict {
  const { event, isQuarantined, mask, isWanted } = evidence;
  if (isQuarantined) return 'quarantined';
  if (standing && isFinished(event, mask, standing)) return 'delivered';
  if (!isWanted) return 'notOwed';
  if (!standing) return 'waiting';
  if (event.ingestionTime < standing.position.born) return 'notOwed';
  const isPassed = event.timestamp < standing.position.floor;
  return isPassed && mustHaveBeenRead(event, standing) ? 'missing' : 'waiting';
}

function isFinished(event: Evidence['event'], mask: bigint, { position, state }: Standing): boolean {
  return Boolean(mask & (1n << BigInt(position.bit))) || isProved(state, event, position.bit);
}

/**
 * Whether a read that is over must have shown the event: a poll if it was ingested in time, else a sweep that
 * reached back to it. AWS may show an event a little after its ingestion, so the read must be later by the overlap.
 */
function mustHaveBeenRead(event: Evidence['event'], { position, state, overlapMs }: Standing): boolean {
  const { timestamp, ingestionTime } = event;
  // A destination that is behind has had no part in the shared reads since its split, sweeps included.
  const sharedUntil = position.splitAt ?? Number.POSITIVE_INFINITY;
  const isLongBefore = (readAt: number): boolean =>
    ingestionTime + overlapMs <= Math.min(readAt, sharedUntil);
  // The polls of a dense source overlap too little to prove anything.
  const wasInTime = state.dense === false && ingestionTime - timestamp <= overlapMs;
  if (wasInTime) return isLongBefore(state.lastReadAt);
  const sweeps = position.sweepsAtSplit ?? state.sweeps;
  return sweeps.some(
    ({ windowMinutes, doneAt }) => isLongBefore(doneAt) && timestamp >= doneAt - windowMinutes * MINUTE_MS,
  );
}
