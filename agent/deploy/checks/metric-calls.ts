import { GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';

import type { PlaceCallsOptions } from './place-calls.ts';
import { askService, type UnansweredCall } from './service-call.ts';

export interface FailedDeliveries {
  readonly kind: 'deliveries';
  /** Events that EventBridge gave up, for good. */
  readonly failed: number;
}

/** Long enough for the heartbeat of any configuration to have failed, short enough to forget what was repaired. */
export const FAILURE_HOURS = 3;
const HOUR_SECONDS = 3_600;

/** EventBridge tells CloudWatch every minute, and nothing as long as nothing fails. */
export function countFailures(
  rule: string,
  options: PlaceCallsOptions,
): Promise<FailedDeliveries | UnansweredCall> {
  const { clients, scope, source, clock, signal } = options;
  const now = clock.now();
  return askService('cloudwatch:GetMetricStatistics', options, async () => {
    const command = new GetMetricStatisticsCommand({
      Namespace: 'AWS/Events',
      MetricName: 'FailedInvocations',
      Dimensions: [{ Name: 'RuleName', Value: rule }],
      StartTime: new Date(now - FAILURE_HOURS * HOUR_SECONDS * 1_000),
      EndTime: new Date(now + AHEAD_MS),
      Period: HOUR_SECONDS,
      Statistics: ['Sum'],
    });
    const client = clients.cloudwatch(scope, source.region);
    const { Datapoints = [] } = await client.send(command, { abortSignal: signal });
    return { kind: 'deliveries', failed: Datapoints.reduce((sum, { Sum = 0 }) => sum + Sum, 0) };
  });
}

/** The end is not included, the minute that runs shall be, and AWS's clock may be ahead: no further than it takes requests. */
const AHEAD_MS = 15 * 60_000;
