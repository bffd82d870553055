import { AsyncLocalStorage } from 'node:async_hooks';

import { StandardRetryStrategy } from '@smithy/core/retry';

import type { CredentialScope } from './credential-scope.ts';
import type { Credentials } from './credentials.ts';
import type { IdentityCache } from './identity-cache.ts';

/**
 * Lets one SDK client serve many accounts. A client of its own for each account and region would weigh 14 KiB, and
 * 30,000 of them more than all the rest of the agent; what differs is only who signs, and who pays for retries.
 */
export interface Callers {
  /** The parts of a shared client's configuration that follow the caller. */
  readonly settings: CallerSettings;
  /** A view of a shared client: what is sent through it is signed by this scope, and its retries are this scope's. */
  as<C extends SharedClient>(scope: CredentialScope, client: C): C;
}

interface CallerSettings {
  readonly credentials: (() => ReturnType<IdentityCache['get']>) & { readonly memoized: true };
  readonly retryStrategy: Pick<
    StandardRetryStrategy,
    'acquireInitialRetryToken' | 'refreshRetryTokenForRetry' | 'recordSuccess'
  >;
}

interface SharedClient {
  send(...args: readonly never[]): unknown;
}

interface Caller {
  readonly identities: IdentityCache;
  /** The SDK takes retries from a budget: an account that keeps failing must use up no other one's. */
  readonly retries: StandardRetryStrategy;
}

export function createCallers(credentials: Credentials, maxAttempts: number): Callers {
  const calling = new AsyncLocalStorage<Caller>();
  const callers = new Map<string, Caller>();

  function callerOf(scope: CredentialScope): Caller {
    const { customer, account, auth } = scope;
    const key = JSON.stringify([customer, account, auth]);
    const caller = callers.get(key) ?? {
      identities: credentials.of(scope),
      retries: new StandardRetryStrategy(maxAttempts),
    };
    callers.set(key, caller);
    return caller;
  }

  function current(): Caller {
    const caller = calling.getStore();
    if (!caller) throw new Error('a shared AWS client was called without a caller');
    return caller;
  }

  return {
    settings: {
      // `memoized` tells the SDK to ask each time instead of keeping a copy per client: the cache decides.
      credentials: Object.assign(() => current().identities.get(), { memoized: true } as const),
      retryStrategy: {
        acquireInitialRetryToken: (scope) => current().retries.acquireInitialRetryToken(scope),
        async refreshRetryTokenForRetry(token, failure) {
          // The SDK takes a full quota for throttling, but no quota empties by waiting.
          if (failure.error?.name === 'LimitExceededException') throw failure.error;
          return await current().retries.refreshRetryTokenForRetry(token, failure);
        },
        recordSuccess: (token) => current().retries.recordSuccess(token),
      },
    },
    as(scope, client) {
      const caller = callerOf(scope);
      return Object.create(client, {
        send: { value: (...args: never[]) => calling.run(caller, () => client.send(...args)) },
      });
    },
  };
}
