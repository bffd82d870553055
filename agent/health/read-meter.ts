import { Counter, Histogram, type Registry } from 'prom-client';

import type { LogEvent } from '../model/log-event.ts';

/** Counts what reading costs, and what it brings. */
export interface ReadMeter {
  /** One page of log events came. `bytes`: of all its messages. */
  page(kind: string, bytes: number): void;
  /** A log event was handed to a destination. */
  handedOut(customer: string, event: LogEvent): void;
  addTo(registry: Registry): void;
}

/** Kinds of reads that an agent makes, so that each is there before its first. */
const KINDS = ['poll', 'sweep', 'catch-up', 'spool'] as const;
/** As far as the late-event windows reach, and a little above an ordinary delivery at the lower end. */
const LATE_SECONDS = [1, 2, 5, 10, 20, 60, 300, 900, 3_600, 10_800, 90_000, 176_400, 1_209_600];

/**
 * Read bytes by new bytes is the read amplification. `lateAfterMs`: of each customer, from when on only sweeps find an
 * event.
 */
export function createReadMeter(lateAfterMs: ReadonlyMap<string, number> = new Map()): ReadMeter {
  const readBytes = new Counter({
    name: 'guardrelay_read_bytes_total',
    help: 'Bytes of log events that AWS answered with',
    labelNames: ['kind'],
    registers: [],
  });
  const readPages = new Counter({
    name: 'guardrelay_read_pages_total',
    help: 'FilterLogEvents calls that AWS answered with a page',
    labelNames: ['kind'],
    registers: [],
  });
  const newBytes = new Counter({
    name: 'guardrelay_new_bytes_total',
    help: 'Bytes of log events that were handed to a destination',
    registers: [],
  });
  const lateness = new Histogram({
    name: 'guardrelay_source_lateness_seconds',
    help: 'From the time of a log event to when CloudWatch Logs took it',
    labelNames: ['customer'],
    buckets: LATE_SECONDS,
    registers: [],
  });
  const late = new Counter({
    name: 'guardrelay_events_late_total',
    help: 'Log events that came later than polls look back, so that a sweep found them',
    labelNames: ['customer'],
    registers: [],
  });
  for (const customer of lateAfterMs.keys()) late.inc({ customer }, 0);
  for (const kind of KINDS) for (const counter of [readBytes, readPages]) counter.inc({ kind }, 0);

  return {
    page(kind, bytes) {
      readBytes.inc({ kind }, bytes);
      readPages.inc({ kind }, 1);
    },
    handedOut(customer, { message, timestamp, ingestionTime }) {
      newBytes.inc(Buffer.byteLength(message));
      // An event may be stamped ahead of its time.
      const lateMs = Math.max(0, ingestionTime - timestamp);
      lateness.observe({ customer }, lateMs / 1_000);
      if (lateMs > (lateAfterMs.get(customer) ?? Number.POSITIVE_INFINITY)) late.inc({ customer });
    },
    addTo(registry) {
      for (const counter of [readBytes, readPages, newBytes]) registry.registerMetric(counter);
      registry.registerMetric(late);
      registry.registerMetric(lateness);
    },
  };
}
