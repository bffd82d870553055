import { Counter, Histogram, type Registry } from 'prom-client';

import { customerOf, type RenderableRec } from '../model/record.ts';
import { SEVERITIES } from '../model/relay-event.ts';

/** Counts what records say and how long they were on their way. */
export interface RecordMeter {
  /** Records of one log event were handed to a destination; once more for one that catches up. */
  handedOut(source: SourcePlace, records: readonly RenderableRec[]): void;
  /** A destination has acknowledged a record. `at`: epoch ms. */
  acknowledged(destination: string, record: RenderableRec, at: number): void;
  /** A log group let go of events before a destination had them. Nobody can count what nobody read. */
  dropped(reason: DropReason): void;
  addTo(registry: Registry): void;
}

/** Where a log group is. What a record says of itself is no label: anybody may write it. */
interface SourcePlace {
  readonly customer: string;
  readonly region: string;
}

/** `expired`: they were older than the group keeps events. `deleted`: the group was deleted, and made anew. */
type DropReason = 'expired' | 'deleted';

/** Whose counters are there with 0 before the first record. */
interface Known {
  readonly customers: readonly string[];
  readonly destinations: readonly string[];
}

const DROP_REASONS: readonly DropReason[] = ['expired', 'deleted'];
const LAG_SECONDS = [1, 2, 5, 10, 20, 30, 60, 120, 300, 900, 3_600, 21_600, 86_400];

/** A counter that is born at 1 is no increase for Prometheus, so the ones behind alerts are born at 0. */
export function createRecordMeter({ customers, destinations }: Known): RecordMeter {
  const received = new Counter({
    name: 'guardrelay_events_received_total',
    help: 'Records that were handed to a destination',
    labelNames: ['customer', 'region', 'kind'],
    registers: [],
  });
  const changes = new Counter({
    name: 'guardrelay_config_changes_total',
    help: 'GuardDuty calls that change something, by how much they matter',
    labelNames: ['customer', 'severity'],
    registers: [],
  });
  const malformed = new Counter({
    name: 'guardrelay_events_malformed_total',
    help: 'Log events that are no events of EventBridge; they go out as they came',
    labelNames: ['customer'],
    registers: [],
  });
  const delivered = new Counter({
    name: 'guardrelay_events_delivered_total',
    help: 'Records that a destination has',
    labelNames: ['customer', 'destination', 'kind'],
    registers: [],
  });
  const dropped = new Counter({
    name: 'guardrelay_events_dropped_total',
    help: 'Spans of events that a log group let go of before a destination had them',
    labelNames: ['reason'],
    registers: [],
  });
  const lag = new Histogram({
    name: 'guardrelay_end_to_end_lag_seconds',
    help: 'From the time of a log event to when a destination acknowledged its record',
    labelNames: ['destination'],
    buckets: LAG_SECONDS,
    registers: [],
  });
  for (const reason of DROP_REASONS) dropped.inc({ reason }, 0);
  for (const customer of customers) {
    malformed.inc({ customer }, 0);
    for (const severity of SEVERITIES) changes.inc({ customer, severity }, 0);
  }
  for (const destination of destinations) lag.zero({ destination });

  return {
    handedOut({ customer, region }, records) {
      for (const record of records) {
        const { kind } = record;
        received.inc({ customer, region, kind });
        if (kind === 'unparsed') malformed.inc({ customer });
        if (record.kind === 'config-change') changes.inc({ customer, severity: record.change.severity });
      }
    },
    acknowledged(destination, record, at) {
      delivered.inc({ destination, customer: customerOf(record), kind: record.kind });
      const seconds = lagSecondsOf(record, at);
      if (seconds !== undefined) lag.observe({ destination }, seconds);
    },
    dropped: (reason) => dropped.inc({ reason }),
    addTo(registry) {
      for (const counter of [received, delivered, changes]) registry.registerMetric(counter);
      registry.registerMetric(malformed);
      registry.registerMetric(dropped);
      registry.registerMetric(lag);
    },
  };
}

/** From the time of a log event to `at`; undefined for what did not come from there just now. */
export function lagSecondsOf(record: RenderableRec, at: number): number | undefined {
  if (!('origin' in record) || record.replay || record.backfill) return undefined;
  return Math.max(0, at - record.origin.timestamp) / 1_000;
}
