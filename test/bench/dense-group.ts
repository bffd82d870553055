import type { LogPage } from '../../agent/aws/logs-answer.ts';
import type { FilterQuery, LogsReader } from '../../agent/aws/logs-reader.ts';
import type { Clock } from '../../agent/model/clock.ts';
import type { LogEvent } from '../../agent/model/log-event.ts';

interface DenseGroupOptions {
  readonly clock: Clock;
  /** Between two events. */
  readonly stepMs: number;
  readonly eventBytes: number;
  /** One event in so many is late, by up to a day. */
  readonly lateEvery: number;
}

export interface DenseGroup extends LogsReader {
  idOf(index: number): string;
}

const HOUR_MS = 3_600_000;
const ORDINARY_MS = 2_000;
const PAGE_BYTES = 1_048_576;

/** A log group without end or memory: every event is made anew, and the same one, when it is read. */
export function createDenseGroup(options: DenseGroupOptions): DenseGroup {
  const { clock, stepMs, eventBytes, lateEvery } = options;
  const creationTime = clock.now();
  const pageEvents = Math.max(1, Math.floor(PAGE_BYTES / eventBytes));
  const idOf = (index: number): string => `e${index}`;

  function eventOf(index: number): LogEvent {
    const timestamp = creationTime + index * stepMs;
    const isLate = index % lateEvery === 0;
    // Spread evenly over a day, in no order.
    const ingestionTime = timestamp + (isLate ? (((index / lateEvery) * 7) % 24) * HOUR_MS : ORDINARY_MS);
    return { id: idOf(index), message: idOf(index), stream: 'stream', timestamp, ingestionTime };
  }

  function page({ startTime, endTime = Number.POSITIVE_INFINITY, nextToken }: FilterQuery): LogPage {
    const first = Math.max(0, Math.ceil((startTime - creationTime) / stepMs));
    const end = Math.floor((Math.min(endTime, clock.now()) - creationTime) / stepMs);
    const events: LogEvent[] = [];
    let index = nextToken === undefined ? first : Number(nextToken);
    for (; index <= end && events.length < pageEvents; index += 1) {
      const event = eventOf(index);
      if (event.ingestionTime <= clock.now()) events.push(event);
    }
    const token = index <= end ? { nextToken: String(index) } : {};
    return { kind: 'page', events, bytes: events.length * eventBytes, ...token };
  }

  return {
    idOf,
    filter: async (_, query) => ({ ...page(query), serviceTime: clock.now() }),
    describeGroup: async () => ({ kind: 'group', creationTime, serviceTime: clock.now() }),
  };
}
