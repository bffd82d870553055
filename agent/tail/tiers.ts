import type { SourceState } from '../model/position.ts';

/** A window that is read again now and then, because events may become readable late. */
export interface Sweep {
  readonly windowMinutes: number;
  readonly everyMinutes: number;
}

/** How late an event may be and still be found: as configured, which is for sources that hold little. */
export interface LateOptions {
  readonly overlapMinutes: number;
  readonly sweeps: readonly Sweep[];
}

/** The same for one source as it is now. */
export interface Tiers {
  readonly overlapMs: number;
  /** Shortest window first. */
  readonly sweeps: readonly Sweep[];
}

const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;
const DENSE_OVERLAP_MS = MINUTE_MS;
const LATE_OVERLAP_MS = 60 * MINUTE_MS;
/** Of the 99th percentile: more is late. */
const LATE_MS = 5 * MINUTE_MS;

const TWO_DAYS: Sweep = { windowMinutes: 49 * 60, everyMinutes: DAY_MINUTES };
/** Nothing older can be written to a log group. */
const EVERYTHING: Sweep = { windowMinutes: 14 * DAY_MINUTES, everyMinutes: 7 * DAY_MINUTES };

/** The configured sweeps, shortest first, and those built in that reach further than every configured one. */
export function allSweeps(configured: readonly Sweep[]): readonly Sweep[] {
  return withBuiltIn(configured, [TWO_DAYS, EVERYTHING]);
}

/**
 * A dense source is not read again as often as it is configured, so that its reads stay within a few times what is
 * new. One that was never measured counts as dense, but its sweeps come with the first of them: that measures it.
 */
export function tiersOf(state: SourceState, { overlapMinutes, sweeps }: LateOptions): Tiers {
  const { dense } = state;
  if (dense === false) {
    return { overlapMs: fullOverlapMs(state, overlapMinutes), sweeps: allSweeps(sweeps) };
  }
  return {
    overlapMs: shortestOverlapMs(overlapMinutes),
    sweeps: withBuiltIn(sweeps.map(dense ? stretched : measuring), [EVERYTHING]),
  };
}

/** Where events are often late each poll looks back further, so that they need not wait for a sweep. */
function fullOverlapMs({ latenessP99Ms = 0 }: SourceState, overlapMinutes: number): number {
  return Math.max(overlapMinutes * MINUTE_MS, latenessP99Ms > LATE_MS ? LATE_OVERLAP_MS : 0);
}

/** What every poll reads again, whatever the source holds. */
export function shortestOverlapMs(overlapMinutes: number): number {
  return Math.min(overlapMinutes * MINUTE_MS, DENSE_OVERLAP_MS);
}

function withBuiltIn(configured: readonly Sweep[], builtIn: readonly Sweep[]): readonly Sweep[] {
  const longest = Math.max(0, ...configured.map((sweep) => sweep.windowMinutes));
  const further = builtIn.filter((sweep) => sweep.windowMinutes > longest);
  return [...configured, ...further].toSorted((a, b) => a.windowMinutes - b.windowMinutes);
}

/** At most once per window, and once a day where the window is longer: each sweep reads what is new twice or so. */
function stretched({ windowMinutes, everyMinutes }: Sweep): Sweep {
  return { windowMinutes, everyMinutes: Math.max(everyMinutes, Math.min(windowMinutes, DAY_MINUTES)) };
}

function measuring({ windowMinutes }: Sweep, _: number, sweeps: readonly Sweep[]): Sweep {
  return { windowMinutes, everyMinutes: Math.min(...sweeps.map((sweep) => sweep.everyMinutes)) };
}
