import type { ResolvedCustomer } from '../config/config.ts';
import { EXIT, GuardrelayError } from '../model/error.ts';
import type { Blueprint } from './blueprint.ts';
import { blueprintTags } from './blueprint.ts';
import { collectorParameters, readerParameters } from './parameters.ts';
import type { DeployMode, Target } from './plan.ts';
import type { DeployRequest } from './request.ts';
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
}

/** The reader role is wanted too: for this principal, with this ExternalId. */
export interface ReaderRole {
  readonly relayPrincipalArn: string;
  readonly externalId: string;
}

/** What shall stand in the accounts of a customer, by its configuration. */
export async function customerRequest(
  customer: ResolvedCustomer,
  { mode, adminAccount, targets, roleArn, readerRole }: Circumstances,
): Promise<DeployRequest> {
  const { stack } = customer;
  const administrationRoleArn = roleArn ?? stack.administrationRoleArn;
  return {
    customer: customer.id,
    mode,
    adminAccount,
    targets,
    collector: await collectorBlueprint(customer),
    ...(readerRole && { reader: await readerBlueprint(customer, readerRole, adminAccount) }),
    stackSet: {
      homeRegion: stack.homeRegion,
      parallelRegions: stack.parallelRegions,
      failureTolerancePercent: stack.failureTolerancePercent,
      maxConcurrentPercent: stack.maxConcurrentPercent,
      ...(administrationRoleArn !== undefined && { administrationRoleArn }),
      ...(stack.executionRoleName !== undefined && { executionRoleName: stack.executionRoleName }),
    },
    stack: { ...(roleArn !== undefined && { serviceRoleArn: roleArn }) },
    firstWave: true,
  };
}

async function collectorBlueprint({
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
    logPolicyScope: 'Account',
  });
  const content = { customer: id, template: await loadTemplate('regional'), parameters };
  return {
    ...content,
    name: stack.name,
    capabilities: [],
    tags: blueprintTags({ ...content, tags: stack.tags }),
  };
}

async function readerBlueprint(
  customer: ResolvedCustomer,
  { relayPrincipalArn, externalId }: ReaderRole,
  adminAccount: string,
): Promise<Blueprint> {
  const { prefix, logGroup, name, tags } = customer.stack;
  const roleName = readerRoleName(customer, adminAccount);
  const accountNames = customer.accounts.names === 'organizations';
  const parameters = readerParameters({
    ...{ relayPrincipalArn, externalId, roleName, prefix, logGroup, accountNames },
  });
  const content = { customer: customer.id, template: await loadTemplate('reader-role'), parameters };
  return {
    ...content,
    name: readerStackName(name),
    capabilities: ['CAPABILITY_NAMED_IAM'],
    tags: blueprintTags({ ...content, tags }),
  };
}

export function readerStackName(stackName: string): string {
  return `${stackName}-reader`;
}

/** The role that the customer's configuration assumes, if it lives in the account that we can deploy to. */
function readerRoleName({ id, auth }: ResolvedCustomer, adminAccount: string): string {
  if (auth.type !== 'assumeRole') {
    throw noReaderRole(`customer ${id} is read with auth.type ${auth.type}, which needs no reader role`);
  }
  const [, account = '', name = ''] = /::([^:]*):role\/(?:.*\/)?([^/]+)$/.exec(auth.roleArn) ?? [];
  if (account !== '{account}' && account !== adminAccount) {
    throw noReaderRole(
      `the reader role of ${id} belongs to account ${account}, but the credentials belong to ${adminAccount}`,
    );
  }
  return name;
}

function noReaderRole(why: string): GuardrelayError {
  return new GuardrelayError('CLI-001', `--reader-role cannot be used: ${why}`, {
    exitCode: EXIT.usage,
    fix: 'Leave --reader-role out, or run with credentials of that account (--profile); "guardrelay template print --for reader-role" prints the template for other hands.',
  });
}
