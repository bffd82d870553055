import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { loadConfig } from '../config/load.ts';
import { type Listing, renderListing } from '../console/terminal/listing.ts';
import { screenFor } from '../console/terminal/screen.ts';
import { systemClock } from '../model/clock.ts';
import { EXIT, type ExitCode } from '../model/error.ts';
import { type IndexedRecord, openSearchIndex } from '../search/search-index.ts';
import { instantOf } from './instant.ts';
import { neverRan } from './read-store.ts';
import type { RunArguments } from './run-agent.ts';

export interface SearchArguments extends Omit<RunArguments, 'timeout' | 'endpointUrl'> {
  readonly pattern: string;
  readonly since: string;
  readonly limit: number;
  readonly kind?: IndexedRecord['kind'] | undefined;
  readonly raw: boolean;
}

const INCOMPLETE = 'The search took too long, so older records may match too: narrow it with --since.\n';

/** Searches the index of delivered records, beside a running agent or without one. */
export async function showRecords(argv: SearchArguments): Promise<ExitCode> {
  const config = await loadConfig(argv.config, process.env);
  const now = systemClock.now();
  const sinceMs = instantOf('since', argv.since, now);
  const path = join(config.agent.dataDir, 'search.db');
  if (!existsSync(path)) throw neverRan(config.agent.dataDir);
  const index = openSearchIndex({ path, clock: systemClock, readOnly: true, ...config.http.searchIndex });
  try {
    const { pattern, limit, kind, customer } = argv;
    const found = await index.search({
      ...{ pattern, limit, sinceMs },
      ...(kind ? { kinds: [kind] } : {}),
      ...(customer ? { customers: customer } : {}),
    });
    print(found.records, argv, now);
    if (!found.complete) process.stderr.write(INCOMPLETE);
  } finally {
    index.close();
  }
  return EXIT.done;
}

function print(found: readonly IndexedRecord[], argv: SearchArguments, now: number): void {
  const screen = screenFor(argv, process.env, process.stdout);
  if (argv.raw && screen.output !== 'json' && screen.output !== 'ndjson') {
    for (const { raw } of found) process.stdout.write(`${raw.replaceAll(/[\r\n]+/g, ' ')}\n`);
    return;
  }
  process.stdout.write(renderListing(listing(found, argv, now), screen));
  if (screen.output === 'table') process.stderr.write(`${found.length} records\n`);
}

function listing(
  rows: readonly IndexedRecord[],
  { pattern, raw }: SearchArguments,
  now: number,
): Listing<IndexedRecord> {
  return {
    name: 'search',
    generatedAt: now,
    summary: { pattern, records: rows.length },
    rows,
    columns: [
      {
        title: 'TIME (UTC)',
        text: ({ time }) => new Date(time).toISOString().slice(0, 19).replace('T', ' '),
      },
      { title: 'KIND', text: ({ kind }) => kind },
      {
        title: 'SEV',
        text: ({ severity }) => (severity === undefined ? '-' : severity.toFixed(1)),
        align: 'right',
      },
      { title: 'CUSTOMER', text: ({ customer }) => customer },
      { title: 'ACCOUNT', text: ({ account }) => account },
      { title: 'REGION', text: ({ region }) => region },
      { title: 'TYPE / CALL', text: ({ what }) => what },
    ],
    remark: {
      title: 'ACKED BY',
      text: ({ acked }) => acked.map(({ destination }) => destination).join(', '),
    },
    json: ({ raw: text, ...row }) => ({
      ...row,
      time: new Date(row.time).toISOString(),
      ...(raw ? { raw: text } : {}),
    }),
  };
}
