import { isJsonObject } from './json.ts';
import type { RenderableRec } from './record.ts';

type GuardDutyEvent = Extract<RenderableRec, { kind: 'guardduty-event' }>;

/** What one of GuardDuty's own events, which are no findings, is about. */
export type EventConcern = 'threats' | 'trouble' | 'none';

/** GuardDuty's own events that tell of a protection that does not work. */
const TROUBLE = /Status Error|Action Failed|Unhealthy/;

export function concernOf({ detail, envelope }: GuardDutyEvent): EventConcern {
  const result = detail.scanResultDetails;
  if (isJsonObject(result) && result.scanResultStatus === 'THREATS_FOUND') return 'threats';
  return TROUBLE.test(envelope?.detailType ?? '') ? 'trouble' : 'none';
}
