import type { AwsClients } from '../aws/clients.ts';
import { createLogsReader } from '../aws/logs-reader.ts';
import type { Quota } from '../aws/quota.ts';
import type { ResolvedCustomer } from '../config/config.ts';
import { scopeOf } from '../discover/customer.ts';
import type { CanaryMeter } from '../health/canary-meter.ts';
import type { AccountDirectory } from '../model/account-names.ts';
import type { Clock } from '../model/clock.ts';
import type { LogEvent } from '../model/log-event.ts';
import type { Rec } from '../model/record.ts';
import type { Source } from '../model/source.ts';
import type { Tap } from '../model/tap.ts';
import { normalize } from '../normalize/normalize.ts';
import { createReader, createReaderMemory, type Reader, type ReaderMemory } from '../tail/reader.ts';
import { type Canaries, judgeCanaries } from './canaries.ts';
import { discoverCustomer } from './discover-customer.ts';
import { normalizeOptions } from './normalize-options.ts';
import { routesTo } from './routes.ts';

/** How one source is read, understood and routed. */
export interface SourceAccess {
  readonly reader: Reader;
  /** Ids of the destinations that get its records. */
  readonly routes: readonly string[];
  /** Canaries of its own store stay what they are; all others are events like any. */
  normalize(event: LogEvent): readonly Rec[];
}

interface AccessParts {
  readonly clients: AwsClients;
  readonly quota: Quota;
  readonly clock: Clock;
  readonly accountNames?: AccountDirectory;
  /** Absent: there is no store, so that every canary is somebody else's. */
  readonly canaries?: Canaries | undefined;
  /** Absent: nobody counts. */
  readonly meters?: { readonly canaries: CanaryMeter };
  /** Absent: nobody looks at what comes. */
  readonly tap?: Pick<Tap, 'came'> | undefined;
  /** Absent: the source was not read before. */
  readonly memory?: ReaderMemory;
}

/** What serves a source, wherever it is read from: the agent's polls, or a check of what they delivered. */
export function createSourceAccess(
  source: Source,
  customer: ResolvedCustomer,
  parts: AccessParts,
): SourceAccess {
  const { clients, quota, clock, canaries, meters, tap } = parts;
  const { accountNames = new Map(), memory = createReaderMemory() } = parts;
  const scope = scopeOf(discoverCustomer(customer), source.account);
  const logs = createLogsReader({ clients, scopeOf: () => scope });
  const pace = quota.paceOf(source, customer.poll.quotaShare);
  const normalizing = normalizeOptions(customer, accountNames);
  return {
    reader: createReader({ logs, pace, source, clock, memory }),
    routes: routesTo(customer.destinations, source.region),
    normalize(event) {
      const records = judgeCanaries(normalize(event, source, normalizing), canaries, () =>
        meters?.canaries.foreign(source),
      );
      tap?.came(records);
      return records;
    },
  };
}
