import type { RecKind } from './record.ts';

/** Which delivered records, as `guardrelay search` understands it. Times in epoch ms. */
export interface RecordQuery {
  /**
   * 12 digits, dashes allowed: that account, collecting or member. With `*` (any text) or `?` (one character):
   * anywhere in the record, every other character literal. Else a substring. Case never counts.
   */
  readonly pattern: string;
  readonly sinceMs?: number;
  readonly untilMs?: number;
  readonly kinds?: readonly RecKind[];
  /** A severity of GuardDuty; a change of the configuration counts as the least one of its level. */
  readonly minSeverity?: number;
  /** A glob of finding type or API call, or its name; case never counts. */
  readonly type?: string;
  readonly customers?: readonly string[];
  /** Collecting or member. */
  readonly account?: string;
  /** A glob. */
  readonly region?: string;
  readonly limit: number;
}
