import { EXIT, GuardrelayError } from '../model/error.ts';
import type { Position, SourceState } from '../model/position.ts';
import type { GroupFacts } from './read.ts';
import { allSweeps, type Sweep } from './tiers.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A group this young belongs to a stack that has just been deployed: all of it is wanted. */
const YOUNG_MS = 25 * HOUR_MS;
/** Nothing older can be written to a log group (PutLogEvents). */
const OLDEST_WRITE_MS = 14 * DAY_MS;
/** EventBridge retries for 24 h, GuardDuty before it for up to 24 h more. */
const LATEST_DELIVERY_MS = 49 * HOUR_MS;

const SPAN = /^-(?<count>\d+)(?<unit>[smhd])$/;
const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: HOUR_MS, d: DAY_MS };

/** From when on events are wanted. `startAt`: `now`, `beginning`, a span such as `-24h`, or an RFC 3339 time. */
export function bornAt(startAt: string, { creationTime, serviceNow }: GroupFacts): number {
  if (startAt === 'beginning') return creationTime - OLDEST_WRITE_MS;
  if (startAt === 'now') return serviceNow - creationTime < YOUNG_MS ? creationTime : serviceNow;
  const { count, unit } = SPAN.exec(startAt)?.groups ?? {};
  const born = unit ? serviceNow - Number(count) * (UNIT_MS[unit] ?? 0) : Date.parse(startAt);
  if (Number.isFinite(born)) return born;
  throw new GuardrelayError('CFG-001', `collect.startAt is ${JSON.stringify(startAt)}, which is no time`, {
    exitCode: EXIT.usage,
    fix: 'Write now, beginning, a time such as 2026-01-31T00:00:00Z, or a span such as -24h.',
  });
}

/** What is known of a source before it was ever read. */
export function firstState(
  source: string,
  { creationTime }: GroupFacts,
  { born, sweeps }: { readonly born: number; readonly sweeps: readonly Sweep[] },
): SourceState {
  return {
    source,
    generation: creationTime,
    highWater: born,
    lastReadAt: 0,
    sweeps: allSweeps(sweeps).map(({ windowMinutes }) => ({ windowMinutes, doneAt: born })),
  };
}

/** Where a destination begins with a source, be the source new or only the destination. */
export function firstPosition(
  { source, highWater }: SourceState,
  { destination, bit, born }: Pick<Position, 'destination' | 'bit' | 'born'>,
): Position {
  const floor = Math.min(born, highWater);
  return { source, destination, bit, born, floor, mode: 'joined', grade: 'none', updatedAt: 0 };
}

/** A source whose log group was deleted and made again: read all that the new group can hold. */
export function recreated(
  state: SourceState,
  positions: readonly Position[],
  creationTime: number,
): { readonly state: SourceState; readonly positions: readonly Position[] } {
  const from = creationTime - LATEST_DELIVERY_MS;
  const { dense: _, ingestionRule: __, ...kept } = state;
  return {
    state: {
      ...kept,
      generation: creationTime,
      highWater: from,
      // Ids of the old group may have hidden events of the new one from sweeps since then.
      sweeps: state.sweeps.map((mark) => ({ ...mark, doneAt: Math.min(mark.doneAt, creationTime) })),
    },
    positions: positions.map((position) => ({ ...position, floor: from })),
  };
}
