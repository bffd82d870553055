import type { ResolvedCustomer } from '../config/config.ts';
import { EXIT, GuardrelayError } from '../model/error.ts';
import { blueprintTags } from './blueprint.ts';
import { readerParameters } from './parameters.ts';
import type { DeployMode } from './plan.ts';
import type { DeployRequest } from './request.ts';
import { loadTemplate } from './template.ts';

/** The reader role is wanted too: for this principal, with this ExternalId. */
export interface ReaderRole {
  readonly relayPrincipalArn: string;
  readonly externalId: string;
}

interface Deployer {
  readonly mode: DeployMode | 'auto';
  readonly adminAccount: string;
}

/** The reader role that the customer's configuration assumes, and where it must stand for that. */
export async function readerRequest(
  customer: ResolvedCustomer,
  { relayPrincipalArn, externalId }: ReaderRole,
  deployer: Deployer,
): Promise<Pick<DeployRequest, 'reader' | 'readerAccounts'>> {
  const { prefix, logGroup, name, tags } = customer.stack;
  const { roleName, accounts: readerAccounts } = assumedRole(customer, deployer);
  const accountNames = customer.accounts.names === 'organizations';
  const parameters = readerParameters({
    ...{ relayPrincipalArn, externalId, roleName, prefix, logGroup, stackName: name, accountNames },
  });
  const content = { customer: customer.id, template: await loadTemplate('reader-role'), parameters };
  const reader = {
    ...content,
    name: readerStackName(name),
    capabilities: ['CAPABILITY_NAMED_IAM' as const],
    tags: blueprintTags({ ...content, tags }),
  };
  return { reader, readerAccounts };
}

export function readerStackName(stackName: string): string {
  return `${stackName}-reader`;
}

/** The role that is assumed to read: one in each account, or one in a single account that shows the others' logs. */
function assumedRole({ id, auth, accounts }: ResolvedCustomer, { mode, adminAccount }: Deployer) {
  if (auth.type !== 'assumeRole') {
    throw noReaderRole(`customer ${id} is read with auth.type ${auth.type}, which needs no reader role`);
  }
  const [, account = '', roleName = ''] = /::([^:]*):role\/(?:.*\/)?([^/]+)$/.exec(auth.roleArn) ?? [];
  if (account === '{account}') return { roleName, accounts: accounts.collect };
  if (mode === 'stack' && account !== adminAccount) {
    throw noReaderRole(
      `the reader role of ${id} belongs to account ${account}, but the credentials belong to ${adminAccount}`,
    );
  }
  return { roleName, accounts: [account] };
}

function noReaderRole(why: string): GuardrelayError {
  return new GuardrelayError('CLI-001', `--reader-role cannot be used: ${why}`, {
    exitCode: EXIT.usage,
    fix: 'Leave --reader-role out, or run with credentials of that account (--profile); "guardrelay template print --for reader-role" prints the template for other hands.',
  });
}
