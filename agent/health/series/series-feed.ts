import type { Clock } from '../../model/clock.ts';
import { customerOf } from '../../model/record.ts';
import type { Meters } from '../meters.ts';
import type { ObservedSource } from '../overview.ts';
import { lagSecondsOf } from '../record-meter.ts';
import type { Series } from './series.ts';

type FeedingMeters = Pick<Meters, 'records' | 'deliveries'>;

/** Count as before, and into the series. */
export function seriesMeters({ records, deliveries }: FeedingMeters, series: Series): FeedingMeters {
  return {
    records: {
      ...records,
      handedOut(source, handed) {
        records.handedOut(source, handed);
        for (const { kind } of handed) if (kind !== 'notice') series.record(source.customer, kind);
      },
      acknowledged(destination, record, at) {
        records.acknowledged(destination, record, at);
        const seconds = lagSecondsOf(record, at);
        if (seconds !== undefined) series.lag(customerOf(record), seconds);
      },
    },
    deliveries: {
      ...deliveries,
      answered(destination, outcomes, tookMs) {
        deliveries.answered(destination, outcomes, tookMs);
        if (outcomes.some(({ kind }) => kind === 'ok')) series.acknowledged(destination, tookMs / 1_000);
      },
    },
  };
}

interface WatchParts {
  observed(): readonly ObservedSource[];
  readonly series: Pick<Series, 'waiting'>;
  readonly clock: Clock;
}

const LOOK_EVERY_MS = 10_000;

/** Looks now and again at what waits for acknowledgement. */
export function createWaitingWatch({ observed, series, clock }: WatchParts) {
  function look(): void {
    const now = clock.now();
    for (const { customer, facts } of observed()) {
      for (const [destination, { oldestWaitingAt = now }] of Object.entries(facts.destinations)) {
        series.waiting({ customer, destination }, Math.max(0, now - oldestWaitingAt) / 1_000);
      }
    }
  }

  return {
    /** Until `stop`; resolves when it has ended. */
    async run(stop: AbortSignal): Promise<void> {
      while (!stop.aborted) {
        look();
        await clock.sleep(LOOK_EVERY_MS, stop);
      }
    },
  };
}
