import { z } from 'zod';

import type { Metrics, MinuteCount } from '../cloudwatch/metrics.ts';
import { answering, operationsRefusing } from '../operation.ts';
import type { Service } from '../service.ts';
import { AwsError } from '../service.ts';

const operation = operationsRefusing('InvalidParameterValueException');

const MINUTE_SECONDS = 60;
/** API reference: what one answer may hold. */
const MAX_DATA_POINTS = 1440;

/** Whatever is counted here happens once each time, so that its smallest, mean and largest value are 1. */
const STATISTICS = {
  SampleCount: (count: number) => count,
  Sum: (count: number) => count,
  Average: () => 1,
  Minimum: () => 1,
  Maximum: () => 1,
} as const;
type Statistic = keyof typeof STATISTICS;

const getMetricStatistics = z.object({
  Namespace: z.string().min(1),
  MetricName: z.string().min(1),
  Dimensions: z.array(z.object({ Name: z.string(), Value: z.string() })).default([]),
  /** Epoch seconds; the first is included, the last is not. */
  StartTime: z.number(),
  EndTime: z.number(),
  Period: z.int().min(MINUTE_SECONDS).multipleOf(MINUTE_SECONDS),
  Statistics: z.array(z.enum(['SampleCount', 'Sum', 'Average', 'Minimum', 'Maximum'])).min(1),
});
type Query = z.output<typeof getMetricStatistics>;

function checkSpan({ StartTime, EndTime, Period }: Query): void {
  if (StartTime >= EndTime) {
    throw new AwsError(
      'InvalidParameterValueException',
      'The parameter StartTime must be less than the parameter EndTime.',
    );
  }
  const points = (EndTime - StartTime) / Period;
  if (points <= MAX_DATA_POINTS) return;
  throw new AwsError(
    'InvalidParameterCombinationException',
    `You have requested up to ${Math.ceil(points)} datapoints, which exceeds the limit of ${MAX_DATA_POINTS}.`,
  );
}

/** Periods in which nothing was counted have no data point. Their order is not promised: newest first, here. */
function dataPoints(minutes: readonly MinuteCount[], query: Query): readonly unknown[] {
  const start = Math.floor(query.StartTime / MINUTE_SECONDS) * MINUTE_SECONDS;
  const periods = new Map<number, number>();
  for (const { at, count } of minutes) {
    const seconds = at / 1000;
    if (seconds < start || seconds >= query.EndTime) continue;
    const period = start + Math.floor((seconds - start) / query.Period) * query.Period;
    periods.set(period, (periods.get(period) ?? 0) + count);
  }
  const valuesOf = (count: number) =>
    Object.fromEntries(query.Statistics.map((name: Statistic) => [name, STATISTICS[name](count)]));
  return [...periods]
    .map(([Timestamp, count]) => ({ Timestamp, Unit: 'Count', ...valuesOf(count) }))
    .reverse();
}

/** CloudWatch, as far as the metrics of EventBridge are asked for. */
export function createCloudWatchService(metrics: Metrics): Service {
  return {
    signingName: 'monitoring',
    iamPrefix: 'cloudwatch',
    protocol: 'json-1.1',
    wireName: 'GraniteServiceVersion20100801',
    resources: [],
    handle: answering({
      GetMetricStatistics: operation(getMetricStatistics, (query, place) => {
        checkSpan(query);
        const { Namespace: namespace, MetricName: name } = query;
        const dimensions = Object.fromEntries(query.Dimensions.map(({ Name, Value }) => [Name, Value]));
        const minutes = metrics.minutes(place, { namespace, name, dimensions });
        return { Label: name, Datapoints: dataPoints(minutes, query) };
      }),
    }),
  };
}
