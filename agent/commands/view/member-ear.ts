import type { RecordMeter } from '../../health/record-meter.ts';
import type { MemberWatch } from '../../members/member-watch.ts';

/** Counts as before, and lets the watch over members hear what is on its way to the SIEMs. */
export function heardByMembers(records: RecordMeter, watch: MemberWatch | undefined): RecordMeter {
  if (!watch) return records;
  return {
    ...records,
    handedOut(source, handed) {
      records.handedOut(source, handed);
      watch.heard(handed);
    },
  };
}
