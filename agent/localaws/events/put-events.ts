import { z } from 'zod';

import { isJsonObject } from '../../model/json.ts';
import type { Operation } from '../operation.ts';
import { operationsRefusing } from '../operation.ts';
import type { Place } from '../service.ts';
import type { EventBus } from './bus.ts';
import { envelopeTime } from './envelope.ts';

const MAX_BYTES = 1_048_576;

const entry = z.object({
  Source: z.string().optional(),
  DetailType: z.string().optional(),
  Detail: z.string().optional(),
  Resources: z.array(z.string()).default([]),
  /** Epoch seconds. */
  Time: z.number().optional(),
  EventBusName: z.string().optional(),
});

export const putEventsInput = z.object({ Entries: z.array(entry).min(1).max(10) });

type Entry = z.output<typeof entry>;

interface EntryResult {
  readonly EventId?: string;
  readonly ErrorCode?: string;
  readonly ErrorMessage?: string;
}

function missing(name: string): EntryResult {
  const ErrorMessage = `Parameter ${name} is not valid. Reason: ${name} is a required argument.`;
  return { ErrorCode: 'InvalidArgument', ErrorMessage };
}

function parseDetail(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Bad entries fail alone; the others are sent. */
function putEntry(
  events: EventBus,
  place: Place,
  { Source, DetailType, Detail, ...rest }: Entry,
): EntryResult {
  if (!Source) return missing('Source');
  if (!DetailType) return missing('DetailType');
  if (!Detail) return missing('Detail');
  if (Source.startsWith('aws.')) {
    return { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'Not authorized for the source.' };
  }
  const detail = parseDetail(Detail);
  if (!isJsonObject(detail)) return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
  const { Resources: resources, Time } = rest;
  const time = Time === undefined ? {} : { time: envelopeTime(Time * 1000) };
  return {
    EventId: events.emit(place, { source: Source, 'detail-type': DetailType, detail, resources, ...time }),
  };
}

function bytesOf({ Source = '', DetailType = '', Detail = '', Resources }: Entry): number {
  return Buffer.byteLength([Source, DetailType, Detail, ...Resources].join(''));
}

const operation = operationsRefusing('ValidationException');
const putEvents = putEventsInput.refine(
  ({ Entries }) => Entries.reduce((sum, item) => sum + bytesOf(item), 0) <= MAX_BYTES,
  { error: 'Total size of the entries in the request is over the limit.' },
);

/** Events from everybody but AWS's own services. */
export function putEventsOperation(events: EventBus): Operation {
  return operation(putEvents, ({ Entries }, place) => {
    const results = Entries.map((item) => putEntry(events, place, item));
    const FailedEntryCount = results.filter(({ ErrorCode }) => ErrorCode !== undefined).length;
    return { FailedEntryCount, Entries: results };
  });
}
