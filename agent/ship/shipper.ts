import type { EncodedRecord } from '../model/batch.ts';
import type { Clock } from '../model/clock.ts';
import type { Logger } from '../model/logger.ts';
import type { BlockedWhy, Grade } from '../model/outcome.ts';
import type { Sink } from '../model/sink.ts';
import { createCustody } from './custody.ts';
import { Engine } from './engine.ts';
import type { LoneVerdict } from './poison.ts';
import type { Quarantine } from './quarantine.ts';

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
  /** No more comes soon: what was submitted does not wait for its batch to be full. */
  flush(): void;
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
  | { readonly kind: 'quarantined'; readonly why: string; readonly code?: string };

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

export interface ShipperOptions {
  readonly destination: string;
  readonly sink: Sink;
  /** Queued, in flight and settling together. */
  readonly maxInFlightBytes?: number;
  readonly clock: Clock;
  /** From 0 to 1, for the jitter. */
  readonly random: () => number;
  readonly quarantine: Quarantine;
  /** Absent: `hold`, because the fault may lie in the destination. `quarantine` is for records that stand there already. */
  readonly lone?: LoneVerdict | undefined;
  readonly logger: Logger;
  /** Called when the circuit changes. */
  onChange?(status: ShipperStatus): void;
}

const MAX_IN_FLIGHT_BYTES = 64 * 1024 * 1024;

export function createShipper(options: ShipperOptions): Shipper {
  const { destination, logger, maxInFlightBytes = MAX_IN_FLIGHT_BYTES } = options;
  const custody = createCustody(logger);
  const engine = new Engine({ ...options, custody, onChange: () => options.onChange?.(status()) });
  let closed: Promise<void> | undefined;

  function status(): ShipperStatus {
    const { grade, lastAckAt, delivered, retries, quarantined } = engine.tally;
    return {
      ...engine.view,
      ...{ grade, delivered, retries, quarantined },
      ...(lastAckAt !== undefined && { lastAckAt }),
      queuedRecords: custody.records,
      queuedBytes: custody.bytes,
    };
  }

  return {
    destination,
    room: () => (closed ? 0 : maxInFlightBytes - custody.bytes),
    submit(submission) {
      if (!closed) engine.add(submission);
    },
    flush: () => engine.flush(),
    withdraw: (owner) => engine.withdraw(owner),
    status,
    close(deadlineMs) {
      closed ??= engine.close(deadlineMs);
      return closed;
    },
  };
}
