import type { Position, SourceState } from '../model/position.ts';
import type { WindowPlan } from './read.ts';
import { allSweeps, type LateOptions, type Sweep, shortestOverlapMs, type Tiers, tiersOf } from './tiers.ts';

export interface WindowOptions extends LateOptions {
  /** First read since the source was claimed, or since a destination joined: begin at the lowest floor. */
  readonly restart: boolean;
}

const MINUTE_MS = 60_000;
/** AWS's largest page, less what it counts beside the messages. */
const ONE_PAGE_BYTES = 1_000_000;

/**
 * The next poll, which serves the due sweeps that fit one page. A due sweep begins its window before the START of the
 * last closed one, not before now: only so is an event found that became readable at any time in between.
 */
export function planWindow(
  state: SourceState,
  positions: readonly Position[],
  serviceNow: number | undefined,
  options: WindowOptions,
): WindowPlan {
  const { overlapMs, sweeps } = tiersOf(state, options);
  const due = dueSweeps(state, serviceNow, sweeps).filter((sweep) => fitsOnePage(state, sweep));
  const floors = options.restart ? joinedFloors(positions) : [];
  const pollStart = Math.min(state.highWater - overlapMs, ...floors);
  const start = Math.max(0, Math.min(pollStart, ...due.map((sweep) => sweepStart(state, sweep))));
  return {
    ...{ what: 'poll', start, due: due.length > 0 ? servedFrom(start, state, options) : [] },
    ...(start < pollStart ? { maxBytes: ONE_PAGE_BYTES } : {}),
  };
}

/**
 * The due sweeps that are too large for a poll, as one read that ends where every poll has begun: pages come oldest
 * first, so a poll that served them would be late with new events. Undefined: none is due.
 */
export function planSweep(
  state: SourceState,
  serviceNow: number | undefined,
  options: LateOptions,
): WindowPlan | undefined {
  const { sweeps } = tiersOf(state, options);
  const due = dueSweeps(state, serviceNow, sweeps).filter((sweep) => !fitsOnePage(state, sweep));
  if (due.length === 0) return undefined;
  const start = Math.max(0, Math.min(...due.map((sweep) => sweepStart(state, sweep))));
  const end = Math.max(start, state.highWater - shortestOverlapMs(options.overlapMinutes));
  return { what: 'sweep', start, end, due: servedFrom(start, state, options) };
}

/** What a destination reads that has fallen behind, as soon as it takes records again. */
export function planCatchUp({ floor }: Position): WindowPlan {
  return { what: 'catch-up', start: Math.max(0, floor), due: [] };
}

function dueSweeps(
  state: SourceState,
  serviceNow: number | undefined,
  sweeps: Tiers['sweeps'],
): readonly Sweep[] {
  if (serviceNow === undefined) return [];
  return sweeps.filter((sweep) => {
    const doneAt = lastDone(state, sweep);
    return doneAt === undefined || serviceNow - doneAt >= sweep.everyMinutes * MINUTE_MS;
  });
}

/** A read for one sweep serves every sweep that begins within it, due or not. */
function servedFrom(start: number, state: SourceState, { sweeps }: LateOptions): readonly number[] {
  return allSweeps(sweeps)
    .filter((sweep) => Math.max(0, sweepStart(state, sweep)) >= start)
    .map(({ windowMinutes }) => windowMinutes);
}

/** By its last measure; a window holds no less than a shorter one. One that was never measured is tried. */
function fitsOnePage({ sweeps }: SourceState, { windowMinutes }: Sweep): boolean {
  const own = sweeps.find((mark) => mark.windowMinutes === windowMinutes)?.bytes;
  const shorter = sweeps.filter((mark) => mark.windowMinutes < windowMinutes);
  return (own ?? Math.max(0, ...shorter.map(({ bytes = 0 }) => bytes))) <= ONE_PAGE_BYTES;
}

/** Where a due sweep begins. One that is new in the configuration has no mark yet: it looks back from here. */
function sweepStart(state: SourceState, sweep: Sweep): number {
  return (lastDone(state, sweep) ?? state.highWater) - sweep.windowMinutes * MINUTE_MS;
}

function lastDone({ sweeps }: SourceState, { windowMinutes }: Sweep): number | undefined {
  return sweeps.find((mark) => mark.windowMinutes === windowMinutes)?.doneAt;
}

function joinedFloors(positions: readonly Position[]): readonly number[] {
  return positions.filter(({ mode }) => mode === 'joined').map(({ floor }) => floor);
}
