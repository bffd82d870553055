import type { ConfigChange } from '../../../model/config-change.ts';
import type { RenderableRec } from '../../../model/record.ts';
import { filled } from '../../present.ts';
import { actorOf } from './actor.ts';
import { filledList } from './attribute.ts';
import { cloudOf } from './cloud.ts';
import { endpointOf } from './endpoints.ts';
import { classified } from './event-class.ts';
import { metadataOf } from './metadata.ts';
import { addEndpoint, createObservables } from './observables.ts';
import { severityOf } from './severity.ts';

type ChangeRec = Extract<RenderableRec, { kind: 'config-change' }>;

const ACTIVITIES: Readonly<Record<ConfigChange['verb'], number>> = {
  create: 1,
  read: 2,
  update: 3,
  delete: 4,
  other: 99,
};

const CLOUDTRAIL = { name: 'CloudTrail', vendor_name: 'AWS' };

/** Who called. Where AWS itself did, there is no user. */
function callerOf({ user, session, actor, source }: ConfigChange) {
  const known = actorOf(user, session);
  return known ?? { user: undefined, app_name: actor ?? source.domain ?? 'unknown' };
}

function apiOf(change: ConfigChange, key: string) {
  const { errorCode, errorMessage, response, request } = change;
  return {
    operation: change.eventName,
    service: { name: change.eventSource },
    request: { uid: change.requestId ?? change.eventId ?? key, data: request && filled(request) },
    response: filled({
      error: errorCode,
      error_message: errorMessage,
      data: response && filled(response),
    }),
  };
}

function statusOf({ errorCode, errorMessage }: ConfigChange) {
  if (errorCode === undefined) return { status_id: 1, status: 'Success' };
  return { status_id: 2, status: 'Failure', status_code: errorCode, status_detail: errorMessage };
}

/** A call of the GuardDuty API, as OCSF class 6003. */
export function apiActivity(rec: ChangeRec) {
  const { change } = rec;
  const actor = callerOf(change);
  const source = endpointOf(change.source);
  const observables = createObservables();
  observables.add('account', rec.account, 'cloud.account.uid');
  observables.add('user', actor.user?.name, 'actor.user.name');
  addEndpoint(observables, source, 'src_endpoint');
  return {
    ...classified('apiActivity', ACTIVITIES[change.verb], change.eventName),
    ...severityOf(change.isHighRisk ? 'High' : 'Informational'),
    time: rec.time,
    message: change.sentence,
    ...statusOf(change),
    cloud: cloudOf(rec),
    metadata: metadataOf(rec, {
      product: CLOUDTRAIL,
      log_provider: 'cloudtrail.amazonaws.com',
      event_code: change.eventType,
    }),
    actor,
    api: apiOf(change, rec.key),
    src_endpoint: source ?? { name: 'unknown' },
    http_request: filled({ user_agent: change.userAgent }),
    observables: filledList(observables.list),
    unmapped: filled({ admin_account_id: rec.adminAccount }),
  };
}
