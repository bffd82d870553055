import { z } from 'zod';

import { AwsError } from '../service.ts';

const MAX_BATCH_EVENTS = 10_000;
const MAX_BATCH_BYTES = 1_048_576;
const MAX_EVENT_BYTES = 1_048_576;
/** What PutLogEvents charges for each event beside its message. */
const EVENT_OVERHEAD_BYTES = 26;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const OLDEST_MS = 14 * DAY_MS;
const NEWEST_MS = 2 * HOUR_MS;

export const inputLogEvents = z
  .array(z.object({ timestamp: z.int().min(0), message: z.string().min(1) }))
  .min(1)
  .max(MAX_BATCH_EVENTS);

type InputLogEvent = z.output<typeof inputLogEvents>[number];

/** Indexes into the batch, as the answer of PutLogEvents names them. */
export interface RejectedEvents {
  readonly tooNewLogEventStartIndex?: number;
  readonly tooOldLogEventEndIndex?: number;
  readonly expiredLogEventEndIndex?: number;
}

function refused(message: string): AwsError {
  return new AwsError('InvalidParameterException', message);
}

/** Throws unless the batch keeps the limits of PutLogEvents (API reference). */
export function checkBatch(events: readonly InputLogEvent[]): void {
  const sizes = events.map(({ message }) => Buffer.byteLength(message));
  const largest = Math.max(...sizes);
  if (largest > MAX_EVENT_BYTES) {
    throw refused(`Log event too large: ${largest} bytes exceeds limit of ${MAX_EVENT_BYTES}`);
  }
  const total = sizes.reduce((sum, size) => sum + size + EVENT_OVERHEAD_BYTES, 0);
  // An event of the largest size goes alone, whatever its overhead.
  if (events.length > 1 && total > MAX_BATCH_BYTES) {
    throw refused(`Upload too large: ${total} bytes exceeds limit of ${MAX_BATCH_BYTES}`);
  }
  checkOrder(events);
}

function checkOrder(events: readonly InputLogEvent[]): void {
  const unordered = events.some(
    ({ timestamp }, index) => timestamp < (events[index - 1]?.timestamp ?? Number.NEGATIVE_INFINITY),
  );
  if (unordered) {
    throw refused('Log events in a single PutLogEvents request must be in chronological order.');
  }
  const spanMs = (events.at(-1)?.timestamp ?? 0) - (events[0]?.timestamp ?? 0);
  if (spanMs > DAY_MS) {
    throw refused('The batch of log events in a single PutLogEvents request cannot span more than 24 hours.');
  }
}

/** Splits an ordered batch into what is taken and what is too old, past the retention or too far ahead. */
export function acceptedBy(
  events: readonly InputLogEvent[],
  { now, retentionInDays }: { readonly now: number; readonly retentionInDays?: number },
): { readonly accepted: readonly InputLogEvent[]; readonly rejected?: RejectedEvents } {
  const until = (limit: number): number => events.filter(({ timestamp }) => timestamp < limit).length;
  const tooOld = until(now - OLDEST_MS);
  const expired = retentionInDays === undefined ? 0 : until(now - retentionInDays * DAY_MS);
  const tooNew = events.findIndex(({ timestamp }) => timestamp > now + NEWEST_MS);
  const accepted = events.slice(Math.max(tooOld, expired), tooNew === -1 ? undefined : tooNew);
  if (accepted.length === events.length) return { accepted };
  const rejected = {
    ...(tooOld > 0 && { tooOldLogEventEndIndex: tooOld }),
    ...(expired > tooOld && { expiredLogEventEndIndex: expired }),
    ...(tooNew !== -1 && { tooNewLogEventStartIndex: tooNew }),
  };
  return { accepted, rejected };
}
