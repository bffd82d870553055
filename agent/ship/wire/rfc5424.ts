import type { RenderableRec } from '../../model/record.ts';
import { type HeaderFields, hostnameField, LAST_TIME } from './header-field.ts';

/** RFC 5424 6: PRINTUSASCII is 33 to 126. */
const NOT_PRINTABLE = /[^!-~]/g;

const MESSAGE_IDS: Readonly<Record<RenderableRec['kind'], string>> = {
  finding: 'GuardDutyFinding',
  'config-change': 'GuardDutyApiCall',
  'guardduty-event': 'GuardDutyEvent',
  unknown: 'Raw',
  unparsed: 'Raw',
  notice: 'GuardRelayNotice',
};

/** `<PRI>1 TIMESTAMP HOSTNAME APP-NAME - MSGID SD ` (RFC 5424 6), no BOM. `structuredData`: elements, or `-`. */
export function rfc5424Header(
  record: RenderableRec,
  { priority, hostname, appName }: HeaderFields,
  structuredData: string,
): string {
  const name = hostnameField(hostname, NOT_PRINTABLE);
  const messageId = MESSAGE_IDS[record.kind];
  return `<${priority}>1 ${timestamp(record.time)} ${name} ${appName} - ${messageId} ${structuredData} `;
}

/** Three fractional digits: receivers garble nine. */
function timestamp(timeMs: number): string {
  return timeMs >= 0 && timeMs <= LAST_TIME ? new Date(timeMs).toISOString() : '-';
}
