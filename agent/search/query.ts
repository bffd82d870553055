import type { DatabaseSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import type { Clock } from '../model/clock.ts';
import type { RecordQuery } from '../model/record-query.ts';
import { bodyRow, type PackedRecord, unpack } from './block.ts';
import { mayContain, requiredWindow } from './digits.ts';
import { createMatcher, type Searchable } from './matching.ts';
import { type Pattern, parsePattern } from './pattern.ts';
import type { Acknowledgement, IndexedRecord, SearchResult, StoredRecord } from './record.ts';

/** How long one search may look; what it found until then is the answer. */
const BUDGET_MS = 15_000;

const blockRow = z.object({
  first: z.int(),
  max_time: z.int(),
  windows: z.instanceof(Uint8Array).nullable(),
});
type Block = Pick<z.infer<typeof blockRow>, 'first' | 'max_time'>;
const beginningRow = z.object({ time: z.int().nullable() });
const ackedRow = z.object({ acked: z.string() });
const ackedTimes = z.record(z.string(), z.number());

interface Hit {
  readonly id: number;
  readonly record: StoredRecord;
}

/**
 * Searches on one snapshot, block after block, the newest first. It gives way to other work between blocks: a
 * search through all of a large index takes seconds.
 */
export async function runQuery(
  database: DatabaseSync,
  query: RecordQuery,
  { clock, signal }: { readonly clock: Clock; readonly signal?: AbortSignal | undefined },
): Promise<SearchResult> {
  const pattern = parsePattern(query.pattern);
  const matches = createMatcher(query);
  const endsAt = clock.monotonic() + BUDGET_MS;
  database.exec('begin');
  const body = database.prepare('select fields, texts from body where first = ?');
  let hits: readonly Hit[] = [];
  for (const { first, max_time } of candidates(database, query, pattern)) {
    const last = hits[query.limit - 1];
    if (last && last.record.time >= max_time) break;
    if (clock.monotonic() >= endsAt) return { records: withAcked(database, hits), complete: false };
    const found = hitsIn(unpack(bodyRow.parse(body.get(first))), first, matches);
    hits = newest([...hits, ...found], query.limit);
    await setImmediate(undefined, { signal });
  }
  return { records: withAcked(database, hits), complete: true };
}

/** Time of the oldest record. */
export function beginningOf(database: DatabaseSync): number | undefined {
  const row = database.prepare('select min(min_time) as time from block').get();
  return beginningRow.parse(row).time ?? undefined;
}

/** Blocks in which a match may stand, the newest first. */
function candidates(database: DatabaseSync, query: RecordQuery, pattern: Pattern): readonly Block[] {
  const { sinceMs = 0, untilMs = Number.MAX_SAFE_INTEGER } = query;
  const required = requiredWindow(pattern);
  const blocks: Block[] = [];
  const inTime = database.prepare(
    'select first, max_time, windows from block where max_time >= ? and min_time <= ?',
  );
  for (const row of inTime.iterate(sinceMs, untilMs)) {
    const { first, max_time, windows } = blockRow.parse(row);
    if (mayContain(windows, required)) blocks.push({ first, max_time });
  }
  return blocks.sort((one, other) => other.max_time - one.max_time);
}

function newest(hits: Hit[], limit: number): readonly Hit[] {
  const byTime = (one: Hit, other: Hit) => other.record.time - one.record.time || other.id - one.id;
  return hits.sort(byTime).slice(0, limit);
}

function hitsIn(
  records: readonly PackedRecord[],
  first: number,
  matches: (record: Searchable) => boolean,
): readonly Hit[] {
  const hits: Hit[] = [];
  for (const [index, record] of records.entries()) {
    if (matches(record)) hits.push({ id: first + index, record: record.whole() });
  }
  return hits;
}

/** With who has acknowledged them by now. */
export function withAcked(database: DatabaseSync, hits: readonly Hit[]): readonly IndexedRecord[] {
  const acked = database.prepare('select acked from record where id = ?');
  return hits.map(({ id, record }) => ({ ...record, acked: readAcked(ackedRow.parse(acked.get(id)).acked) }));
}

function readAcked(times: string): readonly Acknowledgement[] {
  const acked = Object.entries(ackedTimes.parse(JSON.parse(times)));
  return acked.map(([destination, at]) => ({ destination, at })).sort((one, other) => one.at - other.at);
}
