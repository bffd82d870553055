import { type AccountClient, paginateListRegions, type RegionOptStatus } from '@aws-sdk/client-account';

import { type AwsCall, type AwsFailure, classifyFailure, describeFailure } from './failure.ts';

/** Every region of the account, with whether it is switched on there. */
export async function listRegions(
  client: AccountClient,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, RegionOptStatus>> {
  const status = new Map<string, RegionOptStatus>();
  const pages = paginateListRegions({ client, pageSize: 50 }, {}, { abortSignal: signal });
  for await (const { Regions = [] } of pages) {
    for (const { RegionName, RegionOptStatus } of Regions) {
      if (RegionName && RegionOptStatus) status.set(RegionName, RegionOptStatus);
    }
  }
  return status;
}

export function isEnabled(status: RegionOptStatus | undefined): boolean {
  return status === 'ENABLED' || status === 'ENABLED_BY_DEFAULT';
}

/**
 * A region that is off does not know good credentials, and every region does not know bad ones: tells the two
 * apart. Undefined: the account cannot be asked.
 */
export async function explainUnknownCredentials(
  call: AwsCall,
  { client, region }: { readonly client: AccountClient; readonly region: string },
  signal: AbortSignal,
): Promise<AwsFailure | undefined> {
  try {
    const status = (await listRegions(client, signal)).get(region);
    const said = `ListRegions says ${status ?? 'nothing'} of ${region}`;
    return describeFailure(isEnabled(status) ? 'credentials' : 'region-off', call, said);
  } catch (error) {
    if (classifyFailure(error, call).cause !== 'region-off') return undefined;
    return describeFailure('credentials', call, 'they are unknown to the account service too');
  }
}
