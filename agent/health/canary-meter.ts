import { Counter, type Registry } from 'prom-client';

interface CanaryPlace {
  readonly customer: string;
  readonly region: string;
}

/** Counts canaries that did not come, and those that nobody here has put. */
export interface CanaryMeter {
  /** A source is read: its counters are there with 0 from now on. */
  met(place: CanaryPlace): void;
  lost(place: CanaryPlace): void;
  /** An event with the shape of a canary that this store has not signed. */
  foreign(place: CanaryPlace): void;
  addTo(registry: Registry): void;
}

export function createCanaryMeter(): CanaryMeter {
  const failures = new Counter({
    name: 'guardrelay_canary_failures_total',
    help: 'Canaries that did not come through the findings rule in time',
    labelNames: ['customer', 'region'],
    registers: [],
  });
  const foreign = new Counter({
    name: 'guardrelay_canary_foreign_total',
    help: 'Events with the shape of a canary that somebody else made; they go to the SIEM',
    labelNames: ['customer', 'region'],
    registers: [],
  });

  return {
    met({ customer, region }) {
      for (const counter of [failures, foreign]) counter.inc({ customer, region }, 0);
    },
    lost: ({ customer, region }) => failures.inc({ customer, region }),
    foreign: ({ customer, region }) => foreign.inc({ customer, region }),
    addTo(registry) {
      for (const metric of [failures, foreign]) registry.registerMetric(metric);
    },
  };
}
