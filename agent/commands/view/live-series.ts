import type { ResolvedCustomer } from '../../config/config.ts';
import type { Meters } from '../../health/meters.ts';
import type { ObservedSource } from '../../health/overview.ts';
import { createSeries } from '../../health/series/series.ts';
import { createWaitingWatch, seriesMeters } from '../../health/series/series-feed.ts';
import type { Clock } from '../../model/clock.ts';

interface LiveSeriesParts {
  readonly customers: readonly ResolvedCustomer[];
  readonly meters: Meters;
  observed(): readonly ObservedSource[];
  readonly clock: Clock;
}

/** The series of a running agent: what feeds it, what looks at what waits, and what reads it. */
export function createLiveSeries({ customers, meters, observed, clock }: LiveSeriesParts) {
  const routed = customers.map(({ id, destinations }) => ({
    id,
    destinations: destinations.map((route) => route.id),
  }));
  const series = createSeries({ customers: routed, now: clock.now });
  return {
    read: series.read,
    meters: seriesMeters(meters, series),
    watch: createWaitingWatch({ observed, series, clock }),
  };
}
