import type { RenderableRec } from '../../model/record.ts';
import { syslogSeverity } from './severity.ts';

const MAX_HOSTNAME = 255;
/** 9999-12-31T23:59:59.999Z: RFC 3339 has four digits for the year. */
const LAST_TIME = 253_402_300_799_999;

const MESSAGE_IDS: Readonly<Record<RenderableRec['kind'], string>> = {
  finding: 'GuardDutyFinding',
  'config-change': 'GuardDutyApiCall',
  'guardduty-event': 'GuardDutyEvent',
  unknown: 'Raw',
  unparsed: 'Raw',
  notice: 'GuardRelayNotice',
};

export interface HeaderFields {
  /** 0 to 23. */
  readonly facility: number;
  readonly hostname: string;
}

/** `<PRI>1 TIMESTAMP HOSTNAME guardrelay - MSGID - ` (RFC 5424 6.2): ASCII, no structured data, no BOM. */
export function rfc5424Header(record: RenderableRec, { facility, hostname }: HeaderFields): string {
  const priority = facility * 8 + syslogSeverity(record);
  return `<${priority}>1 ${timestamp(record.time)} ${printable(hostname)} guardrelay - ${MESSAGE_IDS[record.kind]} - `;
}

/** Three fractional digits: receivers garble nine. */
function timestamp(timeMs: number): string {
  return timeMs >= 0 && timeMs <= LAST_TIME ? new Date(timeMs).toISOString() : '-';
}

/** RFC 5424 6: PRINTUSASCII is 33 to 126; an empty field is the NILVALUE. */
function printable(text: string): string {
  return text.replaceAll(/[^!-~]/g, '').slice(0, MAX_HOSTNAME) || '-';
}
