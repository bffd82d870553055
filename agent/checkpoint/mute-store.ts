import type { Mute } from '../model/mute.ts';

/** What people have muted by hand: kept over restarts, and seen by every agent of the store. */
export interface MuteStore {
  /** Durable when it resolves. Mutes that have ended are forgotten with it. */
  add(mute: Mute): Promise<void>;
  /** False: there is none, or it has ended. */
  remove(id: string): Promise<boolean>;
  /** Those that have not ended by the store's clock, the first to end first. */
  list(): Promise<readonly Mute[]>;
}
