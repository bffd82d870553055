import type { LogGroup, LogStream } from './groups.ts';
import type { Row } from './rows.ts';

/** A log event on its way into a stream of a group. Times are epoch ms. */
export interface NewEvent {
  readonly stream: LogStream;
  readonly timestamp: number;
  readonly message: string;
  readonly ingestionTime: number;
  readonly readableAt: number;
}

function noteEvent(stream: LogStream, { timestamp, ingestionTime }: NewEvent): void {
  stream.firstEventTimestamp = Math.min(stream.firstEventTimestamp ?? timestamp, timestamp);
  stream.lastEventTimestamp = Math.max(stream.lastEventTimestamp ?? timestamp, timestamp);
  stream.lastIngestionTime = Math.max(stream.lastIngestionTime ?? ingestionTime, ingestionTime);
}

/** Takes events into a group, in this order. */
export function writeEvents(group: LogGroup, events: readonly NewEvent[]): void {
  const rows = events.map((event): Row => {
    const { stream, timestamp, message, ingestionTime, readableAt } = event;
    noteEvent(stream, event);
    group.written += 1;
    return {
      timestamp,
      message,
      ingestionTime,
      readableAt,
      stream: stream.name,
      sequence: group.written,
      bytes: Buffer.byteLength(message),
    };
  });
  group.rows.add(rows);
}
