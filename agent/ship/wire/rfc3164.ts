import type { RenderableRec } from '../../model/record.ts';
import { type HeaderFields, hostnameField, LAST_TIME } from './header-field.ts';

/** Anything else may end the HOSTNAME; a colon makes rsyslog take it for the TAG. */
const NOT_IN_HOSTNAME = /[^A-Za-z0-9._-]/g;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** How the time is written: as RFC 3164 has it, in UTC and without a year, or as RFC 3339 has it. */
type TimeStyle = 'bsd' | 'iso';

/** `<PRI>TIMESTAMP HOSTNAME TAG: ` (RFC 3164 4.1). The tag keeps receivers from taking `CEF:` for one. */
export function rfc3164Header(
  record: RenderableRec,
  { priority, hostname, appName }: HeaderFields,
  style: TimeStyle,
): string {
  const time = showable(record.time);
  const timestamp = style === 'iso' ? time.toISOString() : bsdTime(time);
  return `<${priority}>${timestamp} ${hostnameField(hostname, NOT_IN_HOSTNAME)} ${appName}: `;
}

/** There is no way to leave the time out, so one that cannot be written becomes the nearest that can. */
function showable(timeMs: number): Date {
  return new Date(Math.min(Math.max(timeMs, 0), LAST_TIME));
}

/** `Mmm dd hh:mm:ss`: a day of one digit has a blank before it (RFC 3164 4.1.2). */
function bsdTime(time: Date): string {
  const day = String(time.getUTCDate()).padStart(2, ' ');
  return `${MONTHS[time.getUTCMonth()]} ${day} ${time.toISOString().slice(11, 19)}`;
}
