import type { RegionOff } from '../model/mute.ts';
import type { Change, Position, SourceState } from '../model/position.ts';
import type { SourceFacts } from '../model/source-facts.ts';
import type { HourStore } from './hour-store.ts';
import type { MuteStore } from './mute-store.ts';
import type { NoticeStore } from './notice-store.ts';

/**
 * The checkpoint store: who may poll a source now, how far each destination has finished it, and what
 * happened to it. One machine uses SQLite; a fleet will share another store behind this same contract.
 *
 * Eleven promises, each a contract test: (1) the fence of a source grows strictly with each claim; (2) a commit
 * or extend under an old fence changes nothing and answers `fenced`; (3) a source is handed to at most one
 * caller until its lease ends; (4) after the lease end anyone may claim it, without any other action;
 * (5) `ok` only after the store's fsync; (6) a throw means "result unknown": repeating the identical commit is
 * harmless; (7) everything in one item moves together or not at all; (8) time comes from the store;
 * (9) `sync` never resets a checkpoint: a source that leaves the configuration keeps its rows; (10) `acquire`
 * takes nothing that another owner holds, and shuts out whoever held it before; (11) a claim names whoever had
 * the source and did not give it back, and its fence is one more than theirs, so that nobody had it in between.
 */
export interface CheckpointStore {
  readonly kind: 'sqlite';
  readonly notices: NoticeStore;
  readonly hours: HourStore;
  readonly mutes: MuteStore;
  /** Makes `sources` the enabled ones. Idempotent; any agent may call it. */
  sync(sources: readonly SourceSpec[]): Promise<SyncResult>;
  /** Makes `regions` those in which nothing is read. Idempotent; any agent may call it. */
  noteRegionsOff(regions: readonly RegionOff[]): Promise<void>;
  regionsOff(): Promise<readonly RegionOff[]>;
  /** Hands out sources that are due, the longest overdue first. */
  claim(owner: string, max: number, leaseMs: number): Promise<readonly Lease[]>;
  /**
   * Claims these sources, due or not, for whoever changes a checkpoint by hand: all of them, or none where another
   * owner holds one. What is not known becomes known, disabled; of a disabled source only the fence shuts others out.
   */
  acquire(owner: string, specs: readonly SourceSpec[], leaseMs: number): Promise<Acquired>;
  extend(leases: readonly Lease[], leaseMs: number): Promise<readonly StoreResult[]>;
  /** The masks of finished destinations per event key; 0n: unknown. */
  finished(source: Pick<Lease, 'row'>, keys: readonly Uint8Array[]): Promise<readonly bigint[]>;
  /** How many finished events are kept of a source, counted up to `limit`. */
  finishedCount(source: Pick<Lease, 'row'>, limit: number): Promise<number>;
  /** Atomic per item; `ok` means durable. */
  commit(items: readonly CommitItem[]): Promise<readonly StoreResult[]>;
  /** Makes sources due now; a leased one becomes due when it is released. */
  wake(sources: readonly string[]): Promise<void>;
  /** Made once with the store and never shown: by it every agent of the store knows what another has signed. */
  secret(): Promise<string>;
  /** What is stored, ordered by source; read only. */
  inspect(): AsyncIterable<SourceStatus>;
  /** Every checkpoint as of one moment, ordered by source; read only. */
  snapshot(): AsyncIterable<StoredCheckpoint>;
  /** Gives leases back (due now, where the fence still matches) and closes. Safe twice. */
  close(release?: readonly Lease[]): Promise<void>;
}

export type StoreResult = 'ok' | 'fenced';

/** A source as the store knows it; no secrets. */
export interface SourceSpec {
  /** `sourceKey` of the source. */
  readonly source: string;
  readonly customer: string;
  readonly account: string;
  readonly region: string;
  readonly partition: string;
  readonly logGroup: string;
}

export interface SyncResult {
  readonly added: readonly string[];
  readonly disabled: readonly string[];
}

export interface Lease {
  readonly source: string;
  /** The store's own number of the source. */
  readonly row: number;
  /** Moves only when whoever serves the source claims it again. */
  fence: bigint;
  /** When it was due: epoch ms by the store's clock. */
  readonly dueAt: number;
  /** Who had it before and did not give it back: the lease ended first. */
  readonly lapsedOwner?: string;
  /** `clock.monotonic()` before the request + leaseMs − 2,000. `extend` and a keeping commit move it. */
  deadline: number;
  readonly spec: SourceSpec;
  /** Undefined on first contact. */
  readonly saved?: Saved;
}

/** How far one source is. */
export interface Saved {
  readonly state: SourceState;
  readonly positions: readonly Position[];
}

export type Acquired =
  | { readonly kind: 'acquired'; readonly leases: readonly Lease[] }
  | { readonly kind: 'held'; readonly holders: readonly Holder[] };

/** A source that cannot be had, and who has it. */
export interface Holder {
  readonly source: string;
  readonly owner: string;
}

export type After =
  /** Still mine: events are in flight or settling. */
  | { readonly kind: 'keep'; readonly leaseMs: number }
  /** Free; due again after this time. */
  | { readonly kind: 'release'; readonly nextPollMs: number };

export interface CommitItem {
  readonly lease: Lease;
  readonly changes: readonly Change[];
  /** Changes behind those, walked once per try: for so many that memory should not hold them. */
  readonly more?: Iterable<Change>;
  /** Replaces what is stored; undefined leaves it. */
  readonly facts?: SourceFacts;
  readonly after: After;
}

export interface SourceStatus {
  readonly spec: SourceSpec;
  /** The store's own number of the source. */
  readonly row: number;
  readonly enabled: boolean;
  readonly owner?: string;
  /** Epoch ms by the store's clock. */
  readonly nextPollAt: number;
  readonly saved?: Saved;
  readonly facts?: SourceFacts;
}

/** All that is known of how far a source is. */
export interface StoredCheckpoint extends Saved {
  readonly spec: SourceSpec;
  /** To be walked before the next checkpoint is asked for. */
  readonly finished: AsyncIterable<FinishedEvent>;
}

export interface FinishedEvent {
  readonly key: Uint8Array;
  /** Event time, epoch ms. */
  readonly timestamp: number;
  /** Bits of the destinations that finished it. */
  readonly mask: bigint;
}
