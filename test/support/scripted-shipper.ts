import type { Delivered, Shipper, ShipperStatus, Submission } from '../../agent/ship/shipper.ts';

/** A destination whose answers the test gives. */
export interface ScriptedShipper extends Shipper {
  /** What it holds, oldest first. */
  readonly held: readonly Submission[];
  /** Record ids in the order of their final acknowledgement. */
  readonly delivered: readonly string[];
  /** Acknowledges at most `count` records, oldest first. */
  acknowledge(count?: number): void;
  /** Acknowledges everything as it comes. */
  automatic: boolean;
  /** Acknowledges what it holds when it is flushed, as one does that waits for a batch to be full. */
  fillsBatches: boolean;
  circuit: ShipperStatus['circuit'];
  maxRecords: number;
}

const FINAL: Delivered = { kind: 'final', grade: 'accepted' };
const RECORD_BYTES = 1_000;

/** Holds what it is given until told to acknowledge it; room counts records of 1,000 bytes. */
export function createScriptedShipper(destination: string): ScriptedShipper {
  let held: Submission[] = [];
  const delivered: string[] = [];

  function finish(submission: Submission): void {
    delivered.push(submission.record.id);
    submission.done(FINAL);
  }

  const shipper: ScriptedShipper = {
    destination,
    automatic: false,
    fillsBatches: false,
    circuit: 'closed',
    maxRecords: 1_000,
    delivered,
    get held() {
      return held;
    },
    room: () => (shipper.maxRecords - held.length) * RECORD_BYTES,
    submit(submission) {
      if (shipper.automatic) finish(submission);
      else held.push(submission);
    },
    flush() {
      if (shipper.fillsBatches) shipper.acknowledge();
    },
    withdraw(owner) {
      held = held.filter((submission) => submission.owner !== owner);
    },
    acknowledge(count = held.length) {
      for (const submission of held.splice(0, count)) finish(submission);
    },
    status: () => ({
      circuit: shipper.circuit,
      grade: 'accepted',
      queuedRecords: held.length,
      queuedBytes: held.length * RECORD_BYTES,
      delivered: delivered.length,
      retries: 0,
      quarantined: 0,
    }),
    close: async () => {},
  };
  return shipper;
}
