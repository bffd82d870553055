import { Counter, Gauge, type Registry } from 'prom-client';

/** Counts what becomes of the agent's own notices at destinations. */
export interface OutboxMeter {
  told(destination: string, outcome: NoticeOutcome): void;
  /** The destination will never get them. */
  dropped(destination: string, reason: DropReason, count: number): void;
  addTo(registry: Registry): void;
}

const OUTCOMES = ['final', 'quarantined'] as const;
type NoticeOutcome = (typeof OUTCOMES)[number];
const REASONS = ['age', 'count', 'unreadable'] as const;
type DropReason = (typeof REASONS)[number];

interface MeterOptions {
  /** Ids. */
  readonly destinations: readonly string[];
  /** How many wait, by destination. */
  waiting(): Promise<ReadonlyMap<string, number>>;
}

/** A counter that is born at 1 is no increase for Prometheus, so all are born at 0. */
export function createOutboxMeter({ destinations, waiting }: MeterOptions): OutboxMeter {
  const sent = new Counter({
    name: 'guardrelay_outbox_notices_total',
    help: "The agent's own notices that a destination has, or has refused",
    labelNames: ['destination', 'outcome'],
    registers: [],
  });
  const dropped = new Counter({
    name: 'guardrelay_outbox_dropped_total',
    help: "The agent's own notices that a destination will never get",
    labelNames: ['destination', 'reason'],
    registers: [],
  });
  const queued = new Gauge({
    name: 'guardrelay_outbox_waiting',
    help: "The agent's own notices that wait for a destination",
    labelNames: ['destination'],
    registers: [],
    async collect() {
      const counts = await waiting().catch(() => undefined);
      if (!counts) return;
      for (const destination of destinations) this.set({ destination }, counts.get(destination) ?? 0);
    },
  });
  for (const destination of destinations) {
    for (const outcome of OUTCOMES) sent.inc({ destination, outcome }, 0);
    for (const reason of REASONS) dropped.inc({ destination, reason }, 0);
  }

  return {
    told: (destination, outcome) => sent.inc({ destination, outcome }),
    dropped: (destination, reason, count) => dropped.inc({ destination, reason }, count),
    addTo(registry) {
      for (const metric of [sent, dropped]) registry.registerMetric(metric);
      registry.registerMetric(queued);
    },
  };
}
