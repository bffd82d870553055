import { Counter, Histogram, type Registry } from 'prom-client';

import type { RenderableRec } from '../model/record.ts';
import { SEVERITIES } from '../model/relay-event.ts';

/** Counts what records say and how long they were on their way. */
export interface RecordMeter {
  /** Records of one log event were handed to a destination; once more for one that catches up. */
  handedOut(customer: string, records: readonly RenderableRec[]): void;
  /** A destination has acknowledged a record. `at`: epoch ms. */
  acknowledged(destination: string, record: RenderableRec, at: number): void;
  addTo(registry: Registry): void;
}

/** Whose counters are there with 0 before the first record. */
interface Known {
  readonly customers: readonly string[];
  readonly destinations: readonly string[];
}

const LAG_SECONDS = [1, 2, 5, 10, 20, 30, 60, 120, 300, 900, 3_600, 21_600, 86_400];

/** A counter that is born at 1 is no increase for Prometheus, so the ones behind alerts are born at 0. */
export function createRecordMeter({ customers, destinations }: Known): RecordMeter {
  const received = new Counter({
    name: 'guardrelay_records_received_total',
    help: 'Records that were handed to a destination',
    labelNames: ['customer', 'kind'],
    registers: [],
  });
  const changes = new Counter({
    name: 'guardrelay_config_changes_total',
    help: 'GuardDuty calls that change something, by how much they matter',
    labelNames: ['customer', 'severity'],
    registers: [],
  });
  const lag = new Histogram({
    name: 'guardrelay_end_to_end_lag_seconds',
    help: 'From the time of a log event to when a destination acknowledged its record',
    labelNames: ['destination'],
    buckets: LAG_SECONDS,
    registers: [],
  });
  for (const customer of customers) {
    for (const severity of SEVERITIES) changes.inc({ customer, severity }, 0);
  }
  for (const destination of destinations) lag.zero({ destination });

  return {
    handedOut(customer, records) {
      for (const record of records) {
        received.inc({ customer, kind: record.kind });
        if (record.kind === 'config-change') changes.inc({ customer, severity: record.change.severity });
      }
    },
    acknowledged(destination, record, at) {
      if (!('origin' in record) || record.replay || record.backfill) return;
      lag.observe({ destination }, Math.max(0, at - record.origin.timestamp) / 1_000);
    },
    addTo(registry) {
      for (const metric of [received, changes]) registry.registerMetric(metric);
      registry.registerMetric(lag);
    },
  };
}
