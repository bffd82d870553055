import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { renderTable } from '../../agent/console/terminal/table.ts';
import { systemClock } from '../../agent/model/clock.ts';
import { isRenderable } from '../../agent/model/record.ts';
import { normalize } from '../../agent/normalize/normalize.ts';
import { storedRecord } from '../../agent/relay/stored-record.ts';
import { type IndexedRecord, openSearchIndex, type SearchIndex } from '../../agent/search/search-index.ts';
import type { DrainOptions, DrainResult } from './drain-case.ts';
import { createFindings, type MessageOf } from './findings.ts';
import { runCase } from './scene.ts';

// The index as the agent fills it, and what searching it takes; beside a drain, in which it is filled too.

const ACCOUNT = '123456789123';
/** One finding of so many is about the account. */
const RARE = 1_000;
/** As the agent hands them to the index. */
const BATCH = 500;
const SPAN_MS = 3 * 86_400_000;
const DRAINED = 20_000;

interface QueryRow {
  readonly pattern: string;
  readonly found: number;
  readonly milliseconds: number;
}

export interface SearchReport {
  readonly findings: number;
  readonly writtenPerSecond: number;
  readonly drainedPerSecond: number;
  readonly rows: readonly QueryRow[];
}

export async function searchRows(findings: number): Promise<SearchReport> {
  const folder = await mkdtemp(join(tmpdir(), 'guardrelay-bench-'));
  const limits = { keepDays: 7, maxMegabytes: 16_384 };
  const index = openSearchIndex({ path: join(folder, 'search.db'), clock: systemClock, ...limits });
  try {
    const writtenPerSecond = fill(index, findings);
    const patterns = [`*${ACCOUNT}*`, ACCOUNT, '*999999999999*', '*GuardDuty Finding*', '*no such text*'];
    const rows: QueryRow[] = [];
    for (const pattern of patterns) rows.push(await searched(index, pattern));
    return { findings, writtenPerSecond, drainedPerSecond: await drained(), rows };
  } finally {
    index.close();
    await rm(folder, { recursive: true });
  }
}

/** Records a second, of the time that the index alone takes. */
function fill(index: SearchIndex, findings: number): number {
  const messageOf = createFindings();
  const startAt = Date.now() - SPAN_MS;
  let seconds = 0;
  for (let first = 0; first < findings; first += BATCH) {
    const count = Math.min(BATCH, findings - first);
    const records = Array.from({ length: count }, (_, at) => {
      const number = first + at;
      return recordOf(messageOf, number, startAt + Math.floor((number * SPAN_MS) / findings));
    }).flat();
    const startedAt = performance.now();
    index.add(records);
    seconds += (performance.now() - startedAt) / 1_000;
  }
  return findings / seconds;
}

function recordOf(messageOf: MessageOf, number: number, timestamp: number): readonly IndexedRecord[] {
  const text = messageOf(number);
  const message = number % RARE === 0 ? text.replace('111111111111', ACCOUNT) : text;
  const event = { id: `event-${number}`, stream: 'bench', message, timestamp, ingestionTime: timestamp };
  const source = { customer: 'bench', account: '111111111111', region: 'us-east-1' };
  const place = { ...source, partition: 'aws', logGroup: '/aws/events/guardrelay' };
  const records = normalize(event, place, { heartbeatRule: 'none' }).filter(isRenderable);
  // Findings of the samples tell times of their own.
  const acked = [{ destination: 'siem', at: timestamp }];
  return records.map((record) => ({ ...storedRecord(record), time: timestamp, acked }));
}

async function searched(index: SearchIndex, pattern: string): Promise<QueryRow> {
  const startedAt = performance.now();
  const { records } = await index.search({ pattern, limit: 50 });
  return { pattern, found: records.length, milliseconds: performance.now() - startedAt };
}

async function drained(): Promise<number> {
  const options: DrainOptions = { sink: 'webhook', format: 'json', findings: DRAINED, leastBytes: 0 };
  const path = new URL(new URL('./drain-case.ts', import.meta.url), import.meta.url);
  const result: DrainResult = await runCase(path, options);
  return result.findingsPerSecond;
}

export function searchTable({ rows }: SearchReport): string {
  return renderTable<QueryRow>(
    {
      rows,
      columns: [
        { title: 'PATTERN', text: ({ pattern }) => pattern },
        { title: 'FOUND', text: ({ found }) => String(found), align: 'right' },
        { title: 'MS', text: ({ milliseconds }) => milliseconds.toFixed(0), align: 'right' },
      ],
    },
    { width: 100, color: false },
  );
}
