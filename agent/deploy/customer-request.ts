import type { ResolvedCustomer } from '../config/config.ts';
import { blueprintTags } from './blueprint.ts';
import { forwardingRequest, reachingHub } from './forwarding.ts';
import type { OrganizationSight } from './organization.ts';
import { callAs } from './organization.ts';
import { collectorParameters } from './parameters.ts';
import type { DeployMode, Target } from './plan.ts';
import type { ReaderRole } from './reader-request.ts';
import { readerRequest } from './reader-request.ts';
import type { DeployRequest } from './request.ts';
import type { StackSetPermissions } from './stack-set-permissions.ts';
import { loadTemplate } from './template.ts';

/** What a deployment needs to know beyond the customer's configuration. */
export interface Circumstances {
  readonly mode: DeployMode | 'auto';
  /** The account of the deployer's credentials. */
  readonly adminAccount: string;
  readonly targets: readonly Target[];
  /** Service role of stacks, administration role of the StackSet; absent: as configured. */
  readonly roleArn?: string;
  readonly readerRole?: ReaderRole;
  /** With mode stackset-organizations. */
  readonly organization?: OrganizationSight;
}

/** What shall stand in the accounts of a customer, by its configuration. */
export async function customerRequest(
  customer: ResolvedCustomer,
  circumstances: Circumstances,
): Promise<DeployRequest> {
  const { mode, adminAccount, targets, roleArn, readerRole, organization } = circumstances;
  const { stack } = customer;
  return {
    customer: customer.id,
    mode,
    adminAccount,
    targets: stack.hubRegion === undefined ? targets : reachingHub(targets, stack.hubRegion),
    collector: await collectorBlueprint(customer),
    ...(organization && { organization }),
    ...(await forwardingRequest(customer)),
    ...(readerRole && (await readerRequest(customer, readerRole, circumstances))),
    stackSet: {
      homeRegion: stack.homeRegion,
      parallelRegions: stack.parallelRegions,
      failureTolerancePercent: stack.failureTolerancePercent,
      maxConcurrentPercent: stack.maxConcurrentPercent,
      permissions: permissionsOf(customer, circumstances),
    },
    stack: { ...(roleArn !== undefined && { serviceRoleArn: roleArn }) },
    firstWave: stack.firstWave,
  };
}

function permissionsOf(
  { stack }: ResolvedCustomer,
  { mode, adminAccount, roleArn, organization }: Circumstances,
): StackSetPermissions {
  if (mode === 'stackset-organizations') {
    return {
      model: 'SERVICE_MANAGED',
      callAs: callAs({ adminAccount, callAs: stack.callAs }, organization?.managementAccount),
      organizationalUnits: stack.organizationalUnits ?? [],
      autoDeploy: stack.autoDeploy,
      retainOnAccountRemoval: stack.retainOnAccountRemoval,
    };
  }
  const administrationRoleArn = roleArn ?? stack.administrationRoleArn;
  return {
    model: 'SELF_MANAGED',
    ...(administrationRoleArn !== undefined && { administrationRoleArn }),
    ...(stack.executionRoleName !== undefined && { executionRoleName: stack.executionRoleName }),
  };
}

/** The log group and the rules, as each stack shall have them. */
export async function collectorBlueprint({
  id,
  stack,
  collect,
  heartbeat,
}: ResolvedCustomer): Promise<DeployRequest['collector']> {
  const parameters = collectorParameters({
    prefix: stack.prefix,
    logGroup: stack.logGroup,
    retentionDays: stack.retentionDays,
    findings: collect.findings,
    configChanges: collect.configChanges,
    objectScanResults: collect.objectScanResults,
    heartbeatMinutes: heartbeat.mode === 'off' ? 0 : heartbeat.everyMinutes,
    deadLetterQueue: stack.deadLetterQueue,
    logPolicyScope: stack.logPolicyScope === 'account' ? 'Account' : 'LogGroup',
    ...(stack.hubRegion !== undefined && { hubRegion: stack.hubRegion }),
  });
  const content = { customer: id, template: await loadTemplate('regional'), parameters };
  return {
    ...content,
    name: stack.name,
    capabilities: [],
    tags: blueprintTags({ ...content, tags: stack.tags }),
  };
}
