import type { RecKind } from '../model/record.ts';

/** A delivered record, as the index keeps it. Times in epoch ms. */
export interface IndexedRecord {
  readonly time: number;
  readonly kind: RecKind;
  readonly severity?: number;
  readonly customer: string;
  /** The account that the record is about. */
  readonly account: string;
  /** The account that received the event, where it differs. */
  readonly adminAccount?: string;
  readonly region: string;
  /** Finding type or API call. */
  readonly what: string;
  readonly title?: string;
  readonly key: string;
  /** Where the log event stood; with `eventId` and `part` it names the record. */
  readonly source: string;
  readonly eventId: string;
  readonly part?: number;
  /** The original text. */
  readonly raw: string;
  /** Who has it, the earliest first. */
  readonly acked: readonly Acknowledgement[];
}

export interface Acknowledgement {
  readonly destination: string;
  readonly at: number;
}

export interface SearchQuery {
  /**
   * 12 digits, dashes allowed: that account, collecting or member. With `*` (any text) or `?` (one character):
   * anywhere in the record, every other character literal. Else a substring. Case never counts.
   */
  readonly pattern: string;
  readonly sinceMs?: number;
  readonly untilMs?: number;
  readonly kinds?: readonly RecKind[];
  readonly customer?: string;
  readonly account?: string;
  readonly region?: string;
  readonly limit: number;
}

export interface SearchResult {
  /** The newest first. */
  readonly records: readonly IndexedRecord[];
  /** False: the time for one search was over, so older records may match too. */
  readonly complete: boolean;
}
