import { concernOf, type EventConcern } from '../../../model/event-concern.ts';
import type { Band } from '../../../model/finding.ts';
import type { RenderableRec } from '../../../model/record.ts';
import type { Severity } from '../../../model/relay-event.ts';

const IDS: Readonly<Record<Band, number>> = {
  Unknown: 0,
  Informational: 1,
  Low: 2,
  Medium: 3,
  High: 4,
  Critical: 5,
};

const BANDS: Readonly<Record<Severity, Band>> = {
  info: 'Informational',
  low: 'Low',
  medium: 'Medium',
  high: 'High',
  critical: 'Critical',
};

const CONCERNS: Readonly<Record<EventConcern, Band>> = {
  none: 'Informational',
  trouble: 'Medium',
  threats: 'High',
};

export function severityOf(band: Band) {
  return { severity_id: IDS[band], severity: band };
}

/** Of what the agent itself has to say. */
export function noticeSeverity(severity: Severity) {
  return severityOf(BANDS[severity]);
}

/** Of what is no finding: GuardDuty's own events are graded by what they tell. */
export function eventSeverity(
  rec: Extract<RenderableRec, { kind: 'guardduty-event' | 'unknown' | 'unparsed' }>,
) {
  return severityOf(CONCERNS[rec.kind === 'guardduty-event' ? concernOf(rec) : 'none']);
}
