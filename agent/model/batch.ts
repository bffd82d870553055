import type { RenderableRec } from './record.ts';

/** A record in the bytes one destination gets: framed, within its limit. */
export interface EncodedRecord {
  /** The record's key: stable over re-reads and restarts. */
  readonly id: string;
  readonly record: RenderableRec;
  readonly bytes: Buffer;
  /** The messages in `bytes`, where each travels by itself, as in a datagram. */
  readonly parts?: readonly Buffer[];
  readonly truncated: boolean;
}

/** Records that travel together. Re-sent byte-identical for the life of the agent. */
export interface SealedBatch {
  /** sha256 over the record ids and bytes. */
  readonly id: string;
  readonly records: readonly EncodedRecord[];
  /** The body as it goes over the wire (compressed where the sink does so), made once. */
  readonly wire: Buffer;
  /** Uncompressed size. */
  readonly bytes: number;
}
