import type { ObservedSource, Overview } from '../health/overview.ts';
import type { SeriesFacts, SeriesQuery } from '../health/series/series.ts';
import type { StateStrip } from '../health/state-history.ts';
import type { MemberFacts } from '../model/member-facts.ts';
import type { Mute, MuteWish } from '../model/mute.ts';
import type { Grade } from '../model/outcome.ts';
import type { RecKind } from '../model/record.ts';
import type { RecordQuery } from '../model/record-query.ts';
import type { Severity } from '../model/relay-event.ts';
import type { StackFacts } from '../model/stack-facts.ts';
import type { Tap } from '../model/tap.ts';
import type { AuditLog } from './audit-log.ts';
import type { JobDesk } from './job-desk.ts';
import type { LiveFeed } from './live-feed.ts';
import type { NoticeDesk } from './notice-desk.ts';

/** A delivered record, as the page lists it. Times in epoch ms. */
export interface RecentRecord {
  readonly time: number;
  readonly kind: RecKind;
  /** Of a finding: 1 to 10. */
  readonly severity?: number | undefined;
  /** Of a change of the configuration. */
  readonly level?: Severity | undefined;
  readonly customer: string;
  readonly account: string;
  readonly accountName?: string | undefined;
  /** The account that received the event, where it differs. */
  readonly adminAccount?: string | undefined;
  readonly region: string;
  /** Finding type or API call. */
  readonly what: string;
  readonly title?: string | undefined;
  readonly key: string;
  readonly source: string;
  readonly eventId: string;
  readonly raw: string;
  readonly acked: readonly { readonly destination: string; readonly at: number }[];
}

export interface FoundRecords {
  /** The newest first. */
  readonly records: readonly RecentRecord[];
  /** False: the time for one search was over, so older records may match too. */
  readonly complete: boolean;
}

/** A change of the configuration of GuardDuty or of the own plumbing. Times in epoch ms. */
export interface ChangeFacts
  extends Pick<
    RecentRecord,
    'time' | 'level' | 'customer' | 'account' | 'accountName' | 'region' | 'key' | 'acked'
  > {
  readonly kind: 'config-change' | 'notice';
  readonly call: string;
  readonly sentence?: string | undefined;
  readonly actor?: string | undefined;
  /** An address, or the AWS service that called. */
  readonly from?: string | undefined;
  readonly userAgent?: string | undefined;
  readonly errorCode?: string | undefined;
}

export interface FoundChanges {
  /** The newest first. */
  readonly changes: readonly ChangeFacts[];
  readonly complete: boolean;
}

/** What the configuration says of a customer, for people. */
export interface CustomerFacts {
  readonly id: string;
  readonly name?: string | undefined;
  readonly topology: string;
  /** Accounts whose log groups are read. */
  readonly collects: readonly string[];
  /** What its accounts are called, by id. */
  readonly accountNames: ReadonlyMap<string, string>;
  /** Ids. */
  readonly destinations: readonly string[];
}

/** What the configuration and the shipper say of a destination. */
export interface DestinationFacts {
  readonly id: string;
  readonly type: string;
  readonly format: string;
  readonly queuedRecords: number;
  readonly queuedBytes: number;
  readonly delivered: number;
  readonly retries: number;
  /** Of the certificate that it showed last, epoch ms. */
  readonly certificateExpiresAt?: number | undefined;
}

/** How far one destination is with one source. Times in epoch ms. */
export interface Checkpoint {
  readonly destination: string;
  readonly floor: number;
  readonly mode: 'joined' | 'behind';
  readonly grade: Grade;
  readonly updatedAt: number;
}

/** What is muted by hand. Times in epoch ms. */
export interface MuteDesk {
  current(): readonly Mute[];
  /** Throws a RangeError where it would end too late, or has ended. */
  add(wish: MuteWish): Promise<Mute>;
  /** False: there is none of this id. */
  remove(id: string): Promise<boolean>;
}

/** What the agent lets the outside see. */
export interface AgentView {
  readonly agentId: string;
  readonly version: string;
  readonly customers: readonly CustomerFacts[];
  observed(): readonly ObservedSource[];
  overview(): Overview;
  /** Records of a destination that stand in quarantine; of these customers, or of all. */
  inQuarantine(destination: string, customers?: readonly string[]): number;
  search(query: RecordQuery, signal?: AbortSignal): Promise<FoundRecords>;
  changes(
    query: Pick<RecordQuery, 'sinceMs' | 'customers' | 'limit'>,
    signal?: AbortSignal,
  ): Promise<FoundChanges>;
  destinations(): readonly DestinationFacts[];
  /** Of a customer's GuardDuty, as its administrators have them in each region. */
  members(customer: string): readonly MemberFacts[];
  checkpoints(source: string): Promise<readonly Checkpoint[]>;
  strip(source: string): StateStrip;
  series(query: SeriesQuery): SeriesFacts;
  stacks(signal: AbortSignal): Promise<readonly StackFacts[]>;
  /** The configuration in force, with every default and no secret. */
  configuration(): Readonly<Record<string, unknown>>;
  readonly mutes: MuteDesk;
  readonly live: LiveFeed;
  /** Only for those who may see records. */
  readonly tap: Pick<Tap, 'listen'>;
  readonly audit: AuditLog;
  readonly jobs: JobDesk;
  readonly notices: NoticeDesk;
  /** The loop that claims sources moved within the last minute. */
  isAlive(): boolean;
  /** The configuration is loaded and the store answers. */
  isReady(): boolean;
  /** A first pass over all customers has begun. */
  hasStarted(): boolean;
  /** Prometheus text format. */
  metrics(): Promise<string>;
}
