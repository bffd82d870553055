import { Counter, Histogram, type Registry } from 'prom-client';

import type { Outcome } from '../model/outcome.ts';

/** Counts what destinations say to batches, and how long they take to say it. */
export interface DeliveryMeter {
  /** `outcomes`: of the records of one batch. */
  answered(destination: string, outcomes: readonly Outcome[], tookMs: number): void;
  addTo(registry: Registry): void;
}

/** Worst first: an answer counts as the worst that it holds. */
const OUTCOMES = ['blocked', 'retry', 'reject', 'ok'] as const satisfies readonly Outcome['kind'][];
const SECONDS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

export function createDeliveryMeter(destinations: readonly string[]): DeliveryMeter {
  const attempts = new Counter({
    name: 'guardrelay_delivery_attempts_total',
    help: 'Batches that were sent, by the worst that was said of one of their records',
    labelNames: ['destination', 'outcome'],
    registers: [],
  });
  const duration = new Histogram({
    name: 'guardrelay_delivery_duration_seconds',
    help: 'From the sending of a batch to the answer',
    labelNames: ['destination'],
    buckets: SECONDS,
    registers: [],
  });
  for (const destination of destinations) {
    for (const outcome of OUTCOMES) attempts.inc({ destination, outcome }, 0);
    duration.zero({ destination });
  }

  return {
    answered(destination, outcomes, tookMs) {
      const kinds = outcomes.map(({ kind }) => kind);
      attempts.inc({ destination, outcome: OUTCOMES.find((kind) => kinds.includes(kind)) ?? 'retry' });
      duration.observe({ destination }, tookMs / 1_000);
    },
    addTo(registry) {
      registry.registerMetric(attempts);
      registry.registerMetric(duration);
    },
  };
}
