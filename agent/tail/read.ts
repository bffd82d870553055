import type { AwsFailure } from '../aws/failure.ts';
import type { LogEvent } from '../model/log-event.ts';

/** Given by `relay`, backed by the store and the ledgers. */
export interface Wanted {
  /** Per event: the destinations that have neither finished it nor have it in flight. */
  for(events: readonly LogEvent[]): Promise<readonly (readonly string[])[]>;
  /** Bytes that may still be handed out; 0 or less: stop paging. */
  room(): number;
}

export type ReadKind = 'poll' | 'sweep' | 'catch-up' | 'replay' | 'audit' | 'search' | 'spool';

/** What to read: event timestamps from `start` to `end`, both inclusive, epoch ms. */
export interface WindowPlan {
  readonly what: ReadKind;
  readonly start: number;
  readonly end?: number;
  /** Pages come from the end of the window to its start; AWS does so for windows that begin in 2024 or later. */
  readonly newestFirst?: true;
  /** windowMinutes of the late-event sweeps that this read serves. */
  readonly due: readonly number[];
  /** A poll that also serves sweeps and holds more than this is to be broken off: new events must not wait for them. */
  readonly maxBytes?: number;
}

/** An event, with the destinations that still need it; never an empty list. */
export interface WantedEvent {
  readonly event: LogEvent;
  readonly destinations: readonly string[];
}

/** A call that failed: cause, code and what AWS said in one line. */
export interface ReadFailure extends Omit<AwsFailure, 'text'> {
  readonly kind: 'failed';
  readonly error: string;
  /** The least wait before the next try. */
  readonly retryAfterMs: number;
}

export type Read =
  | {
      readonly kind: 'page';
      readonly events: readonly WantedEvent[];
      /** Bytes of all events of the page, wanted or not. */
      readonly bytes: number;
      /** Largest min(timestamp, ingestionTime) so far, while pages come in time order; else undefined. */
      readonly safeHighWater?: number;
    }
  /** Every page was read. */
  | CompleteRead
  /** No room left: what was handed out stands, the window is to be read again later. */
  | { readonly kind: 'paused'; readonly what: ReadKind }
  /** Nothing moves. */
  | (ReadFailure & { readonly what: ReadKind });

export interface CompleteRead {
  readonly kind: 'complete';
  readonly what: ReadKind;
  /** Largest min(timestamp, ingestionTime) of all events read; undefined: none. */
  readonly highWater?: number;
  /** Service time when the read began, epoch ms. */
  readonly startedAt: number;
  readonly pages: number;
  readonly bytes: number;
}

/** What AWS says of the log group now. */
export interface GroupFacts {
  readonly kind: 'group';
  /** Epoch ms; another value than before means another group of the same name. */
  readonly creationTime: number;
  /** Absent: kept for ever. */
  readonly retentionDays?: number;
  readonly serviceNow: number;
}
