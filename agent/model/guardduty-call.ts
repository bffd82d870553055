import type { Severity } from './relay-event.ts';

/** What a call to GuardDuty means for whoever relies on its findings. */
export interface GuardDutyCall {
  readonly severity: Severity;
  /** What the caller wants; in braces members of the request: text as it is, of a list how many. */
  readonly wish: string;
  /** What follows from it, where the wish does not say it. */
  readonly effect?: string;
  /** Alarm on it although it is of middle severity. */
  readonly isHighRisk?: true;
}

const NO_FINDINGS = 'GuardDuty makes no findings there any more';
const UNSEEN = 'activity from its addresses makes no findings';
const UNSEEN_ENTITIES = 'activity of its entities makes no findings';
const HIDDEN = 'matching findings are archived at once and never sent';
const UNWATCHED = 'their findings do not reach the administrator any more';
const ON_ITS_OWN = 'its findings do not reach the administrator any more';
const WHO_RULES = 'make sure that this administrator is yours';
const UNKNOWN_NAMES = 'known bad names are not looked for any more';

const critical = {
  DeleteDetector: { wish: 'delete detector {detectorId}', effect: NO_FINDINGS },
  'UpdateDetector off': { wish: 'stop detector {detectorId}', effect: NO_FINDINGS },
  StopMonitoringMembers: { wish: 'stop the monitoring of members {accountIds}', effect: UNWATCHED },
  DisassociateFromMasterAccount: { wish: 'leave the administrator account', effect: ON_ITS_OWN },
  DisassociateFromAdministratorAccount: { wish: 'leave the administrator account', effect: ON_ITS_OWN },
  DisassociateMembers: { wish: 'drop members {accountIds}', effect: UNWATCHED },
  DeleteMembers: { wish: 'delete members {accountIds}', effect: UNWATCHED },
  DisableOrganizationAdminAccount: { wish: 'dismiss the administrator {adminAccountId} of the organization' },
};

const high = {
  'UpdateDetector less': { wish: 'reduce what detector {detectorId} watches or how often it tells' },
  CreateIPSet: { wish: 'create the trusted list {name}', effect: UNSEEN },
  UpdateIPSet: { wish: 'change the trusted list {ipSetId}', effect: UNSEEN },
  ArchiveFindings: { wish: 'archive findings {findingIds}' },
  DeleteThreatIntelSet: { wish: 'delete the threat list {threatIntelSetId}', effect: UNKNOWN_NAMES },
  DeleteThreatEntitySet: { wish: 'delete the threat list {threatEntitySetId}', effect: UNKNOWN_NAMES },
  'CreateFilter ARCHIVE': { wish: 'create the suppression rule {name}', effect: HIDDEN },
  'UpdateFilter ARCHIVE': { wish: 'change the suppression rule {filterName}', effect: HIDDEN },
  DeletePublishingDestination: { wish: 'delete the export of findings {destinationId}' },
  UpdatePublishingDestination: { wish: 'change the export of findings {destinationId}' },
  UpdateOrganizationConfiguration: {
    wish: 'change what GuardDuty does for new accounts of the organization',
  },
  UpdateMemberDetectors: { wish: 'change what the detectors of members {accountIds} watch' },
  CreateTrustedEntitySet: { wish: 'create the trusted list {name}', effect: UNSEEN_ENTITIES },
  UpdateTrustedEntitySet: { wish: 'change the trusted list {trustedEntitySetId}', effect: UNSEEN_ENTITIES },
};

