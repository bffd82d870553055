import type { ResolvedCustomer } from '../config/config.ts';
import type { HealthOptions } from '../health/states.ts';

/** Thresholds of a customer, as health wants them. */
export function healthOptions({ health, heartbeat }: ResolvedCustomer): HealthOptions {
  return { ...health, heartbeat: heartbeat.mode, heartbeatMinutes: heartbeat.everyMinutes };
}
