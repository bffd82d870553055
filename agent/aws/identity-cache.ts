import type { Clock } from '../model/clock.ts';
import { fullJitterMs } from './backoff.ts';

/** What signs a request. */
export interface Identity {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

/** Fetched anew; `lifetimeMs` absent: it does not expire. */
export interface FetchedIdentity {
  readonly identity: Identity;
  readonly lifetimeMs?: number;
}

/** The credentials of one account, shared by all its clients. */
export interface IdentityCache {
  get(): Promise<Identity>;
  /** Forgets an identity that AWS called expired; does nothing if another has taken its place. */
  renew(expired: Identity): void;
}

export interface IdentityCacheOptions {
  readonly clock: Clock;
  readonly random: () => number;
  fetch(): Promise<FetchedIdentity>;
}

interface Held {
  readonly identity: Identity;
  readonly refreshAt: number;
  readonly endsAt: number;
}

interface Refusal {
  readonly error: unknown;
  readonly retryAt: number;
}

/**
 * Refreshes at 75 % ± 5 % of the lifetime, with one flight at a time. While a refresh fails, the old identity
 * serves to its end; after that every caller gets the one failure, and AWS is asked once per back-off.
 */
export function createIdentityCache({ clock, random, fetch }: IdentityCacheOptions): IdentityCache {
  let held: Held | undefined;
  let refusal: Refusal | undefined;
  let flight: Promise<Identity> | undefined;
  let failures = 0;

  function hold(
    { identity, lifetimeMs = Number.POSITIVE_INFINITY }: FetchedIdentity,
    askedAt: number,
  ): Identity {
    held = {
      identity,
      refreshAt: askedAt + lifetimeMs * (0.7 + random() * 0.1),
      endsAt: askedAt + lifetimeMs,
    };
    refusal = undefined;
    failures = 0;
    return identity;
  }

  function refuse(error: unknown): never {
    refusal = { error, retryAt: clock.monotonic() + fullJitterMs(failures, random) };
    failures += 1;
    throw error;
  }

  function refresh(): Promise<Identity> {
    const askedAt = clock.monotonic();
    flight ??= fetch()
      .then((fetched) => hold(fetched, askedAt), refuse)
      .finally(() => {
        flight = undefined;
      });
    return flight;
  }

  return {
    async get() {
      const now = clock.monotonic();
      if (held && now < held.refreshAt) return held.identity;
      const fresh = refusal && now < refusal.retryAt ? Promise.reject(refusal.error) : refresh();
      if (!held || now >= held.endsAt) return fresh;
      fresh.catch(() => undefined);
      return held.identity;
    },
    renew(expired) {
      if (held?.identity === expired) held = undefined;
    },
  };
}
