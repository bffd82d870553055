import { type CallMeter, createCallMeter } from './call-meter.ts';
import { type CanaryMeter, createCanaryMeter } from './canary-meter.ts';
import { type CommitMeter, createCommitMeter } from './commit-meter.ts';
import { createDeliveryMeter, type DeliveryMeter } from './delivery-meter.ts';
import type { Meter } from './metrics.ts';
import { createNoticeMeter, type NoticeMeter } from './notice-meter.ts';
import { createReadMeter, type ReadMeter } from './read-meter.ts';
import { createRecordMeter, type RecordMeter } from './record-meter.ts';

/** Whoever counts what happens, each for one stage. */
export interface Meters {
  readonly calls: CallMeter;
  readonly reads: ReadMeter;
  readonly records: RecordMeter;
  readonly deliveries: DeliveryMeter;
  readonly commits: CommitMeter;
  readonly canaries: CanaryMeter;
  readonly notices: NoticeMeter;
  readonly all: readonly Meter[];
}

/** Whose counters are there with 0 before anything happens. */
interface Known {
  readonly customers: readonly { readonly id: string; readonly overlapMinutes: number }[];
  readonly destinations: readonly string[];
  readonly channels: readonly string[];
}

const MINUTE_MS = 60_000;

export function createMeters({ customers, destinations, channels }: Known): Meters {
  const meters = {
    calls: createCallMeter(),
    reads: createReadMeter(new Map(customers.map((each) => [each.id, each.overlapMinutes * MINUTE_MS]))),
    records: createRecordMeter({ customers: customers.map(({ id }) => id), destinations }),
    deliveries: createDeliveryMeter(destinations),
    commits: createCommitMeter(),
    canaries: createCanaryMeter(),
    notices: createNoticeMeter(channels),
  };
  return { ...meters, all: Object.values(meters) };
}
