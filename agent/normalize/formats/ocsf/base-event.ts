import type { RenderableRec } from '../../../model/record.ts';
import { filled } from '../../present.ts';
import { cloudOf } from './cloud.ts';
import { classified } from './event-class.ts';
import { guardDuty, metadataOf } from './metadata.ts';
import { eventSeverity, noticeSeverity } from './severity.ts';

type OtherRec = Extract<RenderableRec, { kind: 'guardduty-event' | 'unknown' | 'unparsed' }>;
type NoticeRec = Extract<RenderableRec, { kind: 'notice' }>;

const OTHER = 99;

/** What GuardDuty tells of itself, and what nobody knows, as OCSF's class for everything else. */
export function baseEvent(rec: OtherRec) {
  const name = rec.envelope?.detailType ?? rec.kind;
  return {
    ...classified('baseEvent', OTHER, name),
    ...eventSeverity(rec),
    time: rec.time,
    message: name,
    cloud: cloudOf(rec),
    metadata: metadataOf(rec, { product: guardDuty(rec), event_code: rec.envelope?.detailType }),
    unmapped: filled({
      admin_account_id: rec.adminAccount,
      detail: rec.kind === 'unparsed' ? undefined : rec.detail,
    }),
  };
}

const GUARDRELAY = { name: 'guardrelay', vendor_name: 'guardrelay' };

/** What the agent itself has to say. */
export function noticeEvent(rec: NoticeRec) {
  const { notice } = rec;
  return {
    ...classified('baseEvent', OTHER, notice.type),
    ...noticeSeverity(notice.severity),
    time: rec.time,
    message: notice.title,
    ...(notice.code !== '' && { status_code: notice.code }),
    cloud: cloudOf(rec),
    metadata: metadataOf(rec, {
      product: GUARDRELAY,
      event_code: notice.type,
      correlation_uid: notice.key,
    }),
    unmapped: { notice },
  };
}
