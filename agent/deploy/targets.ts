import type { AccountClient, RegionOptStatus } from '@aws-sdk/client-account';
import { paginateListRegions } from '@aws-sdk/client-account';

import type { Partition } from '../aws/regions.ts';
import { findRegion, guardDutyRegions } from '../aws/regions.ts';
import { collectRows } from './pages.ts';
import type { Target } from './plan.ts';
import { unlessRefused } from './unless-refused.ts';

export interface TargetRequest {
  readonly accounts: readonly string[];
  /** As the configuration says it. */
  readonly regions: 'enabled' | 'all' | readonly string[];
  readonly partition: Partition;
  /** The account of the credentials that ask. */
  readonly adminAccount: string;
  /** Whether the StackSet lives in that account too; absent: it does. */
  readonly isAdministeredHere?: boolean;
}

export interface Targets {
  readonly targets: readonly Target[];
  /** Accounts that do not let us see which of their regions are on, so that AWS's defaults were taken. */
  readonly assumed: readonly string[];
}

interface Question {
  /** Absent: that of the credentials. */
  readonly account?: string;
  readonly signal: AbortSignal;
}

/** The regions that are on; undefined: not told. */
interface Sight {
  readonly own: ReadonlySet<string> | undefined;
  readonly adminRegions: ReadonlySet<string> | undefined;
  /** The configuration names its regions. */
  readonly listed: boolean;
}

const ON: RegionOptStatus[] = ['ENABLED', 'ENABLED_BY_DEFAULT'];

/** Every region of every account that the configuration means, with a reason for each that is off. */
export async function findTargets(
  client: AccountClient,
  request: TargetRequest,
  signal: AbortSignal,
): Promise<Targets> {
  const { accounts, adminAccount, isAdministeredHere = true } = request;
  const regions = regionNames(request);
  const callerRegions = await listRegionsOn(client, { signal });
  const adminRegions = isAdministeredHere ? callerRegions : undefined;
  const listed = typeof request.regions !== 'string';
  const assumed: string[] = [];
  const targets: Target[] = [];
  for (const account of accounts) {
    const own = account === adminAccount ? callerRegions : await listRegionsOn(client, { account, signal });
    if (!own && !listed) assumed.push(account);
    for (const region of regions) {
      const off = offReason(region, { own, adminRegions, listed });
      targets.push({ account, region, ...(off !== undefined && { off }) });
    }
  }
  return { targets, assumed };
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
  return unlessRefused(signal, async () => {
    const pages = paginateListRegions({ client }, input, { abortSignal: signal });
    const rows = await collectRows(pages, ({ Regions }) => Regions);
    return new Set(rows.flatMap(({ RegionName }) => RegionName ?? []));
  });
}

/** A StackSet needs the region in the administrator's account as well. A list is taken at its word. */
function offReason(region: string, { own, adminRegions, listed }: Sight): string | undefined {
  if (own && !own.has(region)) return 'not enabled in the account';
  if (adminRegions && !adminRegions.has(region)) return 'not enabled in the administrator account';
  if (own || listed || !findRegion(region)?.optIn) return undefined;
  return 'opt-in region, and the account does not show whether it is enabled: name it in the regions if so';
}
