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
  const ids = new Set(lake.map(eventIdOf));
  const complete = ids.size >= expected && syslog.length >= expected;
  const exact = ids.size === expected && lake.length === expected && syslog.length === expected;
  const how = exact ? 'each exactly once' : `${ids.size} different ones`;
  const text = `Played ${expected} events; lake has ${lake.length}, siem has ${syslog.length}: ${how}.`;
  return { complete, exact, text };
}

const EVENT_ID = /"eventId":"([^"]+)"/;

/** The id of the log event, from the json format. */
function eventIdOf(line: string): string {
  return EVENT_ID.exec(line)?.[1] ?? line;
}
