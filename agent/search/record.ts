import type { RecKind } from '../model/record.ts';
import type { Severity } from '../model/relay-event.ts';

/** A delivered record, as the index keeps it. Times in epoch ms. */
export interface IndexedRecord {
  readonly time: number;
  readonly kind: RecKind;
  /** Of a finding: 1 to 10. */
  readonly severity?: number;
  /** Of a change of the configuration. */
  readonly level?: Severity;
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

/** A record without what may change. */
export type StoredRecord = Omit<IndexedRecord, 'acked'>;

export interface Acknowledgement {
  readonly destination: string;
  readonly at: number;
}

export interface SearchResult {
  /** The newest first. */
  readonly records: readonly IndexedRecord[];
  /** False: the time for one search was over, so older records may match too. */
  readonly complete: boolean;
}
