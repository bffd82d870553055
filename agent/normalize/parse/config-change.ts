import type { ConfigChange } from '../../model/config-change.ts';
import type { JsonObject } from '../../model/json.ts';
import { objectOf, textOf } from '../lenient.ts';
import { present } from '../present.ts';

function actorOf(identity: JsonObject): string | undefined {
  const issuer = objectOf(objectOf(identity.sessionContext).sessionIssuer);
  return textOf(identity.userName) ?? textOf(issuer.userName) ?? textOf(identity.arn);
}

/** A CloudTrail record of a GuardDuty call. */
export function parseConfigChange(detail: JsonObject): ConfigChange {
  const eventName = textOf(detail.eventName) ?? 'unknown';
  return {
    ...present({
      eventId: textOf(detail.eventID),
      actor: actorOf(objectOf(detail.userIdentity)),
      errorCode: textOf(detail.errorCode),
    }),
    eventName,
    eventSource: textOf(detail.eventSource) ?? '',
    verb: 'other',
    severity: 'medium',
    isHighRisk: false,
    sentence: eventName,
    source: present({ domain: textOf(detail.sourceIPAddress) }),
  };
}
