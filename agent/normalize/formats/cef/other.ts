import { concernOf, type EventConcern } from '../../../model/event-concern.ts';
import type { RenderableRec } from '../../../model/record.ts';
import type { Severity } from '../../../model/relay-event.ts';
import type { CefEvent } from './keys.ts';
import { GUARDDUTY, hostOf, placeFields } from './place.ts';

type RecOf<Kind extends RenderableRec['kind']> = Extract<RenderableRec, { kind: Kind }>;

const OF_CONCERN: Readonly<Record<EventConcern, number>> = { threats: 7, trouble: 5, none: 3 };
const OF_NOTICE: Readonly<Record<Severity, number>> = { info: 0, low: 3, medium: 5, high: 8, critical: 10 };

/** A GuardDuty call that CloudTrail recorded. */
export function changeEvent(rec: RecOf<'config-change'>): CefEvent {
  const { change } = rec;
  const { source, user } = change;
  return {
    header: {
      ...GUARDDUTY,
      classId: `GuardDuty:${change.eventName}`,
      name: change.eventName,
      severity: change.isHighRisk ? 8 : 3,
    },
    fields: {
      ...placeFields(rec),
      dvchost: hostOf(rec),
      externalId: change.eventId,
      act: change.verb,
      outcome: change.errorCode === undefined ? 'success' : 'failure',
      reason: change.errorCode,
      ...(source.ipVersion === 6 ? { c6a2: source.ip } : { src: source.ip }),
      shost: source.domain,
      suser: user?.name ?? change.actor,
      suid: user?.id ?? user?.arn,
      spriv: user?.type,
      requestMethod: change.eventName,
      destinationServiceName: change.eventSource,
      requestClientApplication: change.userAgent,
      msg: change.sentence,
    },
  };
}

export function guardDutyEvent(rec: RecOf<'guardduty-event'>): CefEvent {
  const name = rec.envelope?.detailType ?? 'GuardDuty Event';
  return {
    header: { ...GUARDDUTY, classId: name, name, severity: OF_CONCERN[concernOf(rec)] },
    fields: { ...placeFields(rec), dvchost: hostOf(rec), externalId: rec.envelope?.id, msg: rec.raw },
  };
}

/** What nobody knows is told as it came, as far as it has room. */
export function unknownEvent(rec: RecOf<'unknown' | 'unparsed'>): CefEvent {
  return {
    header: { ...GUARDDUTY, classId: 'unknown', name: 'Unknown event', severity: 0 },
    fields: { ...placeFields(rec), msg: rec.raw },
  };
}

export function noticeEvent(rec: RecOf<'notice'>): CefEvent {
  const { id, type, title, severity, schema, action, likely, command } = rec.notice;
  const version = schema.slice(schema.indexOf('/v') + '/v'.length);
  return {
    header: {
      ...{ vendor: 'guardrelay', product: 'guardrelay', version },
      ...{ classId: type, name: title, severity: OF_NOTICE[severity] },
    },
    fields: {
      ...placeFields(rec),
      act: action,
      reason: rec.notice.code,
      externalId: id,
      suser: rec.customer,
      msg: [likely, command].filter((text) => text !== undefined).join('. '),
    },
  };
}
