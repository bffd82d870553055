import { AssumeRoleCommand } from '@aws-sdk/client-sts';

import { ask } from '../../aws/ask.ts';
import { type AssumeRoleAuth, roleArnFor } from '../../aws/assume-role.ts';
import type { FailedCall } from '../../aws/failure.ts';
import { listRegions } from '../../aws/region-status.ts';
import { homeRegion } from '../../aws/regions.ts';
import { type CallerCalls, type CallerCallsOptions, createCallerCalls, ownScope } from './caller-calls.ts';

/** Whose credentials serve an account. */
export interface AccountCalls {
  /** The agent itself. */
  readonly own: CallerCalls;
  /** Who reads the account: the session of its reader role, or whoever the configuration names. */
  readonly reader: CallerCalls;
  /** Whose credentials are the first: the agent's own, where it assumes a role with them. */
  readonly first: CallerCalls;
  /** What comes of it to ask for the role as somebody would who does not know its ExternalId. */
  assumeWithoutId(auth: AssumeRoleAuth): Promise<LetIn | FailedCall>;
  /** Which regions are on. */
  regions(): Promise<LiveRegions | FailedCall>;
}

interface LiveRegions {
  readonly kind: 'regions';
  readonly status: Awaited<ReturnType<typeof listRegions>>;
}

interface LetIn {
  readonly kind: 'let-in';
}

export interface AccountCallsOptions extends CallerCallsOptions {
  /** Absent: nobody else asks about the agent itself. */
  readonly own?: CallerCalls;
}

export function createAccountCalls(options: AccountCallsOptions): AccountCalls {
  const { scope } = options;
  const own = options.own ?? createCallerCalls({ ...options, scope: ownScope(scope.partition) });
  const reader = createCallerCalls(options);
  return {
    own,
    reader,
    first: scope.auth.type === 'assumeRole' ? own : reader,
    regions: () => askRegions(options),
    assumeWithoutId: (auth) => askWithoutId(auth, options),
  };
}

function askRegions({ clients, scope, signal }: CallerCallsOptions): Promise<LiveRegions | FailedCall> {
  const region = homeRegion(scope.partition);
  const call = { what: `ListRegions of ${scope.account}` };
  return ask({ clients, scope, region, call, signal }, async () => {
    return { kind: 'regions', status: await listRegions(clients.account(scope), signal) };
  });
}

function askWithoutId(
  auth: AssumeRoleAuth,
  { clients, scope, signal }: CallerCallsOptions,
): Promise<LetIn | FailedCall> {
  const region = homeRegion(scope.partition);
  const RoleArn = roleArnFor(scope.account, auth);
  const call = { what: `AssumeRole of ${RoleArn} without its ExternalId` };
  const own = ownScope(scope.partition);
  return ask({ clients, scope: own, region, call, signal }, async () => {
    const input = {
      RoleArn,
      RoleSessionName: 'guardrelay-doctor',
      DurationSeconds: SHORTEST_SESSION_SECONDS,
    };
    await clients.sts(own, region).send(new AssumeRoleCommand(input), { abortSignal: signal });
    return { kind: 'let-in' };
  });
}

/** What STS gives at least, should it give any. */
const SHORTEST_SESSION_SECONDS = 900;
