import type { HourTally } from '../model/hour-tally.ts';

/** What the agents of one store count by the hour; an hour is a number of hours since the epoch. */
export interface HourStore {
  /** An agent is running, now. */
  watch(): Promise<void>;
  /** The first hour in which an agent ran, of those that are not forgotten. */
  firstWatched(): Promise<number | undefined>;
  read(hour: number): Promise<HourTally>;
  /** Forgets the hours before this one, but for the last in which an agent ran. */
  forget(before: number): Promise<void>;
}
