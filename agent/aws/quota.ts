import type { Clock } from '../model/clock.ts';
import { type Bucket, createBucket } from './bucket.ts';
import { findRegion } from './regions.ts';

/** The read quotas of one account in one region, as far as the agent allows itself to use them. */
export interface ReadPace {
  readonly filterLogEvents: Bucket;
  readonly describeLogGroups: Bucket;
}

/** The quota is the customer's, shared with his own tools: the agent takes `quotaShare` of it. */
export interface Quota {
  paceOf(place: { readonly account: string; readonly region: string }, quotaShare: number): ReadPace;
}

/** The smallest quota of any region, for a region that is newer than the table. */
const LEAST_FILTER_TPS = 5;
const DESCRIBE_LOG_GROUPS_TPS = 10;

export function createQuota(clock: Clock): Quota {
  const paces = new Map<string, ReadPace>();

  return {
    paceOf({ account, region }, quotaShare) {
      const key = `${account}/${region}/${quotaShare}`;
      const pace = paces.get(key) ?? {
        filterLogEvents: createBucket(
          quotaShare * (findRegion(region)?.filterLogEventsTps ?? LEAST_FILTER_TPS),
          clock,
        ),
        describeLogGroups: createBucket(quotaShare * DESCRIBE_LOG_GROUPS_TPS, clock),
      };
      paces.set(key, pace);
      return pace;
    },
  };
}
