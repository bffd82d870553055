import { concernOf, type EventConcern } from '../../model/event-concern.ts';
import type { Band } from '../../model/finding.ts';
import type { RenderableRec } from '../../model/record.ts';
import type { Severity } from '../../model/relay-event.ts';

/** RFC 5424 table 2: 2 critical, 3 error, 4 warning, 5 notice, 6 informational. */
type SyslogSeverity = 2 | 3 | 4 | 5 | 6;

const OF_BAND: Readonly<Record<Band, SyslogSeverity>> = {
  Critical: 2,
  High: 3,
  Medium: 4,
  Low: 5,
  Informational: 6,
  Unknown: 6,
};

const OF_NOTICE: Readonly<Record<Severity, SyslogSeverity>> = {
  critical: 2,
  high: 3,
  medium: 4,
  low: 5,
  info: 6,
};

const OF_CONCERN: Readonly<Record<EventConcern, SyslogSeverity>> = { threats: 3, trouble: 4, none: 5 };

export function syslogSeverity(record: RenderableRec): SyslogSeverity {
  switch (record.kind) {
    case 'finding':
      return OF_BAND[record.finding.band];
    case 'notice':
      return OF_NOTICE[record.notice.severity];
    case 'config-change':
      return record.change.isHighRisk ? 4 : 5;
    case 'guardduty-event':
      return OF_CONCERN[concernOf(record)];
    case 'unknown':
    case 'unparsed':
      return 6;
  }
}
