import type { Sequence } from '../../../model/attack.ts';
import type { Finding } from '../../../model/finding.ts';
import { attacksOf } from './attacks.ts';
import { filledList, integer } from './attribute.ts';

const RULE = { type_id: 1, type: 'Rule' };
const LEARNING = { type_id: 4, type: 'Learning (ML/DL)' };
const OTHER = { type_id: 99, type: 'GuardDuty detection' };

function analyticKind({ parts, customRule }: Finding) {
  if (customRule !== undefined || parts?.mechanism === 'Custom' || parts?.artifact === 'Custom') return RULE;
  return parts?.family === 'AnomalousBehavior' ? LEARNING : OTHER;
}

function analyticOf(finding: Finding) {
  const { type, customRule, parts } = finding;
  const name = customRule ?? type;
  if (name === undefined) return undefined;
  return { name, uid: type, ...analyticKind(finding), category: parts?.purpose };
}

function signalsOf({ signals }: Sequence) {
  return signals.flatMap(({ uid, ...signal }) => {
    if (uid === undefined) return [];
    return {
      uid,
      title: signal.name,
      type: signal.type,
      desc: signal.description,
      count: integer(signal.count),
      created_time: signal.created,
      modified_time: signal.updated,
      first_seen_time: signal.firstSeen,
      last_seen_time: signal.lastSeen,
    };
  });
}

/** The signals of an attack sequence, and the sequence that a finding is a signal of. */
function relatedTo({ sequence, associatedSequenceArn }: Finding) {
  const associated = associatedSequenceArn === undefined ? [] : [{ uid: associatedSequenceArn }];
  return filledList([...(sequence ? signalsOf(sequence) : []), ...associated]);
}

/** `key` names a finding that has neither an ARN nor an id. */
export function findingInfoOf(finding: Finding, key: string) {
  const { arn, id, type, feature } = finding;
  return {
    uid: arn ?? id ?? `sha256:${key}`,
    uid_alt: id,
    title: finding.title,
    desc: finding.description,
    types: type === undefined ? undefined : [type],
    analytic: analyticOf(finding),
    attacks: filledList(attacksOf(finding.attacks)),
    created_time: finding.created,
    modified_time: finding.updated,
    first_seen_time: finding.firstSeen,
    last_seen_time: finding.lastSeen,
    data_sources: feature === undefined ? undefined : [feature],
    related_events: relatedTo(finding),
    src_url: finding.url,
  };
}
