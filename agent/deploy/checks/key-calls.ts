import { paginateListAccessKeys } from '@aws-sdk/client-iam';

import { ask } from '../../aws/ask.ts';
import type { AwsClients } from '../../aws/clients.ts';
import type { CredentialScope } from '../../aws/credential-scope.ts';
import { homeRegion } from '../../aws/regions.ts';
import type { Missing } from './rule-calls.ts';
import type { UnansweredCall } from './service-call.ts';

/** The long-lived key that signs. */
export interface AccessKey {
  readonly kind: 'key';
  readonly user: string;
  /** Epoch ms. */
  readonly createdAt: number;
}

interface KeyCall {
  readonly clients: AwsClients;
  readonly scope: CredentialScope;
  readonly signal: AbortSignal;
}

/** IAM tells a user of its own keys. */
export async function describeKey({
  clients,
  scope,
  signal,
}: KeyCall): Promise<AccessKey | Missing | UnansweredCall> {
  const region = homeRegion(scope.partition);
  const call = { what: 'ListAccessKeys' };
  const asked = await ask({ clients, scope, region, call, signal }, async () => {
    const { accessKeyId } = await clients.credentials(scope).get();
    const client = await clients.iam(scope);
    for await (const page of paginateListAccessKeys({ client }, {}, { abortSignal: signal })) {
      const own = page.AccessKeyMetadata?.find((key) => key.AccessKeyId === accessKeyId);
      if (own?.CreateDate === undefined) continue;
      return { kind: 'key', user: own.UserName ?? '', createdAt: own.CreateDate.getTime() } as const;
    }
    return { kind: 'missing' } as const;
  });
  return asked.kind === 'failed' ? { ...asked, right: 'iam:ListAccessKeys' } : asked;
}
