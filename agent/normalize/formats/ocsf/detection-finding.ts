import type { Finding } from '../../../model/finding.ts';
import type { RenderableRec } from '../../../model/record.ts';
import { filledList, integer } from './attribute.ts';
import { cloudOf } from './cloud.ts';
import { classified } from './event-class.ts';
import { evidencesOf } from './evidences.ts';
import { findingInfoOf } from './finding-info.ts';
import { guardDuty, metadataOf } from './metadata.ts';
import { observablesOf } from './observables.ts';
import { processProfiles } from './process.ts';
import { resourcesOf } from './resources.ts';
import { severityOf } from './severity.ts';
import { unmappedOf } from './unmapped.ts';

type FindingRec = Extract<RenderableRec, { kind: 'finding' }>;

const CREATE = 1;
const UPDATE = 2;

function activityOf({ count, created, updated }: Finding): number {
  const isUpdate = (count ?? 1) > 1 || (created !== undefined && updated !== undefined && updated > created);
  return isUpdate ? UPDATE : CREATE;
}

/** Whether the activity went through; only some findings say so. */
function controlOf({ blocked }: Finding) {
  if (blocked === undefined) return undefined;
  return blocked
    ? { action_id: 2, action: 'Denied', disposition_id: 2, disposition: 'Blocked' }
    : { action_id: 1, action: 'Allowed', disposition_id: 1, disposition: 'Allowed' };
}

/** GuardDuty names malware, but not its kind. */
function malwareOf({ threats }: Finding) {
  return filledList(
    threats.map(({ name, count }) => ({ name, classification_ids: [0], num_infected: integer(count) })),
  );
}

function findingMetadata(rec: FindingRec) {
  const { finding } = rec;
  const processes = [finding.process, ...(finding.sequence?.actors ?? []).map((actor) => actor.process)];
  const metadata = metadataOf(rec, {
    product: guardDuty(rec, finding),
    profiles: [
      ...(finding.blocked === undefined ? [] : (['security_control'] as const)),
      ...processProfiles(processes),
    ],
    log_provider: 'guardduty.amazonaws.com',
    log_version: finding.schemaVersion,
    event_code: finding.type,
    correlation_uid: finding.id,
    modified_time: finding.updated,
    isSample: finding.sample,
  });
  return { ...metadata, log_name: metadata.log_name ?? 'GuardDuty Finding' };
}

/** A finding, as OCSF class 2004. */
export function detectionFinding(rec: FindingRec) {
  const { finding } = rec;
  const resources = resourcesOf(finding.resources, finding.resourceRole, rec.region);
  const evidences = evidencesOf(finding);
  return {
    ...classified('detectionFinding', activityOf(finding)),
    ...severityOf(finding.band),
    time: rec.time,
    start_time: finding.firstSeen,
    end_time: finding.lastSeen,
    count: integer(finding.count),
    message: finding.title,
    comment: finding.userFeedback,
    status_id: finding.archived ? 5 : 1,
    status: finding.archived ? 'Archived' : 'New',
    is_alert: true,
    confidence_score: integer(finding.confidence),
    ...controlOf(finding),
    vendor_attributes: finding.severity === undefined ? undefined : { severity: String(finding.severity) },
    cloud: cloudOf(rec),
    metadata: findingMetadata(rec),
    finding_info: findingInfoOf(finding, rec.key),
    resources: filledList(resources),
    evidences: filledList(evidences),
    malware: malwareOf(finding),
    observables: filledList(observablesOf(rec.account, resources, evidences)),
    unmapped: unmappedOf(finding, rec.adminAccount),
  };
}
