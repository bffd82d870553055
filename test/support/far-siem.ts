import type { Clock } from '../../agent/model/clock.ts';
import type { Shipper, ShipperStatus, Submission } from '../../agent/ship/shipper.ts';

const RECORD_BYTES = 1_000;

/** The far side of a destination: it outlives the agents that ship to it, and counts what it gets. */
export interface FarSiem {
  /** How often each record came. */
  readonly received: ReadonlyMap<string, number>;
  /** Records that came more often than the rules allow. */
  readonly repeated: readonly string[];
  turn(next: ShipperStatus['circuit']): void;
  /** Records whose acknowledgement was told at this time or later, epoch ms. */
  acknowledgedSince(time: number): readonly string[];
  /** The agent cannot know that the far side has these: each may come once more. */
  forgive(ids: Iterable<string>): void;
  /** The shipper of one life of an agent, which ends when `lifetime` stands still. */
  connect(lifetime: Clock): Shipper;
}

interface FarSiemOptions {
  readonly clock: Clock;
  readonly destination: string;
  readonly maxRecords: number;
  /** How long the acknowledgement of one record takes. */
  ackMs(): number;
}

export function createFarSiem({ clock, destination, maxRecords, ackMs }: FarSiemOptions): FarSiem {
  const received = new Map<string, number>();
  const allowed = new Map<string, number>();
  const acknowledgedAt = new Map<string, number>();
  const repeated: string[] = [];
  let downSince = 0;
  let circuit: ShipperStatus['circuit'] = 'closed';

  function receive(id: string): void {
    const times = (received.get(id) ?? 0) + 1;
    received.set(id, times);
    if (times > (allowed.get(id) ?? 1)) repeated.push(id);
  }

  function forgive(ids: Iterable<string>): void {
    for (const id of ids) allowed.set(id, (received.get(id) ?? 0) + 1);
  }

  function connect(lifetime: Clock): Shipper {
    const waiting = new Set<Submission>();
    const onTheWire = new Set<Submission>();

    async function send(submission: Submission): Promise<void> {
      while (circuit !== 'closed' && waiting.has(submission)) await lifetime.sleep(60_000);
      if (!waiting.delete(submission)) return;
      onTheWire.add(submission);
      receive(submission.record.id);
      await lifetime.sleep(ackMs());
      if (!onTheWire.delete(submission)) return;
      acknowledgedAt.set(submission.record.id, clock.now());
      submission.done({ kind: 'final', grade: 'accepted' });
    }

    return {
      destination,
      room: () => (maxRecords - waiting.size - onTheWire.size) * RECORD_BYTES,
      submit(submission) {
        waiting.add(submission);
        void send(submission);
      },
      flush() {},
      withdraw(owner) {
        for (const submission of waiting) if (submission.owner === owner) waiting.delete(submission);
        const cut = [...onTheWire].filter((submission) => submission.owner === owner);
        forgive(cut.map(({ record }) => record.id));
        for (const submission of cut) onTheWire.delete(submission);
      },
      status: () => ({
        ...{ circuit, grade: 'accepted', delivered: received.size, retries: 0, quarantined: 0 },
        ...(circuit === 'closed' ? {} : { since: lifetime.now() - (clock.now() - downSince) }),
        queuedRecords: waiting.size,
        queuedBytes: waiting.size * RECORD_BYTES,
      }),
      close: async () => {},
    };
  }

  return {
    ...{ received, repeated, forgive, connect },
    acknowledgedSince: (time) => [...acknowledgedAt].filter(([, at]) => at >= time).map(([id]) => id),
    turn(next) {
      circuit = next;
      downSince = clock.now();
    },
  };
}
