import { concernOf, type EventConcern } from '../../../model/event-concern.ts';
import type { RenderableRec } from '../../../model/record.ts';
import type { Severity } from '../../../model/relay-event.ts';
import { GUARDDUTY, placePairs } from './place.ts';
import { kept, type LeefEvent, optional } from './write.ts';

type RecOf<Kind extends RenderableRec['kind']> = Extract<RenderableRec, { kind: Kind }>;

const OF_CONCERN: Readonly<Record<EventConcern, number>> = { threats: 7, trouble: 5, none: 3 };
const OF_NOTICE: Readonly<Record<Severity, number>> = { info: 1, low: 3, medium: 5, high: 8, critical: 10 };

/** A GuardDuty call that CloudTrail recorded. */
export function changeEvent(rec: RecOf<'config-change'>): LeefEvent {
  const { change } = rec;
  const { source, user } = change;
  return {
    header: { ...GUARDDUTY, eventId: change.eventName },
    pairs: [
      ...kept('devTime', rec.time),
      ...kept('sev', change.isHighRisk ? 8 : 3),
      ...optional('cat', change.verb),
      ...optional('src', source.ip),
      ...optional('usrName', user?.name ?? change.actor),
      ...placePairs(rec),
      ...kept('eventId', change.eventId),
      ...optional('eventSource', change.eventSource),
      ...optional('errorCode', change.errorCode),
      ...optional('userAgent', change.userAgent),
      ...kept('summary', change.sentence),
    ],
  };
}

export function guardDutyEvent(rec: RecOf<'guardduty-event'>): LeefEvent {
  return {
    header: { ...GUARDDUTY, eventId: rec.envelope?.detailType ?? 'GuardDuty Event' },
    pairs: [
      ...kept('devTime', rec.time),
      ...kept('sev', OF_CONCERN[concernOf(rec)]),
      ...placePairs(rec),
      ...kept('eventId', rec.envelope?.id),
      ...optional('event', rec.raw),
    ],
  };
}

/** What nobody knows is told as it came. */
export function unknownEvent(rec: RecOf<'unknown' | 'unparsed'>): LeefEvent {
  return {
    header: { ...GUARDDUTY, eventId: 'unknown' },
    pairs: [
      ...kept('devTime', rec.time),
      ...kept('sev', 1),
      ...placePairs(rec),
      ...optional('event', rec.raw),
    ],
  };
}

export function noticeEvent(rec: RecOf<'notice'>): LeefEvent {
  const { id, type, title, severity, code, action, likely, command } = rec.notice;
  return {
    header: { vendor: 'guardrelay', product: 'guardrelay', version: '1', eventId: type },
    pairs: [
      ...kept('devTime', rec.time),
      ...kept('sev', OF_NOTICE[severity]),
      ...placePairs(rec),
      ...kept('customer', rec.customer),
      ...kept('code', code),
      ...kept('noticeId', id),
      ...optional('action', action),
      ...kept('summary', title),
      ...optional('likely', likely),
      ...optional('command', command),
    ],
  };
}
