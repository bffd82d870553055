import type { Retention } from './account-retention.ts';
import type { LogGroup } from './groups.ts';
import type { Cursor, Row } from './rows.ts';
import { compareRows, cursorOf, startOf } from './rows.ts';

const PAGE_BYTES = 1_048_576;
/** Rows looked at for one page. On AWS too, a page may be empty while more events match. */
const SCAN_ROWS = 10_000;
const DAY_MS = 86_400_000;

/** Which events of a group, and in which order. Times are epoch ms, both ends inclusive. */
export interface FilterQuery {
  readonly start: number;
  readonly end?: number | undefined;
  readonly streams?: readonly string[] | undefined;
  readonly streamPrefix?: string | undefined;
  readonly order: 'oldest-first' | 'newest-first' | 'by-stream';
}

export interface Page {
  readonly rows: readonly Row[];
  /** The last row that was looked at, if more come after it. */
  readonly next?: Cursor;
}

/** Rows in the order of a read. */
interface Walk {
  readonly length: number;
  at(index: number): Row | undefined;
}

function forwards(rows: readonly Row[], low: number, high: number): Walk {
  return { length: high - low, at: (index) => rows[low + index] };
}

function backwards(rows: readonly Row[], low: number, high: number): Walk {
  return { length: high - low, at: (index) => rows[high - 1 - index] };
}

/** What the `unsorted` fault gives: stream after stream, as if the pages of each were put end to end. */
function byStream(rows: readonly Row[], after: Cursor | undefined): Walk {
  const grouped = rows.toSorted((a, b) => a.stream.localeCompare(b.stream) || compareRows(a, b));
  const read = grouped.findIndex((row) => row.sequence === after?.sequence) + 1;
  return forwards(grouped, read, grouped.length);
}

/** Finds the rows that are still to be read by binary search: a page costs what is on it. */
function walkFrom({ rows }: LogGroup, { start, end, order }: FilterQuery, after: Cursor | undefined): Walk {
  const low = rows.countBefore(startOf(start));
  const high = end === undefined ? rows.all.length : rows.countBefore(startOf(end + 1));
  if (high <= low) return forwards([], 0, 0);
  if (order === 'by-stream') return byStream(rows.all.slice(low, high), after);
  if (order === 'newest-first') return backwards(rows.all, low, after ? rows.countBefore(after) : high);
  const read = after ? rows.countBefore({ ...after, sequence: after.sequence + 1 }) : low;
  return forwards(rows.all, read, Math.max(read, high));
}

function selects({ streams, streamPrefix = '' }: FilterQuery, row: Row, now: number): boolean {
  return (
    row.readableAt <= now && row.stream.startsWith(streamPrefix) && (streams?.includes(row.stream) ?? true)
  );
}

/** Events past the retention are not shown, whether or not they are deleted yet. */
function withinRetention(query: FilterQuery, { retentionInDays }: Retention, now: number): FilterQuery {
  if (retentionInDays === undefined) return query;
  return { ...query, start: Math.max(query.start, now - retentionInDays * DAY_MS) };
}

interface Reading {
  readonly after: Cursor | undefined;
  readonly limit: number;
  readonly now: number;
  readonly retention: Retention;
}

/** The next page of a read: at most `limit` events and 1 MB of messages, and one event at least if it is there. */
export function readPage(
  group: LogGroup,
  query: FilterQuery,
  { after, limit, now, retention }: Reading,
): Page {
  const walk = walkFrom(group, withinRetention(query, retention, now), after);
  const scanned = Math.min(walk.length, SCAN_ROWS);
  const rows: Row[] = [];
  let bytes = 0;
  let last: Row | undefined;
  let index = 0;
  for (; index < scanned && rows.length < limit; index += 1) {
    const row = walk.at(index);
    if (row && selects(query, row, now)) {
      bytes += row.bytes;
      if (rows.length > 0 && bytes > PAGE_BYTES) break;
      rows.push(row);
    }
    last = row;
  }
  return last && index < walk.length ? { rows, next: cursorOf(last) } : { rows };
}
