import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';

import { TELL_DATES, tellDates } from '../../aws/answer-date.ts';
import { ask } from '../../aws/ask.ts';
import type { AwsClients } from '../../aws/clients.ts';
import type { CredentialScope } from '../../aws/credential-scope.ts';
import type { FailedCall } from '../../aws/failure.ts';
import { homeRegion, type Partition } from '../../aws/regions.ts';
import type { Clock } from '../../model/clock.ts';
import { type AccessKey, describeKey } from './key-calls.ts';
import { once } from './once.ts';
import type { Missing } from './rule-calls.ts';
import type { UnansweredCall } from './service-call.ts';

/** Who signs with some credentials, and with what. Asked once each, however many checks of however many accounts want to know. */
export interface CallerCalls {
  caller(): Promise<Caller | FailedCall>;
  signer(): Promise<Signer | FailedCall>;
  /** Missing: it is not among those of its user. */
  key(): Promise<AccessKey | Missing | UnansweredCall>;
  /** How far AWS's clock is ahead of ours; undefined: AWS did not answer. */
  clockOffsetMs(): Promise<number | undefined>;
}

export interface Caller {
  readonly kind: 'caller';
  readonly account: string;
  readonly arn: string;
}

/** What signs, as far as it may be told. */
interface Signer {
  readonly kind: 'signer';
  /** Else it is a key, which does not end. */
  readonly isSession: boolean;
  /** Epoch ms; absent: nobody has said when, so nobody renews it. */
  readonly endsAt?: number;
}

export interface CallerCallsOptions {
  readonly clients: AwsClients;
  readonly scope: CredentialScope;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** The agent's own credentials, whichever account it reads with them. */
export function ownScope(partition: Partition): CredentialScope {
  return { customer: '', account: '', partition, auth: { type: 'default' } };
}

export function createCallerCalls(options: CallerCallsOptions): CallerCalls {
  let offsetMs: number | undefined;
  const caller = once(() =>
    askCaller(options, (serviceTimeMs) => {
      offsetMs = serviceTimeMs - options.clock.now();
    }),
  );
  return {
    caller,
    signer: once(() => askSigner(options)),
    key: once(() => describeKey(options)),
    async clockOffsetMs() {
      await caller();
      return offsetMs;
    },
  };
}

function askCaller(
  { clients, scope, signal }: CallerCallsOptions,
  tell: (serviceTimeMs: number) => void,
): Promise<Caller | FailedCall> {
  const region = homeRegion(scope.partition);
  const call = { what: `GetCallerIdentity for ${scope.account || 'the agent itself'}` };
  return ask({ clients, scope, region, call, signal }, async () => {
    const sts = clients.sts(scope, region);
    const command = new GetCallerIdentityCommand({});
    command.middlewareStack.add(tellDates(tell), TELL_DATES);
    const { Account, Arn } = await sts.send(command, { abortSignal: signal });
    return { kind: 'caller', account: Account ?? '', arn: Arn ?? '' };
  });
}

function askSigner({ clients, scope, signal }: CallerCallsOptions): Promise<Signer | FailedCall> {
  const region = homeRegion(scope.partition);
  const call = { what: `credentials for ${scope.account || 'the agent itself'}` };
  return ask({ clients, scope, region, call, signal }, async () => {
    const { sessionToken, expiration } = await clients.credentials(scope).get();
    const ends = expiration === undefined ? {} : { endsAt: expiration.getTime() };
    return { kind: 'signer', isSession: sessionToken !== undefined, ...ends };
  });
}
