import type { AwsClients } from '../../aws/clients.ts';
import type { CredentialScope } from '../../aws/credential-scope.ts';
import type { ResolvedCustomer } from '../../config/config.ts';
import { obstruct } from '../../deploy/obstacle.ts';
import { findOrganization, type OrganizationSight } from '../../deploy/organization.ts';
import type { Target } from '../../deploy/plan.ts';
import { findTargets } from '../../deploy/targets.ts';

interface Deployer {
  readonly clients: AwsClients;
  readonly scope: CredentialScope;
  /** The account of these credentials. */
  readonly adminAccount: string;
  readonly signal: AbortSignal;
}

/** Where a customer can be deployed to, as far as the deployer's credentials show it. */
export interface Survey {
  readonly targets: readonly Target[];
  /** Accounts that do not show which regions are on. */
  readonly assumed: readonly string[];
  /** With mode stackset-organizations. */
  readonly organization?: OrganizationSight;
}

export async function surveyTargets(customer: ResolvedCustomer, deployer: Deployer): Promise<Survey> {
  const { accounts, regions, stack } = customer;
  const { clients, scope, adminAccount, signal } = deployer;
  const organization =
    stack.mode === 'stackset-organizations' ? await surveyOrganization(customer, deployer) : undefined;
  const request = { accounts: accounts.collect, regions, partition: scope.partition, adminAccount };
  // The StackSets of an organization live in its management account, whoever deploys them.
  const isAdministeredHere = !organization || organization.managementAccount === adminAccount;
  const found = await findTargets(clients.account(scope), { ...request, isAdministeredHere }, signal);
  if (!organization) return found;
  return { ...found, organization, targets: obstruct(found.targets, organization, adminAccount) };
}

function surveyOrganization(
  { stack: { homeRegion, organizationalUnits = [], callAs } }: ResolvedCustomer,
  { clients, scope, adminAccount, signal }: Deployer,
): Promise<OrganizationSight> {
  const asked = {
    organizations: clients.organizations(scope),
    cloudFormation: clients.cloudformation(scope, homeRegion),
  };
  return findOrganization(asked, { adminAccount, organizationalUnits, callAs, signal });
}
