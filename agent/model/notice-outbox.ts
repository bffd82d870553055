import type { RelayEvent } from './relay-event.ts';

/** Where the agent leaves what it has to say to a customer's SIEM. */
export interface NoticeOutbox {
  /** Kept on disk when it resolves, delivered at least once; an event whose id is there already is not kept twice. */
  put(event: RelayEvent): Promise<void>;
}
