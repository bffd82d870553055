/** How often a source is read. */
export interface PollOptions {
  readonly baseSeconds: number;
  /** While a finding or change arrived within `activeForMinutes`, or a destination is behind. */
  readonly activeSeconds: number;
  readonly activeForMinutes: number;
}

export interface Activity {
  /** Event time of the last finding or change, epoch ms. */
  readonly lastEventAt?: number | undefined;
  readonly behind: boolean;
  readonly now: number;
}

/** Seconds between the starts of two reads. Heartbeats are not activity. */
export function pollSeconds(options: PollOptions, { lastEventAt, behind, now }: Activity): number {
  const activeSince = now - options.activeForMinutes * 60_000;
  const active = behind || (lastEventAt !== undefined && lastEventAt >= activeSince);
  return active ? Math.min(options.activeSeconds, options.baseSeconds) : options.baseSeconds;
}

/** The interval in ms, moved by up to ±10 %, so that sources do not stay in step. */
export function jitteredMs(seconds: number, random: () => number): number {
  return Math.round(seconds * 1_000 * (0.9 + 0.2 * random()));
}
