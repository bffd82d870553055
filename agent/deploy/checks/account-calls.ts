import { AssumeRoleCommand, GetCallerIdentityCommand } from '@aws-sdk/client-sts';

import { TELL_DATES, tellDates } from '../../aws/answer-date.ts';
import { ask } from '../../aws/ask.ts';
import { type AssumeRoleAuth, roleArnFor } from '../../aws/assume-role.ts';
import type { AwsClients } from '../../aws/clients.ts';
import type { CredentialScope } from '../../aws/credential-scope.ts';
import type { FailedCall } from '../../aws/failure.ts';
import { homeRegion } from '../../aws/regions.ts';
import type { Clock } from '../../model/clock.ts';
import { once } from './once.ts';

/** Whose credentials serve an account. Asked once each, however many checks want to know. */
export interface AccountCalls {
  /** The agent itself. */
  own(): Promise<Caller | FailedCall>;
  /** Who reads the account: the session of its reader role, or whoever the configuration names. */
  reader(): Promise<Caller | FailedCall>;
  /** What comes of it to ask for the role as somebody would who does not know its ExternalId. */
  assumeWithoutId(auth: AssumeRoleAuth): Promise<LetIn | FailedCall>;
  /** How far AWS's clock is ahead of ours; undefined: AWS did not answer. */
  clockOffsetMs(): Promise<number | undefined>;
}

interface LetIn {
  readonly kind: 'let-in';
}

export interface Caller {
  readonly kind: 'caller';
  readonly account: string;
  readonly arn: string;
}

export interface AccountCallsOptions {
  readonly clients: AwsClients;
  readonly scope: CredentialScope;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export function createAccountCalls(options: AccountCallsOptions): AccountCalls {
  const { scope, clock } = options;
  const asOurselves = { ...options, scope: { ...scope, auth: { type: 'default' } } } as const;
  let offsetMs: number | undefined;
  const tell = (serviceTimeMs: number): void => {
    offsetMs = serviceTimeMs - clock.now();
  };
  const own = once(() => askCaller(asOurselves, tell));
  const reader = once(() => askCaller(options, tell));
  return {
    own,
    reader,
    assumeWithoutId: (auth) => askWithoutId(auth, asOurselves),
    async clockOffsetMs() {
      await (scope.auth.type === 'assumeRole' ? own() : reader());
      return offsetMs;
    },
  };
}

function askWithoutId(
  auth: AssumeRoleAuth,
  { clients, scope, signal }: AccountCallsOptions,
): Promise<LetIn | FailedCall> {
  const region = homeRegion(scope.partition);
  const RoleArn = roleArnFor(scope.account, auth);
  const call = { what: `AssumeRole of ${RoleArn} without its ExternalId` };
  return ask({ clients, scope, region, call, signal }, async () => {
    const input = {
      RoleArn,
      RoleSessionName: 'guardrelay-doctor',
      DurationSeconds: SHORTEST_SESSION_SECONDS,
    };
    await clients.sts(scope, region).send(new AssumeRoleCommand(input), { abortSignal: signal });
    return { kind: 'let-in' };
  });
}

/** What STS gives at least, should it give any. */
const SHORTEST_SESSION_SECONDS = 900;

function askCaller(
  { clients, scope, signal }: AccountCallsOptions,
  tell: (serviceTimeMs: number) => void,
): Promise<Caller | FailedCall> {
  const region = homeRegion(scope.partition);
  const call = { what: `GetCallerIdentity for ${scope.account}` };
  return ask({ clients, scope, region, call, signal }, async () => {
    const sts = clients.sts(scope, region);
    const command = new GetCallerIdentityCommand({});
    command.middlewareStack.add(tellDates(tell), TELL_DATES);
    const { Account, Arn } = await sts.send(command, { abortSignal: signal });
    return { kind: 'caller', account: Account ?? '', arn: Arn ?? '' };
  });
}
