import type { User } from '../../../model/actor.ts';
import type { Finding } from '../../../model/finding.ts';
import type { RenderableRec } from '../../../model/record.ts';
import { documentationUrl } from '../../documentation.ts';
import { filled } from '../../present.ts';
import { categoriesOf } from './category.ts';
import { dateOf } from './date.ts';
import { distinct } from './distinct.ts';
import { networkOf } from './ends.ts';
import { guardDutyOf } from './guardduty.ts';
import { cloudOf, GUARDDUTY, OBSERVER, placeOf } from './place.ts';
import { processOf } from './process.ts';
import { relatedOf } from './related.ts';
import { machineOf, resourceFields } from './resource.ts';
import { scoreOf, wholeSeverity } from './severity.ts';
import { threatOf } from './threat.ts';

type FindingRec = Extract<RenderableRec, { kind: 'finding' }>;

function typesOf({ blocked }: Finding): readonly string[] {
  if (blocked === undefined) return ['info'];
  return ['info', blocked ? 'denied' : 'allowed'];
}

function eventOf(finding: Finding) {
  const { severity } = finding;
  return {
    kind: 'alert',
    category: categoriesOf(finding),
    type: typesOf(finding),
    ...GUARDDUTY,
    id: finding.id,
    code: finding.type,
    action: finding.actionType,
    outcome: finding.api?.errorCode === undefined ? undefined : 'failure',
    severity: wholeSeverity(severity),
    risk_score: scoreOf(severity),
    reason: finding.title,
    created: dateOf(finding.created),
    start: dateOf(finding.firstSeen),
    end: dateOf(finding.lastSeen),
    url: finding.url,
  };
}

function ruleOf(finding: Finding) {
  const { type, title, parts } = finding;
  return filled({
    name: type,
    description: title,
    category: parts?.purpose,
    ruleset: parts && `${parts.purpose}:${parts.resource}`,
    reference: documentationUrl(finding),
  });
}

function userOf({ name, id, arn, groups }: User) {
  return filled({ name, id: id ?? arn, roles: distinct(groups) });
}

/** A finding is an alert. */
export function findingDocument(rec: FindingRec) {
  const { finding } = rec;
  const { user, process, api, k8s } = finding;
  return {
    ...placeOf(rec, finding.sample ? ['guardduty', 'sample'] : ['guardduty']),
    message: finding.description ?? finding.title,
    event: eventOf(finding),
    cloud: { ...cloudOf(rec), ...machineOf(finding) },
    observer: OBSERVER,
    rule: ruleOf(finding),
    threat: threatOf(finding),
    ...networkOf(finding),
    ...resourceFields(finding),
    user: user && userOf(user),
    process: process && processOf(process),
    user_agent: filled({ original: api?.userAgent ?? k8s?.userAgent }),
    error: filled({ code: api?.errorCode }),
    related: relatedOf(finding),
    aws: guardDutyOf(finding, rec.adminAccount),
  };
}
