import { AssumeRoleCommand, type AssumeRoleCommandOutput, type STSClient } from '@aws-sdk/client-sts';

import type { SecretReader } from '../model/secret.ts';
import type { AwsAuth, CredentialScope } from './credential-scope.ts';
import { CredentialsError, classifyCredentialsFailure } from './failure.ts';
import type { FetchedIdentity } from './identity-cache.ts';

export type AssumeRoleAuth = Extract<AwsAuth, { type: 'assumeRole' }>;

export interface AssumeRoleOptions {
  /** Signs with the agent's own credentials, at a regional endpoint of an always-on region. */
  readonly sts: STSClient;
  readonly agentId: string;
  readonly readSecret: SecretReader;
}

/** Role chaining allows no more, and the agent may itself run under a role. */
const SESSION_SECONDS = 3_600;

/** One role name may serve many accounts. */
export function roleArnFor(account: string, { roleArn }: Pick<AssumeRoleAuth, 'roleArn'>): string {
  return roleArn.replaceAll('{account}', account);
}

/** One session in the customer's account. */
export async function assumeRole(
  { account }: CredentialScope,
  auth: AssumeRoleAuth,
  { sts, agentId, readSecret }: AssumeRoleOptions,
): Promise<FetchedIdentity> {
  const roleArn = roleArnFor(account, auth);
  const { externalId } = auth;
  const what = `AssumeRole of ${roleArn}${externalId === undefined ? '' : ' with its ExternalId'}`;
  try {
    const command = new AssumeRoleCommand({
      RoleArn: roleArn,
      ...(externalId !== undefined && { ExternalId: await readSecret(externalId) }),
      RoleSessionName: sessionName(agentId),
      DurationSeconds: SESSION_SECONDS,
    });
    return identityOf(await sts.send(command));
  } catch (error) {
    if (error instanceof CredentialsError) throw error;
    throw new CredentialsError(classifyCredentialsFailure(error, { what }), error);
  }
}

/** The customer's own SIEM sees this name; STS takes 2 to 64 of these characters. */
function sessionName(agentId: string): string {
  return `guardrelay-${agentId.replaceAll(/[^\w+=,.@-]/g, '-')}`.slice(0, 64);
}

function identityOf({ Credentials: session }: AssumeRoleCommandOutput): FetchedIdentity {
  const {
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    SessionToken: sessionToken,
  } = session ?? {};
  if (!accessKeyId || !secretAccessKey || !sessionToken) throw new Error('the answer holds no session');
  return { identity: { accessKeyId, secretAccessKey, sessionToken }, lifetimeMs: SESSION_SECONDS * 1000 };
}
