import type { Config } from '../../config/config.ts';
import { EXIT, GuardrelayError } from '../../model/error.ts';
import type { RecordQuery } from '../../model/record-query.ts';
import type { IndexedRecord } from '../../search/search-index.ts';
import { instantOf } from '../instant.ts';

/** What may be said of the records that are wanted, by `search` and by `tail`. */
export interface RecordWishes {
  readonly pattern?: string | undefined;
  readonly customer?: readonly string[] | undefined;
  readonly account?: string | undefined;
  readonly region?: string | undefined;
  readonly kind?: IndexedRecord['kind'] | undefined;
  readonly minSeverity?: number | undefined;
  readonly type?: string | undefined;
}

export interface SearchWishes extends RecordWishes {
  readonly since: string;
  readonly until?: string | undefined;
  readonly limit: number;
}

/** They are held in memory, with their texts. */
const MAX_LIMIT = 10_000;

export function searchQuery(wishes: SearchWishes, config: Config, now: number): RecordQuery {
  const { since, until, limit } = wishes;
  const sinceMs = instantOf('since', since, now);
  const untilMs = until === undefined ? undefined : instantOf('until', until, now);
  if (untilMs !== undefined && sinceMs > untilMs) throw misuse('--since is later than --until');
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    throw misuse(`--limit is not a whole number from 1 to ${MAX_LIMIT}`);
  }
  return { ...recordQuery(wishes, config), limit, sinceMs, ...(untilMs === undefined ? {} : { untilMs }) };
}

/** `config`: of the selected customers. */
export function recordQuery(
  { pattern = '', customer, account, region, kind, minSeverity, type }: RecordWishes,
  { customers }: Config,
): Omit<RecordQuery, 'limit'> {
  if (minSeverity !== undefined && !Number.isFinite(minSeverity)) throw misuse('--min-severity is no number');
  return {
    pattern,
    ...(customer ? { customers: customers.map(({ id }) => id) } : {}),
    ...(account === undefined ? {} : { account: accountId(account) }),
    ...(region === undefined ? {} : { region }),
    ...(kind ? { kinds: [kind] } : {}),
    ...(minSeverity === undefined ? {} : { minSeverity }),
    ...(type === undefined ? {} : { type }),
  };
}

function accountId(text: string): string {
  const id = text.replaceAll('-', '');
  if (/^\d{12}$/.test(id)) return id;
  throw misuse(`--account ${text} has not the 12 digits of an account`);
}

function misuse(message: string): GuardrelayError {
  return new GuardrelayError('CLI-001', message, {
    exitCode: EXIT.usage,
    fix: 'guardrelay search --help says what each option takes.',
  });
}
