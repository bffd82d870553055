import type { AccountClient, RegionOptStatus } from '@aws-sdk/client-account';
import { AccountServiceException, paginateListRegions } from '@aws-sdk/client-account';

import type { Partition } from '../aws/regions.ts';
import { findRegion, guardDutyRegions } from '../aws/regions.ts';
import { collectRows } from './pages.ts';
import type { Target } from './plan.ts';

export interface TargetRequest {
  readonly accounts: readonly string[];
  /** As the configuration says it. */
  readonly regions: 'enabled' | 'all' | readonly string[];
  readonly partition: Partition;
  /** The account of the credentials that ask. */
  readonly adminAccount: string;
}

export interface Targets {
  readonly targets: readonly Target[];
  /** Accounts that do not let us see which of their regions are on. */
  readonly unseen: readonly string[];
}

interface Question {
  /** Absent: that of the credentials. */
  readonly account?: string;
  readonly signal: AbortSignal;
}

type OffReason = (region: string) => string | undefined;

const ON: RegionOptStatus[] = ['ENABLED', 'ENABLED_BY_DEFAULT'];

/** Every region of every account that the configuration means, with a reason for each that is off. */
export async function findTargets(
  client: AccountClient,
  request: TargetRequest,
  signal: AbortSignal,
): Promise<Targets> {
  const { accounts, adminAccount } = request;
  const regions = regionNames(request);
  const adminRegions = await listRegionsOn(client, { signal });
  const unseen: string[] = [];
  const targets: Target[] = [];
  for (const account of accounts) {
    const own = account === adminAccount ? adminRegions : await listRegionsOn(client, { account, signal });
    if (!own) unseen.push(account);
    const offReason = own ? seen(own) : assumed(request, adminRegions);
    for (const region of regions) {
      const off = offReason(region);
      targets.push({ account, region, ...(off !== undefined && { off }) });
    }
  }
  return { targets, unseen };
}

function regionNames({ regions, partition }: TargetRequest): readonly string[] {
  return typeof regions === 'string' ? guardDutyRegions(partition).map(({ region }) => region) : regions;
}

/** Undefined: AWS does not tell us. Of other accounts only an Organization's administrators may ask. */
async function listRegionsOn(
  client: AccountClient,
  { account, signal }: Question,
): Promise<ReadonlySet<string> | undefined> {
  const input = { RegionOptStatusContains: ON, ...(account !== undefined && { AccountId: account }) };
  try {
    const pages = paginateListRegions({ client }, input, { abortSignal: signal });
    const rows = await collectRows(pages, ({ Regions }) => Regions);
    return new Set(rows.flatMap(({ RegionName }) => RegionName ?? []));
  } catch (error) {
    if (error instanceof AccountServiceException && error.$fault === 'client') return undefined;
    throw error;
  }
}

function seen(own: ReadonlySet<string>): OffReason {
  return (region) => (own.has(region) ? undefined : 'not enabled in the account');
}

/** A list is taken at its word; `enabled` means what AWS enables by default. A StackSet needs the administrator's too. */
function assumed({ regions }: TargetRequest, adminRegions: ReadonlySet<string> | undefined): OffReason {
  return (region) => {
    if (adminRegions && !adminRegions.has(region)) return 'not enabled in the administrator account';
    if (typeof regions !== 'string' || !findRegion(region)?.optIn) return undefined;
    return 'opt-in region, and the account does not show whether it is enabled: name it in the regions if so';
  };
}
