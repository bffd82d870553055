import type { Clock } from '../../model/clock.ts';
import { perPlace } from '../per-place.ts';
import type { Place } from '../service.ts';

/** What is counted. Other dimensions are another metric. */
interface Metric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** So many happened in a minute, which began then (epoch ms). */
export interface MinuteCount {
  readonly at: number;
  readonly count: number;
}

/** The metrics of all accounts and regions, minute by minute. */
export interface Metrics {
  /** One more, now. */
  count(place: Place, metric: Metric): void;
  /** The minutes in which there was something to count. */
  minutes(place: Place, metric: Metric): readonly MinuteCount[];
}

const MINUTE_MS = 60_000;
/** API reference of GetMetricStatistics: data points of one minute are kept for 15 days. */
const KEPT_MINUTES = 15 * 24 * 60;

function keyOf({ namespace, name, dimensions }: Metric): string {
  return JSON.stringify([namespace, name, Object.entries(dimensions).sort()]);
}

/** Nothing is counted to begin with. */
export function createMetrics({ now }: Pick<Clock, 'now'>): Metrics {
  const counts = perPlace(() => new Map<string, Map<number, number>>());

  /** Counts by minute, oldest first. */
  function kept(place: Place, metric: Metric): Map<number, number> {
    const key = keyOf(metric);
    const minutes = counts(place).get(key) ?? new Map<number, number>();
    counts(place).set(key, minutes);
    const oldest = now() - KEPT_MINUTES * MINUTE_MS;
    for (const at of minutes.keys()) {
      if (at >= oldest) break;
      minutes.delete(at);
    }
    return minutes;
  }

  return {
    count(place, metric) {
      const minutes = kept(place, metric);
      const at = Math.floor(now() / MINUTE_MS) * MINUTE_MS;
      minutes.set(at, (minutes.get(at) ?? 0) + 1);
    },
    minutes: (place, metric) => [...kept(place, metric)].map(([at, count]) => ({ at, count })),
  };
}
