import type { EncodedRecord } from '../model/batch.ts';
import type { RenderableRec } from '../model/record.ts';
import type { Shipper } from '../ship/shipper.ts';

/** What the destination's format could not do, counted since the start. */
interface RenderTally {
  /** Records that did not fit and lost something. */
  readonly truncated: number;
  /** Records that it could not map, so that they went out as they came. */
  readonly unmapped: number;
}

/** One destination as the relay sees it: a format, a filter and a shipper. */
export interface Destination {
  readonly id: string;
  readonly shipper: Shipper;
  readonly tally: RenderTally;
  /** When the certificate ends that it showed last, epoch ms; undefined: it has shown none yet. */
  certificateExpiresAt?(): number | undefined;
  /** Whether the destination's filter lets the record through. */
  wants(record: RenderableRec): boolean;
  encode(record: RenderableRec): EncodedRecord;
}

/** Kinds and least severity that a destination gets; absent: everything. */
export interface RecordFilter {
  readonly kinds?: readonly RenderableRec['kind'][] | undefined;
  /** GuardDuty's scale, 0 to 10; holds back findings only. */
  readonly minSeverity?: number | undefined;
}

export function passes(record: RenderableRec, { kinds, minSeverity }: RecordFilter): boolean {
  if (kinds && !kinds.includes(record.kind)) return false;
  if (minSeverity === undefined || record.kind !== 'finding') return true;
  return (record.finding.severity ?? minSeverity) >= minSeverity;
}
