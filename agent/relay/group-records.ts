import type { AwsClients } from '../aws/clients.ts';
import type { Quota } from '../aws/quota.ts';
import type { ResolvedCustomer } from '../config/config.ts';
import type { AccountDirectory } from '../model/account-names.ts';
import type { Clock } from '../model/clock.ts';
import type { LogEvent } from '../model/log-event.ts';
import type { RecordQuery } from '../model/record-query.ts';
import type { Source } from '../model/source.ts';
import { createMatcher, searchableOf } from '../search/matching.ts';
import type { StoredRecord } from '../search/search-index.ts';
import type { Wanted } from '../tail/read.ts';
import type { Reader } from '../tail/reader.ts';
import { type Canaries, renderableOf } from './canaries.ts';
import { createSourceAccess, type SourceAccess } from './source-access.ts';
import { storedRecord } from './stored-record.ts';

/** What it takes to look for records in log groups. */
export interface GroupAccess {
  readonly customers: readonly ResolvedCustomer[];
  readonly query: Omit<RecordQuery, 'limit'>;
  readonly clients: AwsClients;
  readonly quota: Quota;
  readonly accountNames: AccountDirectory;
  /** Of the agent that has put them; absent: they are found like any event. */
  readonly canaries?: Canaries | undefined;
  readonly clock: Clock;
}

interface OpenGroup {
  readonly reader: Reader;
  /** The records of an event that were asked for. */
  recordsIn(event: LogEvent): readonly StoredRecord[];
}

/** A read without destinations. */
export const EVERYTHING: Wanted = {
  room: () => Number.POSITIVE_INFINITY,
  for: async (events) => events.map(() => ['']),
};

export function openGroup(source: Source, access: GroupAccess): OpenGroup {
  const customer = access.customers.find(({ id }) => id === source.customer);
  if (!customer) throw new Error(`a source belongs to an unknown customer: ${source.customer}`);
  const { reader, normalize } = createSourceAccess(source, customer, access);
  return { reader, recordsIn: createFinder(access.query, normalize) };
}

function createFinder(query: GroupAccess['query'], normalize: SourceAccess['normalize']) {
  const matches = createMatcher(query);
  return (event: LogEvent): readonly StoredRecord[] =>
    renderableOf(normalize(event))
      .map(storedRecord)
      .filter((stored) => matches(searchableOf(stored)));
}
