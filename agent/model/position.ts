import type { Grade } from './outcome.ts';

/** How far one destination has finished one source. */
export interface Position {
  readonly source: string;
  readonly destination: string;
  /** This destination's bit, 0 to 62, in the masks of finished events of this source. */
  readonly bit: number;
  /** Epoch ms. Every known event with a smaller timestamp is final here; a restart reads from here. */
  readonly floor: number;
  /** Epoch ms. Events ingested before were never wanted (`startAt`). */
  readonly born: number;
  /** `behind`: split off from the shared polls; it reads by itself until it has caught up. */
  readonly mode: 'joined' | 'behind';
  /** Service time of the split. */
  readonly splitAt?: number;
  /** How far the sweeps were at the split: later ones were not offered to it. */
  readonly sweepsAtSplit?: readonly SweepMark[];
  /** Grade of the last acknowledgement. */
  readonly grade: Grade;
  readonly updatedAt: number;
}

/** When a late-event window was last closed. */
export interface SweepMark {
  readonly windowMinutes: number;
  /** Service time at the START of the last closed sweep, epoch ms. */
  readonly doneAt: number;
  /** What its last read held; undefined: not measured yet. */
  readonly bytes?: number;
}

/** A complete sweep, everything of which is final. */
export interface CoveredRange {
  /** Event times that it showed, both inclusive. */
  readonly from: number;
  readonly to: number;
  /** Service time at its start. */
  readonly at: number;
  /** Bits of the destinations that it was offered to. */
  readonly bits: readonly number[];
}

/** For a source with too many events to keep the id of each: complete sweeps stand for the ids that they prove. */
export interface IngestionRule {
  /** False: ids are kept again; the ranges stand for those that were not. */
  readonly inForce: boolean;
  /** Service time when that began, epoch ms. */
  readonly since: number;
  readonly covered: readonly CoveredRange[];
}

/** What is known of one source, whoever reads it. Times are epoch ms by AWS's clocks. */
export interface SourceState {
  readonly source: string;
  /** creationTime of the log group: another value means another group of the same name. */
  readonly generation: number;
  /** Largest min(timestamp, ingestionTime) over complete reads. */
  readonly highWater: number;
  readonly lastReadAt: number;
  readonly lastEventAt?: number;
  /** Holds so much that it is not read again as often as others; undefined: not measured yet. */
  readonly dense?: boolean;
  /** Estimate: one event in a hundred is ingested later than this after its timestamp. */
  readonly latenessP99Ms?: number;
  readonly ingestionRule?: IngestionRule;
  readonly sweeps: readonly SweepMark[];
}

/** One thing that a commit changes. Those of one commit item move together or not at all. */
/** What one log event held, for the tally of the hour. */
export interface EventCounts {
  readonly findings: number;
  readonly changes: number;
}

export type Change =
  | { readonly kind: 'state'; readonly state: SourceState }
  | { readonly kind: 'position'; readonly position: Position }
  /** `mask`: bits of the destinations that finished the event; OR-ed with what is stored. */
  | {
      readonly kind: 'finished';
      readonly source: string;
      readonly key: Uint8Array;
      readonly timestamp: number;
      /** Epoch ms; absent: not known, so no sweep proves that the id need not be kept. */
      readonly ingestionTime?: number;
      readonly mask: bigint;
      /** Of `mask`: those that refused it, so that it stands in quarantine. */
      readonly refused?: bigint;
      readonly counts?: EventCounts;
    }
  /** Heartbeats of one hour: bit n stands for its minute n. OR-ed with what is stored. */
  | {
      readonly kind: 'heartbeats';
      readonly source: string;
      readonly region: string;
      /** Hours since the epoch. */
      readonly hour: number;
      readonly minutes: bigint;
    }
  /** Forget the finished ids that a complete sweep proves: in this span, and finished for none but these bits. */
  | {
      readonly kind: 'proved';
      readonly source: string;
      /** Event times, both inclusive. */
      readonly from: number;
      readonly to: number;
      readonly ingestedUntil: number;
      readonly mask: bigint;
    }
  /** Takes these bits back from finished events with this timestamp or a later one, epoch ms: they are to be sent again. */
  | { readonly kind: 'unfinished'; readonly source: string; readonly mask: bigint; readonly from: number }
  /** Forget finished ids with a smaller event timestamp, epoch ms. */
  | { readonly kind: 'forget'; readonly source: string; readonly before: number }
  /** The log group was recreated: forget every finished id. */
  | { readonly kind: 'generation'; readonly source: string; readonly generation: number };
