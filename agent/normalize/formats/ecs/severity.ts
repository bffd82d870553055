import type { EventConcern } from '../../../model/event-concern.ts';
import type { Severity } from '../../../model/relay-event.ts';
import { integerOf } from '../../lenient.ts';

// `event.severity` on GuardDuty's own scale, so that one query finds what matters among all records.

export const OF_CONCERN: Readonly<Record<EventConcern, number>> = { threats: 7, trouble: 5, none: 3 };
export const OF_NOTICE: Readonly<Record<Severity, number>> = {
  info: 0,
  low: 3,
  medium: 5,
  high: 8,
  critical: 10,
};

export function changeSeverity(isHighRisk: boolean): number {
  return isHighRisk ? 8 : 3;
}

/** Elasticsearch refuses a document with a number that is infinite in 32 bits. */
export function scoreOf(severity: number | undefined): number | undefined {
  return severity !== undefined && Number.isFinite(Math.fround(severity)) ? severity : undefined;
}

/** A whole number in ECS; rounded down, AWS's bands stay. */
export function wholeSeverity(severity: number | undefined): number | undefined {
  return severity === undefined ? undefined : integerOf(Math.floor(severity));
}
