import type { ResolvedCustomer } from '../config/config.ts';
import type { HealthOptions } from '../health/states.ts';

const HOUR_MS = 3_600_000;

/** Thresholds of a customer, as health wants them. */
export function healthOptions({ health, heartbeat }: ResolvedCustomer): HealthOptions {
  const { expectFindingWithin, ...thresholds } = health;
  return {
    ...thresholds,
    heartbeat: heartbeat.mode,
    heartbeatMinutes: heartbeat.everyMinutes,
    ...(expectFindingWithin && { expectFindingWithinMs: spanMs(expectFindingWithin) }),
  };
}

/** `36h`, `7d`. */
function spanMs(span: string): number {
  return Number.parseInt(span, 10) * (span.endsWith('d') ? 24 * HOUR_MS : HOUR_MS);
}
