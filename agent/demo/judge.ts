import type { Demo } from './demo.ts';

export interface DeliveryVerdict {
  /** Every destination has at least as many records as were played. */
  readonly complete: boolean;
  /** Each record came exactly once. */
  readonly exact: boolean;
  readonly text: string;
}

/** Compares what the embedded SIEM received with what was played. */
export function judgeDelivery({ siem, expected }: Pick<Demo, 'siem' | 'expected'>): DeliveryVerdict {
  const { lake, siem: syslog } = siem.received;
  const distinct = new Set(lake).size;
  const complete = distinct >= expected && syslog.length >= expected;
  const exact = distinct === expected && lake.length === expected && syslog.length === expected;
  const how = exact ? 'each exactly once' : `${distinct} different ones`;
  const text = `Played ${expected} events; lake has ${lake.length}, siem has ${syslog.length}: ${how}.`;
  return { complete, exact, text };
}
