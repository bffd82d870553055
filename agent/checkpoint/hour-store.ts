/** What the agents of one store count by the hour; an hour is a number of hours since the epoch. */
export interface HourStore {
  /** An agent is running, now. */
  watch(): Promise<void>;
  /** The first hour in which an agent ran, of those that are not forgotten. */
  firstWatched(): Promise<number | undefined>;
  read(hour: number): Promise<HourTally>;
  /** Forgets the hours before this one. */
  forget(before: number): Promise<void>;
}

export interface HourTally {
  /** In how many of its minutes an agent ran. */
  readonly watchedMinutes: number;
  /** What some source had; for a source that nothing came of there is none. */
  readonly parts: readonly HourPart[];
}

/** What came of one source, from one region. */
export interface HourPart {
  readonly source: string;
  readonly region: string;
  /** Minutes in which a heartbeat was sent that has arrived since. */
  readonly heartbeats: number;
  /** That a destination had in this hour, whenever they happened. */
  readonly findings: number;
  readonly changes: number;
  /** Log events that a destination refused in this hour, once for each that did. */
  readonly quarantined: number;
}
