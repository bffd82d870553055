import { ask } from '../../aws/ask.ts';
import type { AwsClients } from '../../aws/clients.ts';
import type { CredentialScope } from '../../aws/credential-scope.ts';
import type { FailedCall } from '../../aws/failure.ts';
import type { Source } from '../../model/source.ts';

/** A call that failed, and the IAM action that allows it. */
export interface UnansweredCall extends FailedCall {
  readonly right: string;
}

export interface ServiceCallOptions {
  readonly clients: AwsClients;
  readonly scope: CredentialScope;
  readonly source: Source;
  readonly signal: AbortSignal;
}

/** One question to a service of AWS in the region of a source; `right` is `service:Operation`. */
export async function askService<T>(
  right: string,
  { clients, scope, source, signal }: ServiceCallOptions,
  send: () => Promise<T>,
): Promise<T | UnansweredCall> {
  const { account, region } = source;
  const call = { what: `${right.replace(/^.*:/, '')} in ${account} ${region}` };
  const asked = await ask({ clients, scope, region, call, signal }, async () => {
    return { kind: 'answered', answer: await send() } as const;
  });
  return asked.kind === 'failed' ? { ...asked, right } : asked.answer;
}
