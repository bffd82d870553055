import { createHash } from 'node:crypto';

import { z } from 'zod';
import type { Operation } from '../operation.ts';
import { operationsRefusing } from '../operation.ts';
import type { Caller } from '../service.ts';
import { AwsError } from '../service.ts';
import type { FaultSite, World } from '../world.ts';
import type { FilterQuery, Page } from './filter.ts';
import { readPage } from './filter.ts';
import type { LogGroup } from './groups.ts';
import type { Logs } from './logs.ts';
import { namedGroup } from './naming.ts';
import { acceptedBy, checkBatch, inputLogEvents } from './put.ts';
import type { Cursor, Row } from './rows.ts';
import { cursorOf } from './rows.ts';
import { readToken, writeToken } from './token.ts';

const operation = operationsRefusing('InvalidParameterException');
const TOKEN_LIFETIME_MS = 24 * 3_600_000;
const MAX_PAGE_EVENTS = 10_000;
/** `startFromHead: false` reads nothing older (API reference). */
const NEWEST_FIRST_SINCE = Date.UTC(2024, 0, 1);

const filterLogEvents = z
  .object({
    logGroupName: z.string().optional(),
    logGroupIdentifier: z.string().optional(),
    logStreamNames: z.array(z.string()).min(1).max(100).optional(),
    logStreamNamePrefix: z.string().min(1).optional(),
    startTime: z.int().min(0).default(0),
    endTime: z.int().min(0).optional(),
    /** Patterns are not implemented, so any but the empty one is refused rather than ignored. */
    filterPattern: z.string().max(0, 'localaws has no filter patterns').optional(),
    nextToken: z.string().min(1).optional(),
    limit: z.int().min(1).max(MAX_PAGE_EVENTS).default(MAX_PAGE_EVENTS),
    startFromHead: z.boolean().default(true),
  })
  .refine(({ logStreamNames, logStreamNamePrefix }) => !(logStreamNames && logStreamNamePrefix), {
    error: 'logStreamNames and logStreamNamePrefix cannot be given together',
  })
  .refine(({ startTime, startFromHead }) => startFromHead || startTime >= NEWEST_FIRST_SINCE, {
    error: 'startFromHead false needs a startTime of 2024-01-01 or later',
  });

type FilterInput = z.output<typeof filterLogEvents>;

const putLogEvents = z.object({
  logGroupName: z.string(),
  logStreamName: z.string(),
  logEvents: inputLogEvents,
});

/** 56 digits, as in the samples of AWS, and the same on every read. */
function eventId({ timestamp, ingestionTime, sequence }: Cursor): string {
  const [written, taken] = [timestamp, ingestionTime].map((ms) => `${ms}`.padStart(13, '0'));
  return `3${written}${taken}${`${sequence}`.padStart(29, '0')}`;
}

function shownEvent(row: Row): unknown {
  const { stream: logStreamName, timestamp, message, ingestionTime } = row;
  return { logStreamName, timestamp, message, ingestionTime, eventId: eventId(row) };
}

/** The exact answer for other classes is not documented; this code is in the model of the service. */
function checkClass({ logClass }: LogGroup): void {
  if (logClass === 'STANDARD') return;
  const refusal = `FilterLogEvents is not supported for log groups of the class ${logClass}.`;
  throw new AwsError('InvalidOperationException', refusal);
}

function bindingOf({ generation }: LogGroup, input: FilterInput): string {
  const { nextToken, limit, ...parameters } = input;
  return createHash('sha256')
    .update(JSON.stringify([generation, parameters]))
    .digest('base64url');
}

/** FilterLogEvents, and the faults that bend its pages. */
function createFilter({ clock, faults }: World, logs: Logs) {
  function query(input: FilterInput, site: FaultSite): FilterQuery {
    const newest = input.startFromHead ? 'oldest-first' : 'newest-first';
    return {
      start: input.startTime,
      end: input.endTime,
      streams: input.logStreamNames,
      streamPrefix: input.logStreamNamePrefix,
      order: faults.take(site, 'unsorted') ? 'by-stream' : newest,
    };
  }

  function emptied(site: FaultSite, first: boolean): boolean {
    return Boolean(faults.take(site, 'empty-page') ?? (first && faults.take(site, 'empty-first-page')));
  }

  function lastRow({ rows }: Page, site: FaultSite): Cursor | undefined {
    const last = rows.at(-1);
    if (!last || !faults.take(site, 'empty-last-page')) return undefined;
    return cursorOf(last);
  }

  return (input: FilterInput, caller: Caller): unknown => {
    const group = namedGroup(logs, caller, input);
    checkClass(group);
    const now = clock.now();
    const site = { ...caller, service: 'logs', operation: 'FilterLogEvents' };
    const binding = bindingOf(group, input);
    const expiresAt = now + (faults.take(site, 'token-lifetime')?.ms ?? TOKEN_LIFETIME_MS);
    const after = input.nextToken === undefined ? undefined : readToken(input.nextToken, binding, now).after;
    if (emptied(site, input.nextToken === undefined)) {
      return { events: [], searchedLogStreams: [], nextToken: writeToken({ binding, expiresAt, after }) };
    }
    const limit = Math.min(input.limit, faults.take(site, 'page-size')?.events ?? input.limit);
    const retention = logs.accountRetention(caller).of(group);
    const page = readPage(group, query(input, site), { after, limit, now, retention });
    const next = page.next ?? lastRow(page, site);
    const token = next && { nextToken: writeToken({ binding, expiresAt, after: next }) };
    return { events: page.rows.map(shownEvent), searchedLogStreams: [], ...token };
  };
}

/** The operations that write and read log events. */
export function logEventOperations(world: World, logs: Logs): Readonly<Record<string, Operation>> {
  return {
    FilterLogEvents: operation(filterLogEvents, createFilter(world, logs)),
    PutLogEvents: operation(putLogEvents, ({ logGroupName, logStreamName, logEvents }, caller) => {
      const group = logs.groups(caller).get(logGroupName);
      const stream = group.streams.get(logStreamName);
      if (!stream) {
        throw new AwsError('ResourceNotFoundException', 'The specified log stream does not exist.');
      }
      checkBatch(logEvents);
      const limits = { ...logs.accountRetention(caller).of(group), now: world.clock.now() };
      const { accepted, rejected } = acceptedBy(logEvents, limits);
      logs.ingest(caller, group, stream, accepted);
      return { nextSequenceToken: '1', rejectedLogEventsInfo: rejected };
    }),
  };
}
