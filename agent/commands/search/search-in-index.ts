import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../config/config.ts';
import { createLogger } from '../../log.ts';
import { systemClock } from '../../model/clock.ts';
import { EXIT } from '../../model/error.ts';
import type { RecordQuery } from '../../model/record-query.ts';
import { openSearchIndex, type SearchIndex } from '../../search/search-index.ts';
import { readAccountNames } from '../account-names.ts';
import { neverRan } from '../store/read-store.ts';
import type { SearchAnswer } from './answer.ts';

const TOO_LONG = 'The search took too long, so older records may match too: narrow it with --since.';

/** Searches what was delivered, beside a running agent or without one. */
export async function searchInIndex(config: Config, query: RecordQuery): Promise<SearchAnswer> {
  const index = openIndex(config);
  if (!index) throw neverRan(config.agent.dataDir);
  const { records, complete } = await index.search(query);
  const beginning = await index.beginning();
  const isYounger = beginning === undefined || beginning > (query.sinceMs ?? 0);
  const logger = createLogger({ level: config.agent.logLevel, format: config.agent.logFormat });
  return {
    ...{ records, complete },
    remarks: [...(isYounger ? [beginsAt(beginning)] : []), ...(complete ? [] : [TOO_LONG])],
    accountNames: await readAccountNames(config.customers, logger),
    exitCode: EXIT.done,
  };
}

/** To read; undefined: no agent has run. */
export function openIndex({ agent, http }: Config): SearchIndex | undefined {
  const path = join(agent.dataDir, 'search.db');
  if (!existsSync(path)) return undefined;
  return openSearchIndex({ path, clock: systemClock, readOnly: true, ...http.searchIndex });
}

function beginsAt(beginning: number | undefined): string {
  if (beginning === undefined)
    return 'The index is empty; --from cloudwatch reads the log groups themselves.';
  const since = new Date(beginning).toISOString();
  return `The index begins at ${since}; --from cloudwatch reads the log groups themselves.`;
}
