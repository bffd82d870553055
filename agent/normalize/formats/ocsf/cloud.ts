import type { RenderableRec } from '../../../model/record.ts';
import { accountOf } from './account.ts';

/** Where it happened: what people search for. A notice may be about no account at all. */
export function cloudOf({ account, accountName, region, partition }: RenderableRec) {
  return {
    provider: 'AWS',
    account: accountOf(account || undefined, accountName),
    region: region || undefined,
    cloud_partition: partition,
  };
}
