import type { AwsAuth, CredentialScope } from '../aws/credential-scope.ts';
import { findRegion, isPartition, type Partition } from '../aws/regions.ts';

/** A customer as far as finding his log groups goes. */
export interface DiscoverCustomer {
  readonly id: string;
  /** Accounts whose log groups are read. */
  readonly accounts: readonly string[];
  /** `enabled`: those switched on in the account; `all`: also tell which are off; or a list. */
  readonly regions: 'enabled' | 'all' | readonly string[];
  /** A name, or the start of names and then `*`. */
  readonly logGroup: string;
  /** The region whose log group takes the events of all; absent: each has its own. */
  readonly hubRegion?: string;
  /** Of the account's quota for listing and reading log groups. */
  readonly quotaShare: number;
  readonly auth: AwsAuth;
}

export function scopeOf(customer: DiscoverCustomer, account: string): CredentialScope {
  const { id, auth } = customer;
  return { customer: id, account, partition: partitionOf(customer), auth };
}

/** Credentials are good in one partition only: that of the role, else that of the regions that are named. */
function partitionOf({ auth, regions }: DiscoverCustomer): Partition {
  const named = auth.type === 'assumeRole' ? (auth.roleArn.split(':')[1] ?? '') : '';
  if (isPartition(named)) return named;
  const listed = typeof regions === 'string' ? [] : regions;
  return listed.map(findRegion).find((row) => row !== undefined)?.partition ?? 'aws';
}
