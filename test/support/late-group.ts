import type { LogPage } from '../../agent/aws/logs-answer.ts';
import type { FilterQuery, LogsReader } from '../../agent/aws/logs-reader.ts';
import type { Clock } from '../../agent/model/clock.ts';
import type { LogEvent } from '../../agent/model/log-event.ts';
import type { ReadCause } from '../../agent/model/source-facts.ts';

/** A log event, and when reads begin to show it, epoch ms. */
export interface LateEvent extends LogEvent {
  readonly readableAt: number;
}

/** Asked before each answer. */
export interface Faults {
  /** Why the call fails, if it does. */
  failure(): ReadCause | undefined;
  /** 0: an empty page, although there is more. */
  pageSize(): number;
}

/** A log group in memory, as FilterLogEvents shows it. */
export interface LateGroup extends LogsReader {
  readonly events: readonly LateEvent[];
}

interface LateGroupOptions {
  readonly clock: Clock;
  readonly creationTime: number;
  /** In any order. */
  readonly events: readonly LateEvent[];
  /** What each event is said to hold. */
  readonly eventBytes: number;
  readonly faults: Faults;
}

export function createLateGroup({
  clock,
  creationTime,
  eventBytes,
  faults,
  ...options
}: LateGroupOptions): LateGroup {
  const events = options.events.toSorted((a, b) => a.timestamp - b.timestamp || (a.id < b.id ? -1 : 1));
  const failed = (cause: ReadCause) =>
    ({ kind: 'failed', failure: { cause, code: 'AWS-002', text: 'a fault of the test' } }) as const;

  /** A token is a place among all events, so that later pages show what became readable meanwhile. */
  function page({ startTime, endTime = Number.POSITIVE_INFINITY, nextToken = '0' }: FilterQuery): LogPage {
    const isShown = ({ timestamp, readableAt }: LateEvent): boolean =>
      timestamp >= startTime && timestamp <= endTime && readableAt <= clock.now();
    const rest = events.slice(Number(nextToken)).filter(isShown);
    const shown = rest.slice(0, faults.pageSize());
    const next = rest[shown.length];
    const token = next ? { nextToken: String(events.indexOf(next)) } : {};
    return { kind: 'page', events: shown, bytes: shown.length * eventBytes, ...token };
  }

  return {
    events,
    async filter(_, query) {
      const cause = faults.failure();
      return { ...(cause ? failed(cause) : page(query)), serviceTime: clock.now() };
    },
    async describeGroup() {
      const cause = faults.failure();
      return { ...(cause ? failed(cause) : { kind: 'group', creationTime }), serviceTime: clock.now() };
    },
  };
}
