import { PutEventsCommand } from '@aws-sdk/client-eventbridge';

import { ask } from './ask.ts';
import type { AwsClients } from './clients.ts';
import type { CredentialScope } from './credential-scope.ts';
import type { FailedCall } from './failure.ts';

/** The source and detail-type that the findings rule passes on beside GuardDuty's own. */
const CANARY = { Source: 'guardrelay.canary', DetailType: 'guardrelay canary' } as const;

export interface PutCanary {
  readonly clients: AwsClients;
  readonly scope: CredentialScope;
  readonly region: string;
  readonly signal: AbortSignal;
}

/** Puts a canary on the default bus of the account and region. Never throws for what AWS or the network did. */
export async function putCanary(
  { clients, scope, region, signal }: PutCanary,
  detail: object,
): Promise<{ readonly kind: 'put' } | FailedCall> {
  const call = { what: `PutEvents in ${scope.account} ${region}` };
  return await ask({ clients, scope, region, call, signal }, async () => {
    const command = new PutEventsCommand({ Entries: [{ ...CANARY, Detail: JSON.stringify(detail) }] });
    const { Entries = [] } = await clients.eventbridge(scope, region).send(command, { abortSignal: signal });
    const [{ ErrorCode, ErrorMessage } = {}] = Entries;
    // One entry may fail although the call has not.
    if (ErrorCode !== undefined) throw Object.assign(new Error(ErrorMessage), { name: ErrorCode });
    return { kind: 'put' };
  });
}
