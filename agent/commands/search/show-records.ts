import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/load.ts';
import { type Listing, renderListing } from '../../console/terminal/listing.ts';
import { printable } from '../../console/terminal/printable.ts';
import { type Screen, screenFor } from '../../console/terminal/screen.ts';
import { systemClock } from '../../model/clock.ts';
import type { ExitCode } from '../../model/error.ts';
import type { IndexedRecord } from '../../search/search-index.ts';
import type { RunArguments } from '../run/run-agent.ts';
import { selectCustomers } from '../select-customers.ts';
import { limitedSignal } from '../stop-signal.ts';
import type { SearchAnswer } from './answer.ts';
import { ackedText, recordColumns, recordJson } from './record-columns.ts';
import { searchInGroups } from './search-in-groups.ts';
import { searchInIndex } from './search-in-index.ts';
import { accountIn, siemQuery } from './siem-query.ts';
import { type SearchWishes, searchQuery } from './wishes.ts';

export interface SearchArguments extends RunArguments, SearchWishes {
  readonly pattern: string;
  readonly from: 'index' | 'cloudwatch';
  readonly raw: boolean;
  readonly quiet: boolean;
}

/** Searches delivered records, or the log groups themselves. */
export async function showRecords(argv: SearchArguments): Promise<ExitCode> {
  const config = selectCustomers(await loadConfig(argv.config, process.env), argv.customer);
  const now = systemClock.now();
  const query = searchQuery(argv, config, now);
  const answer =
    argv.from === 'index'
      ? await searchInIndex(config, query)
      : await searchInGroups({ ...argv, config, query }, limitedSignal(argv.timeout));
  print(answer, argv, now);
  if (!argv.quiet) for (const line of lastLines(answer, argv, config)) write(line);
  return answer.exitCode;
}

function write(line: string): void {
  process.stderr.write(`${printable(line)}\n`);
}

function print(answer: SearchAnswer, argv: SearchArguments, now: number): void {
  const screen = screenFor(argv, process.env, process.stdout);
  if (!argv.raw || screen.output === 'json' || screen.output === 'ndjson') {
    process.stdout.write(renderListing(listing(answer, { argv, screen, now }), screen));
    return;
  }
  // For a terminal a line is made harmless; for a file it stays what it was.
  const shown = screen.output === 'table' ? printable : (text: string) => text;
  for (const { raw } of answer.records) process.stdout.write(`${shown(raw.replaceAll(/[\r\n]+/g, ' '))}\n`);
}

function lastLines(
  { records, remarks }: SearchAnswer,
  { pattern, limit }: SearchArguments,
  config: Config,
): readonly string[] {
  const isFull = records.length === limit ? ', the newest: --limit shows more' : '';
  const count = `${records.length} ${records.length === 1 ? 'record' : 'records'}${isFull}`;
  return [...remarks, [count, ...collectedIn(records), ...elsewhere(pattern, config)].join(' · ')];
}

function collectedIn(records: readonly IndexedRecord[]): readonly string[] {
  const accounts = [...new Set(records.map(({ account, adminAccount = account }) => adminAccount))];
  const [first, second, third] = accounts;
  if (first === undefined) return [];
  const rest = accounts.length > 3 ? ` and ${accounts.length - 3} more` : '';
  return [`collected in ${[first, second, third].filter((id) => id !== undefined).join(', ')}${rest}`];
}

/** Where the same may be looked for by those who do not use this agent. */
function elsewhere(pattern: string, { customers, destinations }: Config): readonly string[] {
  const account = accountIn(pattern);
  if (account === undefined) return [];
  const used = new Set(customers.flatMap((customer) => customer.destinations.map(({ id }) => id)));
  return destinations.flatMap((options) => {
    const query = used.has(options.id) ? siemQuery(options, account) : undefined;
    return query ? [query] : [];
  });
}

interface Asked {
  readonly argv: SearchArguments;
  readonly screen: Screen;
  readonly now: number;
}

function listing(
  { records, complete, accountNames }: SearchAnswer,
  { argv: { pattern, from, raw }, screen, now }: Asked,
): Listing<IndexedRecord> {
  return {
    name: 'search',
    generatedAt: now,
    summary: { pattern, from, records: records.length, complete },
    rows: records,
    columns: recordColumns(accountNames, screen),
    // The log groups do not know who has a record.
    ...(from === 'index' ? { remark: { title: 'ACKED BY', text: ackedText } } : {}),
    json: (record) => recordJson(record, raw),
  };
}
