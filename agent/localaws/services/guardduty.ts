import type { EventBus } from '../events/bus.ts';
import { createDetectors, type Detectors } from '../guardduty/detectors.ts';
import type { Findings } from '../guardduty/findings.ts';
import { createFindings } from '../guardduty/findings.ts';
import { memberOperations } from '../guardduty/member-operations.ts';
import type { Members } from '../guardduty/members.ts';
import { createMembers } from '../guardduty/members.ts';
import { detectorOperations, findingOperations } from '../guardduty/operations.ts';
import {
  type Administration,
  createAdministration,
  organizationOperations,
} from '../guardduty/organization.ts';
import { withTrail } from '../guardduty/trail.ts';
import { answering } from '../operation.ts';
import type { Access, Call, Service } from '../service.ts';
import type { World } from '../world.ts';

/** GuardDuty of all accounts and regions, from the inside. */
export interface GuardDuty {
  readonly findings: Findings;
  readonly members: Members;
  readonly detectors: Detectors;
  readonly administration: Administration;
}

/** The calls that a policy allows by the detector's ARN; all others need `*` (Service Authorization Reference). */
const BY_DETECTOR = ['GetDetector', 'UpdateDetector', 'DeleteDetector'];

function accessTo({ operation, input, caller }: Call): readonly Access[] {
  if (!BY_DETECTOR.includes(operation)) return [{}];
  const { partition, region, account } = caller;
  return [{ resource: `arn:${partition}:guardduty:${region}:${account}:detector/${input.detectorId}` }];
}

const ROUTES = {
  CreateDetector: 'POST /detector',
  ListDetectors: 'GET /detector',
  GetDetector: 'GET /detector/{detectorId}',
  UpdateDetector: 'POST /detector/{detectorId}',
  DeleteDetector: 'DELETE /detector/{detectorId}',
  CreateSampleFindings: 'POST /detector/{detectorId}/findings/create',
  ListFindings: 'POST /detector/{detectorId}/findings',
  GetFindings: 'POST /detector/{detectorId}/findings/get',
  CreateMembers: 'POST /detector/{detectorId}/member',
  InviteMembers: 'POST /detector/{detectorId}/member/invite',
  ListMembers: 'GET /detector/{detectorId}/member',
  GetMembers: 'POST /detector/{detectorId}/member/get',
  StartMonitoringMembers: 'POST /detector/{detectorId}/member/start',
  StopMonitoringMembers: 'POST /detector/{detectorId}/member/stop',
  DisassociateMembers: 'POST /detector/{detectorId}/member/disassociate',
  DeleteMembers: 'POST /detector/{detectorId}/member/delete',
  ListInvitations: 'GET /invitation',
  AcceptAdministratorInvitation: 'POST /detector/{detectorId}/administrator',
  GetAdministratorAccount: 'GET /detector/{detectorId}/administrator',
  DisassociateFromAdministratorAccount: 'POST /detector/{detectorId}/administrator/disassociate',
  DescribeOrganizationConfiguration: 'GET /detector/{detectorId}/admin',
};

/** GuardDuty, and what stands behind its API. */
export function createGuardDuty(world: World, events: EventBus): GuardDuty & { readonly service: Service } {
  const detectors = createDetectors(world);
  const administration = createAdministration();
  const members = createMembers(world, { detectors, administration });
  const findings = createFindings(world, events, members);
  const handle = answering({
    ...detectorOperations(detectors, members),
    ...findingOperations(detectors, findings),
    ...memberOperations(detectors, members, administration),
    ...organizationOperations(detectors, administration),
  });
  const service: Service = {
    signingName: 'guardduty',
    protocol: 'rest-json',
    wireName: '',
    routes: ROUTES,
    handle: withTrail(handle, world, events),
    access: accessTo,
    resources: [],
  };
  return { findings, members, detectors, administration, service };
}
