import type { Position, SourceState } from '../model/position.ts';
import type { WindowPlan } from './read.ts';

/** A window that is read again now and then, because events may become readable late. */
export interface Sweep {
  readonly windowMinutes: number;
  readonly everyMinutes: number;
}

/** How late an event may be and still be found. */
export interface LateOptions {
  readonly overlapMinutes: number;
  readonly sweeps: readonly Sweep[];
}

export interface WindowOptions extends LateOptions {
  /** First read since the source was claimed, or since a destination joined: begin at the lowest floor. */
  readonly restart: boolean;
}

const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;
/** AWS's largest page, less what it counts beside the messages. */
const ONE_PAGE_BYTES = 1_000_000;

/** Sweeps that every source gets: nothing older than 14 days can be written to a log group. */
const BUILT_IN: readonly Sweep[] = [
  { windowMinutes: 49 * 60, everyMinutes: DAY_MINUTES },
  { windowMinutes: 14 * DAY_MINUTES, everyMinutes: 7 * DAY_MINUTES },
];

/** The configured sweeps, shortest first, and those built in that reach further than every configured one. */
export function allSweeps(configured: readonly Sweep[]): readonly Sweep[] {
  const longest = Math.max(0, ...configured.map((sweep) => sweep.windowMinutes));
  const further = BUILT_IN.filter((sweep) => sweep.windowMinutes > longest);
  return [...configured, ...further].toSorted((a, b) => a.windowMinutes - b.windowMinutes);
}

/**
 * The next poll, which serves the due sweeps that fit one page. A due sweep begins its window before the START of the last closed one, not before now: only so
 * is an event found that became readable at any time in between.
 */
export function planWindow(
  state: SourceState,
  positions: readonly Position[],
  serviceNow: number | undefined,
  options: WindowOptions,
): WindowPlan {
  const due = dueSweeps(state, serviceNow, options).filter((sweep) => fitsOnePage(state, sweep));
  const starts = [
    state.highWater - options.overlapMinutes * MINUTE_MS,
    ...due.map((sweep) => sweepStart(state, sweep)),
    ...(options.restart ? joinedFloors(positions) : []),
  ];
  return {
    what: 'poll',
    start: Math.max(0, Math.min(...starts)),
    due: due.map((sweep) => sweep.windowMinutes),
  };
}

/**
 * The due sweeps that are too large for a poll, as one read that ends where polls begin: pages come oldest first, so
 * a poll that served them would be late with new events. Undefined: none is due.
 */
export function planSweep(
  state: SourceState,
  serviceNow: number | undefined,
  options: LateOptions,
): WindowPlan | undefined {
  const due = dueSweeps(state, serviceNow, options).filter((sweep) => !fitsOnePage(state, sweep));
  if (due.length === 0) return undefined;
  const start = Math.max(0, Math.min(...due.map((sweep) => sweepStart(state, sweep))));
  return {
    what: 'sweep',
    start,
    end: Math.max(start, state.highWater - options.overlapMinutes * MINUTE_MS),
    due: due.map((sweep) => sweep.windowMinutes),
  };
}

/** What a destination reads that has fallen behind, as soon as it takes records again. */
export function planCatchUp({ floor }: Position): WindowPlan {
  return { what: 'catch-up', start: Math.max(0, floor), due: [] };
}

function dueSweeps(
  state: SourceState,
  serviceNow: number | undefined,
  { sweeps }: LateOptions,
): readonly Sweep[] {
  if (serviceNow === undefined) return [];
  return allSweeps(sweeps).filter((sweep) => {
    const doneAt = lastDone(state, sweep);
    return doneAt === undefined || serviceNow - doneAt >= sweep.everyMinutes * MINUTE_MS;
  });
}

/** By its last measure; a window holds no less than a shorter one. One that was never measured counts as small. */
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
