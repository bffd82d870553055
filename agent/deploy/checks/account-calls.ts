import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';

import { ask } from '../../aws/ask.ts';
import type { AwsClients } from '../../aws/clients.ts';
import type { CredentialScope } from '../../aws/credential-scope.ts';
import type { FailedCall } from '../../aws/failure.ts';
import { homeRegion } from '../../aws/regions.ts';
import { once } from './once.ts';

/** Whose credentials serve an account. Asked once each, however many checks want to know. */
export interface AccountCalls {
  /** The agent itself. */
  own(): Promise<Caller | FailedCall>;
  /** Who reads the account: the session of its reader role, or whoever the configuration names. */
  reader(): Promise<Caller | FailedCall>;
}

export interface Caller {
  readonly kind: 'caller';
  readonly account: string;
  readonly arn: string;
}

export interface AccountCallsOptions {
  readonly clients: AwsClients;
  readonly scope: CredentialScope;
  readonly signal: AbortSignal;
}

export function createAccountCalls(options: AccountCallsOptions): AccountCalls {
  const { scope } = options;
  return {
    own: once(() => askCaller({ ...options, scope: { ...scope, auth: { type: 'default' } } })),
    reader: once(() => askCaller(options)),
  };
}

function askCaller({ clients, scope, signal }: AccountCallsOptions): Promise<Caller | FailedCall> {
  const region = homeRegion(scope.partition);
  const call = { what: `GetCallerIdentity for ${scope.account}` };
  return ask({ clients, scope, region, call, signal }, async () => {
    const sts = clients.sts(scope, region);
    const { Account, Arn } = await sts.send(new GetCallerIdentityCommand({}), { abortSignal: signal });
    return { kind: 'caller', account: Account ?? '', arn: Arn ?? '' };
  });
}
