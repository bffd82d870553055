import type { RelayEvent } from '../model/relay-event.ts';

/**
 * What the agents of one store have to say to SIEMs, until each destination has it. Whoever is alive delivers what
 * another has left. Delivering twice is harmless, so that nothing here is fenced: a claim only keeps others away.
 */
export interface NoticeStore {
  /** Durable when it resolves. False: one of this id was put before, perhaps by another agent, and is not put twice. */
  put(event: RelayEvent, destinations: readonly string[]): Promise<boolean>;
  /** Hands out what waits for a destination, oldest first; others get it when `leaseMs` are over. */
  claim(wish: NoticeClaim): Promise<readonly ClaimedNotice[]>;
  /** Keeps what `owner` has claimed for a destination for as long again. */
  extend(owner: string, destination: string, leaseMs: number): Promise<void>;
  /** The destination has them, or never will: they wait for it no longer. */
  settle(destination: string, ids: readonly string[]): Promise<void>;
  /** Gives back what `owner` has claimed: due now. */
  release(owner: string): Promise<void>;
  /** Forgets what is too old, ids too, and the oldest where too many wait; answers what some destination never got. */
  prune(limits: NoticeLimits): Promise<readonly DroppedNotices[]>;
  /** By destination: how many wait. */
  waiting(): Promise<ReadonlyMap<string, number>>;
}

export interface NoticeClaim {
  readonly owner: string;
  readonly destination: string;
  /** Ids of those whose notices the destination may get. */
  readonly customers: readonly string[];
  readonly max: number;
  readonly leaseMs: number;
}

export interface ClaimedNotice {
  readonly id: string;
  /** Absent: this release cannot read it. */
  readonly event?: RelayEvent;
}

export interface NoticeLimits {
  readonly maxAgeMs: number;
  /** That wait for one destination. */
  readonly maxWaiting: number;
}

/** Notices that a destination will not get any more. */
export interface DroppedNotices {
  readonly destination: string;
  readonly reason: 'age' | 'count';
  readonly count: number;
}
