import type { Clock } from '../model/clock.ts';
import type { EffectOf, FaultSite } from './world.ts';

type RateLimit = EffectOf<'rate-limit'>;

interface Bucket {
  tokens: number;
  /** Monotonic ms of the last look. */
  at: number;
}

/** The token buckets of the `rate-limit` faults: one second's worth for each account and region. */
export interface RateLimits {
  /** Takes a token, or answers false. */
  admit(limit: RateLimit, site: FaultSite): boolean;
}

/** All buckets are full to begin with. */
export function createRateLimits(clock: Clock): RateLimits {
  const buckets = new WeakMap<RateLimit, Map<string, Bucket>>();

  function bucketOf(limit: RateLimit, { account, region }: FaultSite): Bucket {
    const places = buckets.get(limit) ?? new Map<string, Bucket>();
    buckets.set(limit, places);
    const key = `${account}/${region}`;
    const bucket = places.get(key) ?? { tokens: limit.callsPerSecond, at: clock.monotonic() };
    places.set(key, bucket);
    return bucket;
  }

  return {
    admit(limit, site) {
      const bucket = bucketOf(limit, site);
      const now = clock.monotonic();
      const refill = ((now - bucket.at) / 1000) * limit.callsPerSecond;
      bucket.tokens = Math.min(limit.callsPerSecond, bucket.tokens + refill);
      bucket.at = now;
      if (bucket.tokens < 1) return false;
      bucket.tokens -= 1;
      return true;
    },
  };
}
