import type { LiveFeed } from '../../console/live-feed.ts';
import type { RecordMeter } from '../../health/record-meter.ts';
import type { Clock } from '../../model/clock.ts';
import type { RenderableRec } from '../../model/record.ts';
import { storedRecord } from '../../relay/stored-record.ts';

/** Counts as before, and tells those who listen; while nobody does it costs nothing. */
export function heardRecords(records: RecordMeter, live: LiveFeed, clock: Clock): RecordMeter {
  return {
    ...records,
    handedOut(source, handed) {
      records.handedOut(source, handed);
      if (!live.isHeard) return;
      for (const record of handed)
        tell(record, (facts) => ({ type: 'handed-out', at: clock.now(), ...facts }));
    },
    acknowledged(destination, record, at) {
      records.acknowledged(destination, record, at);
      if (live.isHeard) tell(record, (facts) => ({ type: 'acknowledged', at, destination, ...facts }));
    },
  };

  function tell(record: RenderableRec, event: (facts: Facts) => Parameters<LiveFeed['tell']>[0]): void {
    const facts = factsOf(record);
    if (facts) live.tell(event(facts));
  }
}

type Facts = NonNullable<ReturnType<typeof factsOf>>;

function factsOf(record: RenderableRec) {
  const stored = storedRecord(record);
  if (!stored) return undefined;
  const { time, customer, account, region, kind, severity, what, key } = stored;
  return { time, customer, account, region, kind, severity, what, key };
}
