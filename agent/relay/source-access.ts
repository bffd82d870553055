import type { AwsClients } from '../aws/clients.ts';
import { createLogsReader } from '../aws/logs-reader.ts';
import type { Quota } from '../aws/quota.ts';
import type { ResolvedCustomer } from '../config/config.ts';
import { scopeOf } from '../discover/customer.ts';
import type { AccountDirectory } from '../model/account-names.ts';
import type { Clock } from '../model/clock.ts';
import type { LogEvent } from '../model/log-event.ts';
import type { SourceRec } from '../model/record.ts';
import type { Source } from '../model/source.ts';
import { normalize } from '../normalize/normalize.ts';
import { createReader, createReaderMemory, type Reader, type ReaderMemory } from '../tail/reader.ts';
import { discoverCustomer } from './discover-customer.ts';
import { normalizeOptions } from './normalize-options.ts';
import { routesTo } from './routes.ts';

/** How one source is read, understood and routed. */
export interface SourceAccess {
  readonly reader: Reader;
  /** Ids of the destinations that get its records. */
  readonly routes: readonly string[];
  normalize(event: LogEvent): readonly SourceRec[];
}

interface AccessParts {
  readonly clients: AwsClients;
  readonly quota: Quota;
  readonly clock: Clock;
  readonly accountNames?: AccountDirectory;
  /** Absent: the source was not read before. */
  readonly memory?: ReaderMemory;
}

/** What serves a source, wherever it is read from: the agent's polls, or a check of what they delivered. */
export function createSourceAccess(
  source: Source,
  customer: ResolvedCustomer,
  { clients, quota, clock, accountNames = new Map(), memory = createReaderMemory() }: AccessParts,
): SourceAccess {
  const scope = scopeOf(discoverCustomer(customer), source.account);
  const logs = createLogsReader({ clients, scopeOf: () => scope });
  const pace = quota.paceOf(source, customer.poll.quotaShare);
  const normalizing = normalizeOptions(customer, accountNames);
  return {
    reader: createReader({ logs, pace, source, clock, memory }),
    routes: routesTo(customer.destinations, source.region),
    normalize: (event) => normalize(event, source, normalizing),
  };
}
