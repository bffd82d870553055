import type { Finding } from '../../../model/finding.ts';
import type { RenderableRec } from '../../../model/record.ts';
import { GUARDDUTY, placePairs } from './place.ts';
import { kept, type LeefEvent, optional } from './write.ts';

type FindingRec = Extract<RenderableRec, { kind: 'finding' }>;

export function findingEvent(rec: FindingRec): LeefEvent {
  const { finding } = rec;
  const { severity, parts, user, resources } = finding;
  const [resource] = resources;
  return {
    header: {
      ...GUARDDUTY,
      version: finding.schemaVersion ?? GUARDDUTY.version,
      eventId: finding.type ?? 'GuardDuty Finding',
    },
    pairs: [
      ...kept('devTime', rec.time),
      ...kept('sev', sev(severity)),
      ...optional('cat', parts?.purpose),
      ...endPairs(finding),
      ...optional('usrName', user?.name),
      ...placePairs(rec),
      ...kept('resource', resource?.uid ?? resource?.name),
      ...optional('url', finding.url),
      ...optional('domain', finding.dns?.domain),
      ...customPairs(finding),
    ],
  };
}

/** QRadar's scale is 1 to 10; rounded down, AWS's bands stay apart. */
function sev(severity: number | undefined): number {
  return Math.min(10, Math.max(1, Math.floor(severity ?? 1)));
}

function endPairs({ source, destination, protocol }: Finding): LeefEvent['pairs'] {
  return [
    ...optional('src', source?.ip),
    ...optional('srcPort', source?.port),
    ...optional('dst', destination?.ip),
    ...optional('dstPort', destination?.port),
    ...optional('proto', protocol),
  ];
}

/** Keys of our own: one word each. QRadar shows them as they are. */
function customPairs(finding: Finding): LeefEvent['pairs'] {
  const { firstSeen, lastSeen, archived, sample } = finding;
  return [
    ...kept('findingId', finding.id),
    ...kept('findingArn', finding.arn),
    ...kept('guarddutySeverity', finding.severity),
    ...kept('findingTitle', finding.title),
    ...kept('findingCount', finding.count),
    ...kept('firstSeen', firstSeen),
    ...kept('lastSeen', lastSeen),
    ...kept('resourceType', finding.resourceType),
    ...optional('archived', archived ? 'true' : undefined),
    ...optional('sample', sample ? 'true' : undefined),
    ...optional('actionType', finding.actionType),
    ...optional('findingDescription', finding.description),
  ];
}
