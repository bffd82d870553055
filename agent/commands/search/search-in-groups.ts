import type { Config } from '../../config/config.ts';
import type { LeftOut } from '../../discover/account-regions.ts';
import type { FoundSource } from '../../discover/sources.ts';
import { EXIT, type ExitCode } from '../../model/error.ts';
import { matchesGlob } from '../../model/glob.ts';
import type { RecordQuery } from '../../model/record-query.ts';
import { type GroupSearchResult, type SearchedGroup, searchGroups } from '../../relay/group-search.ts';
import type { StoredRecord } from '../../search/search-index.ts';
import { openOneOff } from '../session/one-off-session.ts';
import { isTimedOut, stopCode } from '../stop-signal.ts';
import type { SearchAnswer } from './answer.ts';
import { openIndex } from './search-in-index.ts';

interface AskGroups {
  readonly config: Config;
  readonly query: Omit<RecordQuery, 'limit'>;
  readonly endpointUrl?: string | undefined;
}

/** Searches the log groups of the selected sources, without store, checkpoint or agent. */
export async function searchInGroups(
  asked: AskGroups & { readonly query: RecordQuery },
  stop: AbortSignal,
): Promise<SearchAnswer> {
  const { query } = asked;
  const config = groupConfig(asked);
  await using session = await openOneOff(config, asked.endpointUrl);
  const { sources, leftOut } = await session.discover(stop);
  const parts = { ...session, customers: config.customers, query, random: Math.random };
  const chosen = sourcesIn(sources, query);
  const result = await searchGroups({ ...parts, sources: chosen }, stop);
  const beginning = await openIndex(config)?.beginning();
  return {
    records: result.records.map((record) => ({ ...record, acked: [] })),
    complete: !stop.aborted && result.groups.every(({ isComplete }) => isComplete),
    remarks: [
      ...leftOut.map(({ code, reason }) => `${code} ${reason}`),
      ...remarksOn(result.groups, query, stop),
      ...olderThan(beginning, result.records),
    ],
    accountNames: session.accountNames,
    exitCode: exitCodeOf(result, leftOut, stop),
  };
}

/** Only the customers who may have such records, and no destination: nothing is sent. */
export function groupConfig({ config, query: { account } }: AskGroups): Config {
  const collecting = config.customers.filter(({ accounts }) => accounts.collect.includes(account ?? ''));
  const customers = collecting.length > 0 ? collecting : config.customers;
  return { ...config, customers, destinations: [] };
}

/** A hub holds the events of many regions. */
export function sourcesIn(
  sources: readonly FoundSource[],
  { region }: Omit<RecordQuery, 'limit'>,
): readonly FoundSource[] {
  if (region === undefined) return sources;
  return sources.filter((source) => source.origins !== undefined || matchesGlob(source.region, region));
}

function remarksOn(
  groups: readonly SearchedGroup[],
  { sinceMs = 0 }: RecordQuery,
  stop: AbortSignal,
): readonly string[] {
  const read = groups.filter(({ isComplete }) => isComplete).length;
  const expired = groups.filter(({ keptSince = 0 }) => keptSince > sinceMs).map(expiredText);
  const failed = groups.flatMap(({ failure }) => (failure ? [`${failure.code} ${failure.error}`] : []));
  const why = isTimedOut(stop) ? ' when --timeout was over' : '';
  return [...expired, ...failed, `Read ${read} of ${groups.length} log groups as far as needed${why}.`];
}

function expiredText({ source, keptSince = 0 }: SearchedGroup): string {
  const { logGroup, account, region } = source;
  return `${logGroup} in ${account} ${region} keeps nothing from before ${new Date(keptSince).toISOString()}.`;
}

function olderThan(beginning: number | undefined, records: readonly StoredRecord[]): readonly string[] {
  if (beginning === undefined) return [];
  const older = records.filter(({ time }) => time < beginning).length;
  const since = new Date(beginning).toISOString();
  return older === 0 ? [] : [`${older} of the records are older than the index, which begins at ${since}.`];
}

function exitCodeOf({ groups }: GroupSearchResult, leftOut: readonly LeftOut[], stop: AbortSignal): ExitCode {
  if (stop.aborted) return stopCode(stop);
  const isWhole = groups.every(({ isComplete }) => isComplete) && !leftOut.some(({ isGuess }) => isGuess);
  return isWhole ? EXIT.done : EXIT.partly;
}
