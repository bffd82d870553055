import { mapBounded } from '../discover/bounded.ts';
import type { LogEvent } from '../model/log-event.ts';
import type { RecordQuery } from '../model/record-query.ts';
import type { Source } from '../model/source.ts';
import type { StoredRecord } from '../search/search-index.ts';
import type { ReadFailure, WindowPlan } from '../tail/read.ts';
import { EVERYTHING, type GroupAccess, openGroup } from './group-records.ts';
import { createNewest, type Newest } from './newest.ts';
import { keptSince, type ReadEnd, readPatiently } from './patient-read.ts';

export interface GroupSearchOptions extends GroupAccess {
  readonly sources: readonly Source[];
  readonly query: RecordQuery;
  /** From 0 to 1, for the jitter. */
  readonly random: () => number;
}

export interface GroupSearchResult {
  /** The newest first. */
  readonly records: readonly StoredRecord[];
  readonly groups: readonly SearchedGroup[];
}

/** How far one log group was read. */
export interface SearchedGroup {
  readonly source: Source;
  /** Nothing that was asked for stands in the rest of it. */
  readonly isComplete: boolean;
  /** Epoch ms: the log group keeps nothing older. */
  readonly keptSince?: number;
  readonly failure?: ReadFailure;
}

const SOURCES_AT_ONCE = 8;
/** Before 2024 AWS gives pages only from the oldest on. */
const NEWEST_FIRST_SINCE = Date.UTC(2024, 0, 1);
/** A finding tells when it was updated, and is told of at the latest by the next of GuardDuty's six-hourly reports. */
const EVENT_LATE_MS = 6 * 3_600_000;
/** Who tells the time of a record and who writes its log event have clocks of their own. */
const SKEW_MS = 5 * 60_000;

/** Searches the log groups themselves, the newest events first, a few groups at a time. */
export async function searchGroups(
  options: GroupSearchOptions,
  signal: AbortSignal,
): Promise<GroupSearchResult> {
  const newest = createNewest(options.query.limit);
  const groups = await mapBounded(options.sources, SOURCES_AT_ONCE, (source) =>
    searchGroup(source, { ...options, newest }, signal),
  );
  return { records: newest.list(), groups };
}

interface Search extends GroupSearchOptions {
  readonly newest: Newest;
}

async function searchGroup(source: Source, search: Search, signal: AbortSignal): Promise<SearchedGroup> {
  if (signal.aborted) return { source, isComplete: false };
  const { reader, recordsIn } = openGroup(source, search);
  const group = await reader.describe(signal);
  if (signal.aborted) return { source, isComplete: false };
  if (group.kind === 'failed') return { source, isComplete: false, failure: group };
  let isEnough = false;

  async function readOnce(): Promise<ReadEnd> {
    const plan = planOf(search.query);
    for await (const read of reader.read(plan, EVERYTHING, signal)) {
      if (read.kind === 'paused') return 'stopped';
      if (read.kind !== 'page') return read;
      const events = read.events.map(({ event }) => event);
      search.newest.add(events.flatMap(recordsIn));
      isEnough = plan.newestFirst === true && search.newest.isFullAfter(oldestOf(events));
      if (isEnough) return 'stopped';
    }
    return 'stopped';
  }

  const end = await readPatiently(readOnce, search, signal);
  return { source, ...keptSince(group), ...outcomeOf(end, isEnough) };
}

/** AWS's times are those of the log events; which records lie in the window is for the matcher to say. */
function planOf({ sinceMs = 0, untilMs }: RecordQuery): WindowPlan {
  const start = Math.max(0, sinceMs - SKEW_MS);
  return {
    ...{ what: 'search', start, due: [] },
    ...(untilMs === undefined ? {} : { end: untilMs + EVENT_LATE_MS }),
    ...(start >= NEWEST_FIRST_SINCE ? { newestFirst: true } : {}),
  };
}

function oldestOf(events: readonly LogEvent[]): number {
  return events.reduce((oldest, { timestamp }) => Math.min(oldest, timestamp), Number.POSITIVE_INFINITY);
}

function outcomeOf(end: ReadEnd, isEnough: boolean): Pick<SearchedGroup, 'isComplete' | 'failure'> {
  if (end === 'stopped') return { isComplete: isEnough };
  return end.kind === 'complete' ? { isComplete: true } : { isComplete: false, failure: end };
}
