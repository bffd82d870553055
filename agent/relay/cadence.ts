import { hash } from 'node:crypto';

/** How often a source is read. */
export interface PollOptions {
  readonly mode: 'standard' | 'economy';
  readonly baseSeconds: number;
  /** While a finding or change arrived within `activeForMinutes`, or a destination is behind. */
  readonly activeSeconds: number;
  readonly activeForMinutes: number;
  /** In economy mode, while the source is quiet. */
  readonly economySeconds: number;
}

export interface Activity {
  /** Event time of the last finding or change, epoch ms. */
  readonly lastEventAt?: number | undefined;
  readonly behind: boolean;
  /** The last read failed: it must not take an economical interval to see that all is well again. */
  readonly readFailed: boolean;
  /** Every read of a dense source costs its overlap, however little is new. */
  readonly dense: boolean;
  readonly now: number;
}

const DENSE_SECONDS = 15;
const JITTER_SHARE = 0.1;
/** An event is promised to wait no longer than the interval; a tenth of five minutes would show. */
const MOST_JITTER_MS = 1_000;

/** Seconds between the starts of two reads. Heartbeats are not activity. */
export function pollSeconds(options: PollOptions, activity: Activity): number {
  return Math.max(activity.dense ? DENSE_SECONDS : 0, wantedSeconds(options, activity));
}

function wantedSeconds(options: PollOptions, { lastEventAt, behind, readFailed, now }: Activity): number {
  const { mode, baseSeconds, activeSeconds, economySeconds } = options;
  const activeSince = now - options.activeForMinutes * 60_000;
  if (behind || (lastEventAt !== undefined && lastEventAt >= activeSince)) {
    return Math.min(activeSeconds, baseSeconds);
  }
  return mode === 'economy' && !readFailed ? Math.max(economySeconds, baseSeconds) : baseSeconds;
}

/** The interval in ms, moved by up to ±10 % and no more than a second, so that sources do not stay in step. */
export function jitteredMs(seconds: number, random: () => number): number {
  const ms = seconds * 1_000;
  return Math.round(ms + Math.min(JITTER_SHARE * ms, MOST_JITTER_MS) * (2 * random() - 1));
}

/**
 * The wait, in ms, from the first read of a source to the second: a part of the interval that its name decides. Sources
 * that were deployed at once, or waited for an agent to come, would otherwise be read in step for many intervals.
 */
export function phaseMs(source: string, seconds: number): number {
  const share = hash('sha256', source, 'buffer').readUInt32BE(0) / 2 ** 32;
  return Math.round(seconds * 1_000 * share);
}
