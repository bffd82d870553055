import { Counter, Gauge, type Registry } from 'prom-client';

import type { DestinationRow, Overview } from './overview.ts';

/** One destination as its shipper counts. */
export interface DestinationCounts {
  readonly id: string;
  readonly format: string;
  readonly isUp: boolean;
  readonly queuedRecords: number;
  readonly queuedBytes: number;
  readonly quarantined: number;
  /** Records that stand in quarantine now. */
  readonly inQuarantine: number;
  readonly truncated: number;
  readonly unmapped: number;
  readonly skipped: number;
}

interface DestinationsInput {
  overview(): Overview;
  destinations(): readonly DestinationCounts[];
  /** Epoch ms. */
  now(): number;
}

const GAUGES = [
  {
    name: 'destination_up',
    help: '1: it takes records',
    value: ({ isUp }: DestinationCounts) => Number(isUp),
  },
  {
    name: 'queue_events',
    help: 'Records held for it',
    value: (each: DestinationCounts) => each.queuedRecords,
  },
  { name: 'queue_bytes', help: 'Bytes held for it', value: (each: DestinationCounts) => each.queuedBytes },
  {
    name: 'quarantine_records',
    help: 'Records that it refused and that stand in quarantine',
    value: (each: DestinationCounts) => each.inQuarantine,
  },
] as const;

const COUNTERS = [
  {
    name: 'events_quarantined_total',
    help: 'Records it refused, kept in its quarantine file',
    value: (each: DestinationCounts) => each.quarantined,
  },
  {
    name: 'truncated_total',
    help: 'Records that were too large for it and lost something',
    value: (each: DestinationCounts) => each.truncated,
  },
  {
    name: 'copies_skipped_total',
    help: 'Records that it was not sent because it has another copy',
    value: (each: DestinationCounts) => each.skipped,
  },
] as const;

export function addDestinations(registry: Registry, input: DestinationsInput): void {
  for (const { name, help, value } of GAUGES) {
    new Gauge({
      name: `guardrelay_${name}`,
      help,
      labelNames: ['destination'],
      registers: [registry],
      collect() {
        for (const each of input.destinations()) this.set({ destination: each.id }, value(each));
      },
    });
  }
  for (const { name, help, value } of COUNTERS) {
    new Counter({
      name: `guardrelay_${name}`,
      help,
      labelNames: ['destination'],
      registers: [registry],
      collect() {
        this.reset();
        for (const each of input.destinations()) this.inc({ destination: each.id }, value(each));
      },
    });
  }
  addFallbacks(registry, input);
  addRowGauges(registry, input);
}

function addFallbacks(registry: Registry, input: DestinationsInput): void {
  new Counter({
    name: 'guardrelay_normalize_errors_total',
    help: 'Records that a format could not map and that went out as they came',
    labelNames: ['destination', 'format'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { id, format, unmapped } of input.destinations()) {
        this.inc({ destination: id, format }, unmapped);
      }
    },
  });
}

function addRowGauges(registry: Registry, input: DestinationsInput): void {
  const gauge = (name: string, help: string, value: (row: DestinationRow) => number | undefined): void => {
    new Gauge({
      name: `guardrelay_${name}_seconds`,
      help,
      labelNames: ['destination'],
      registers: [registry],
      collect() {
        this.reset();
        for (const row of input.overview().destinations) {
          const seconds = value(row);
          if (seconds !== undefined) this.set({ destination: row.id }, seconds);
        }
      },
    });
  };
  gauge(
    'destination_oldest_unacked',
    'Age of the oldest event that it has not acknowledged',
    ({ oldestWaitingAt }) => (oldestWaitingAt === undefined ? 0 : (input.now() - oldestWaitingAt) / 1_000),
  );
  gauge(
    'tls_certificate_expiry_timestamp',
    'When the certificate ends that it showed last; absent: it has shown none',
    ({ certificateExpiresAt: at }) => (at === undefined ? undefined : at / 1_000),
  );
}