const medium = {
  UpdateDetector: { wish: 'change detector {detectorId}' },
  UpdateThreatIntelSet: { wish: 'change the threat list {threatIntelSetId}' },
  UpdateThreatEntitySet: { wish: 'change the threat list {threatEntitySetId}' },
  DeleteIPSet: { wish: 'delete the trusted list {ipSetId}' },
  DeleteTrustedEntitySet: { wish: 'delete the trusted list {trustedEntitySetId}' },
  CreateMembers: { wish: 'add members {accountDetails}' },
  InviteMembers: { wish: 'invite members {accountIds}' },
  AcceptInvitation: { wish: 'accept the invitation of the administrator {masterId}', effect: WHO_RULES },
  AcceptAdministratorInvitation: {
    wish: 'accept the invitation of the administrator {administratorId}',
    effect: WHO_RULES,
  },
  DeclineInvitations: { wish: 'decline invitations {accountIds}' },
  EnableOrganizationAdminAccount: {
    wish: 'appoint the account {adminAccountId} as the administrator of the organization',
    effect: WHO_RULES,
    isHighRisk: true,
  },
  CreateFilter: { wish: 'create the filter {name}' },
  UpdateFilter: { wish: 'change the filter {filterName}' },
  DeleteFilter: { wish: 'delete the filter {filterName}' },
  DeleteMalwareProtectionPlan: { wish: 'delete the malware protection plan {malwareProtectionPlanId}' },
  UpdateMalwareProtectionPlan: {
    wish: 'change the malware protection plan {malwareProtectionPlanId}',
    isHighRisk: true,
  },
  UpdateMalwareScanSettings: { wish: 'change what is scanned for malware' },
  UpdateCustomDetectionRuleAssociation: { wish: 'change where a custom detection rule applies' },
  DeleteCustomDetectionRuleAssociation: { wish: 'remove a custom detection rule' },
  UpdateCustomDetectionRuleOrgConfiguration: {
    wish: 'change the custom detection rules of the organization',
  },
  DeleteCustomDetectionRuleOrgConfiguration: {
    wish: 'remove the custom detection rules of the organization',
  },
} as const;

const low = {
  CreateDetector: { wish: 'switch GuardDuty on' },
  CreateThreatIntelSet: { wish: 'create the threat list {name}' },
  CreateThreatEntitySet: { wish: 'create the threat list {name}' },
  DeleteInvitations: { wish: 'delete invitations {accountIds}' },
  StartMonitoringMembers: { wish: 'start the monitoring of members {accountIds}' },
  CreateSampleFindings: { wish: 'create sample findings', effect: 'expect findings marked [SAMPLE]' },
  CreatePublishingDestination: { wish: 'create an export of findings' },
  CreateMalwareProtectionPlan: { wish: 'create a malware protection plan' },
  CreateCustomDetectionRuleAssociation: { wish: 'apply a custom detection rule' },
  CreateCustomDetectionRuleOrgConfiguration: { wish: 'apply custom detection rules to the organization' },
};

const info = {
  'CreateSampleFindings ours': low.CreateSampleFindings,
  UnarchiveFindings: { wish: 'restore archived findings {findingIds}' },
  UpdateFindingsFeedback: { wish: 'rate findings {findingIds}' },
  CreateInvestigation: { wish: 'start an investigation' },
  SendObjectMalwareScan: { wish: 'scan an object for malware' },
  StartMalwareScan: { wish: 'start a malware scan of the resource {resourceArn}' },
  SendSecurityTelemetry: { wish: 'send what a runtime agent saw' },
  TagResource: { wish: 'tag the resource {resourceArn}' },
  UntagResource: { wish: 'remove tags of the resource {resourceArn}' },
};

type Wishes = Readonly<Record<string, Omit<GuardDutyCall, 'severity'>>>;

function ranked(severity: Severity, wishes: Wishes): readonly (readonly [string, GuardDutyCall])[] {
  return Object.entries(wishes).map(([name, wish]) => [name, { severity, ...wish }]);
}

const CALLS: ReadonlyMap<string, GuardDutyCall> = new Map([
  ...ranked('critical', critical),
  ...ranked('high', high),
  ...ranked('medium', medium),
  ...ranked('low', low),
  ...ranked('info', info),
]);

/**
 * A call that changes GuardDuty, by its name: of one table for notices and records. `variant` tells apart what the
 * request makes of it: `off`, `less`, `ARCHIVE`, `ours`.
 */
export function guardDutyCall(eventName: string, variant?: string): GuardDutyCall | undefined {
  const special = variant === undefined ? undefined : CALLS.get(`${eventName} ${variant}`);
  return special ?? CALLS.get(eventName);
}
