import type { AwsClients } from './clients.ts';
import type { CredentialScope } from './credential-scope.ts';
import { type AwsCall, classifyFailure, type FailedCall, isExpired } from './failure.ts';
import { explainUnknownCredentials } from './region-status.ts';

export interface Asked {
  readonly clients: AwsClients;
  readonly scope: CredentialScope;
  readonly region: string;
  readonly call: AwsCall;
  readonly signal: AbortSignal;
}

/** What `send` answers for these credentials in this region; what AWS or the network did to it, as a value. */
export async function ask<T>(
  { clients, scope, region, call, signal }: Asked,
  send: () => Promise<T>,
): Promise<T | FailedCall> {
  try {
    return await withSession(clients, scope, send);
  } catch (error) {
    const failure = classifyFailure(error, call);
    if (failure.cause !== 'region-off') return { kind: 'failed', failure };
    const place = { client: clients.account(scope), region };
    return { kind: 'failed', failure: (await explainUnknownCredentials(call, place, signal)) ?? failure };
  }
}

/** A session may end between two pages: it is renewed once and the call repeated. */
async function withSession<T>(
  clients: AwsClients,
  scope: CredentialScope,
  send: () => Promise<T>,
): Promise<T> {
  const session = clients.credentials(scope);
  const identity = await session.get();
  try {
    return await send();
  } catch (error) {
    if (!isExpired(error)) throw error;
    session.renew(identity);
    return await send();
  }
}
