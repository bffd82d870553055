import type { EncodedRecord } from '../model/batch.ts';
import type { BlockedWhy, Grade } from '../model/outcome.ts';

/**
 * Delivery to one destination, shared by every source that ships to it: seals batches, sends them, retries
 * without end, waits out settle windows, bisects rejected batches and quarantines single records.
 * It never drops: a record leaves it only as `final`, `quarantined`, or withdrawn by its owner.
 */
export interface Shipper {
  readonly destination: string;
  /** Bytes that may still be submitted; 0 or less: stop. Queued, in flight and settling records count. */
  room(): number;
  submit(submission: Submission): void;
  /** Forgets everything of this owner that is not on the wire now; later outcomes of it are not told. */
  withdraw(owner: object): void;
  status(): ShipperStatus;
  /** Finishes what is in flight within `deadlineMs`, then closes the sink. Safe twice. */
  close(deadlineMs: number): Promise<void>;
}

export interface Submission {
  readonly record: EncodedRecord;
  /** Whoever submits: the unit of `withdraw`. One object per (source, lease). */
  readonly owner: object;
  /** Called exactly once, unless withdrawn. */
  done(result: Delivered): void;
}

export type Delivered =
  | { readonly kind: 'final'; readonly grade: Grade }
  /** Stands durably in the quarantine file. */
  | { readonly kind: 'quarantined'; readonly why: string };

export interface ShipperStatus {
  readonly circuit: 'closed' | 'retrying' | 'blocked' | 'half-open';
  /** The grade of the last acknowledgement, or the best that the sink can reach. */
  readonly grade: Grade;
  /** Epoch ms. */
  readonly lastAckAt?: number;
  /** Epoch ms since when the circuit is not closed. */
  readonly since?: number;
  /** What the far side said last, no secrets. */
  readonly error?: string;
  readonly blocked?: { readonly why: BlockedWhy; readonly detail: string };
  readonly queuedRecords: number;
  readonly queuedBytes: number;
  readonly delivered: number;
  readonly retries: number;
  readonly quarantined: number;
}
