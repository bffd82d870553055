import type { ConfigChange } from '../../../model/config-change.ts';
import type { RenderableRec } from '../../../model/record.ts';
import { filled } from '../../present.ts';
import { distinct } from './distinct.ts';
import { endOf } from './ends.ts';
import { administratorOf } from './guardduty.ts';
import { cloudOf, GUARDDUTY, OBSERVER, placeOf } from './place.ts';
import { changeSeverity } from './severity.ts';

type ChangeRec = Extract<RenderableRec, { kind: 'config-change' }>;

const TYPES: Readonly<Record<ConfigChange['verb'], string>> = {
  create: 'creation',
  read: 'access',
  update: 'change',
  delete: 'deletion',
  other: 'info',
};

function eventOf(change: ConfigChange) {
  return {
    kind: 'event',
    category: ['configuration'],
    type: [TYPES[change.verb]],
    ...GUARDDUTY,
    provider: change.eventSource,
    id: change.eventId,
    action: change.eventName,
    outcome: change.errorCode === undefined ? 'success' : 'failure',
    severity: changeSeverity(change.isHighRisk),
  };
}

function userOf({ user }: ConfigChange) {
  return user && filled({ name: user.name, id: user.arn ?? user.id });
}

/** A call of the GuardDuty API. */
export function changeDocument(rec: ChangeRec) {
  const { change } = rec;
  const { source, user } = change;
  return {
    ...placeOf(rec, change.isHighRisk ? ['guardduty', 'high-risk'] : ['guardduty']),
    message: change.sentence,
    event: eventOf(change),
    cloud: cloudOf(rec),
    observer: OBSERVER,
    source: endOf(source),
    user: userOf(change),
    user_agent: filled({ original: change.userAgent }),
    error: filled({ code: change.errorCode, message: change.errorMessage }),
    related: filled({
      ip: distinct([source.ip]),
      hosts: distinct([source.domain]),
      user: distinct([user?.name]),
    }),
    aws: administratorOf(rec),
  };
}
