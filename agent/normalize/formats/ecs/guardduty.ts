import type { Finding } from '../../../model/finding.ts';
import type { RenderableRec } from '../../../model/record.ts';
import { integerOf, textOf, textsOf } from '../../lenient.ts';
import { filled } from '../../present.ts';
import { distinct } from './distinct.ts';
import { scoreOf } from './severity.ts';

/** The administrator's account, where it was he who sent the record. */
export function administratorOf({ adminAccount }: RenderableRec) {
  return adminAccount === undefined ? undefined : { guardduty: { admin_account_id: adminAccount } };
}

function severityOf({ severity, band }: Finding) {
  return { code: scoreOf(severity), value: band };
}

function resourceOf({ resourceType, resources }: Finding) {
  return filled({ type: resourceType, uid: distinct(resources.map(({ uid, name }) => uid ?? name)) });
}

/** The lists and threats of the intelligence that matched. */
function evidenceOf({ threatIntel }: Finding) {
  return filled({
    threat_list_names: distinct(threatIntel.map(({ threatListName }) => textOf(threatListName))),
    threat_names: distinct(threatIntel.flatMap(({ threatNames }) => textsOf(threatNames))),
  });
}

/**
 * As text: its members differ in type from one finding to the next, and Elasticsearch refuses a document in which
 * a field has another type than before.
 */
function additionalInfoOf({ additionalInfo }: Finding): string | undefined {
  const known = filled(additionalInfo);
  return known && JSON.stringify(known);
}

function serviceOf(finding: Finding) {
  return {
    detector_id: finding.detectorId,
    feature_name: finding.feature,
    count: integerOf(finding.count),
    archived: finding.archived,
    resource_role: finding.resourceRole,
    additional_info: additionalInfoOf(finding),
    evidence: evidenceOf(finding),
  };
}

/** What a finding says that ECS has no field for. */
export function guardDutyOf(finding: Finding, adminAccount: string | undefined) {
  return {
    guardduty: {
      arn: finding.arn,
      type: finding.type,
      severity: severityOf(finding),
      admin_account_id: adminAccount,
      associated_attack_sequence_arn: finding.associatedSequenceArn,
      custom_detection_rule_name: finding.customRule,
      resource: resourceOf(finding),
      service: serviceOf(finding),
    },
  };
}
