import type { EncodedRecord, SealedBatch } from './batch.ts';
import type { Grade, Outcome } from './outcome.ts';
import type { RenderableRec } from './record.ts';

/** What a destination can take, and the best it can prove. */
export interface SinkCaps {
  readonly maxRecordBytes: number;
  readonly maxBatchBytes: number;
  readonly maxBatchRecords: number;
  /** How long a batch may wait to fill. */
  readonly maxBatchWaitMs: number;
  /** Requests that may be open at once. */
  readonly concurrency: number;
  /** The answer names single records. */
  readonly perRecord: boolean;
  readonly grade: Grade;
}

/** Where a destination is, for people: never a path, a query or credentials. */
export interface SinkPlace {
  /** Host and port. */
  readonly name: string;
  readonly transport: 'https' | 'http' | 'tls' | 'tcp' | 'udp';
}

/** One SIEM endpoint. */
export interface Sink {
  readonly place: SinkPlace;
  readonly caps: SinkCaps;
  /** Renders, shrinks to `maxRecordBytes` and frames; the receiver never has to cut. */
  encode(record: RenderableRec): EncodedRecord;
  /** Joins (and compresses) records into what `send` writes; pure. */
  seal(records: readonly EncodedRecord[]): SealedBatch;
  /**
   * One outcome per record, in order; records that were judged together share one object. Never throws for what
   * the far side did.
   */
  send(batch: SealedBatch, signal: AbortSignal): Promise<readonly Outcome[]>;
  /** Connection, TLS and credentials only. */
  probe(signal: AbortSignal): Promise<Outcome>;
  /** Safe twice; gives up waiting after `deadlineMs`. */
  close(deadlineMs: number): Promise<void>;
}
