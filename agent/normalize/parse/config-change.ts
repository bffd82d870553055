import type { JsonObject } from '../../model/json.ts';
import type { ConfigChange } from '../../model/record.ts';
import { objectOf, textOf } from '../lenient.ts';
import { present } from '../present.ts';

function actorOf(identity: JsonObject): string | undefined {
  const issuer = objectOf(objectOf(identity.sessionContext).sessionIssuer);
  return textOf(identity.userName) ?? textOf(issuer.userName) ?? textOf(identity.arn);
}

/** A CloudTrail record of a GuardDuty call. */
export function parseConfigChange(detail: JsonObject): ConfigChange {
  return present({
    eventId: textOf(detail.eventID),
    eventName: textOf(detail.eventName) ?? 'unknown',
    actor: actorOf(objectOf(detail.userIdentity)),
    sourceIp: textOf(detail.sourceIPAddress),
    errorCode: textOf(detail.errorCode),
  });
}
