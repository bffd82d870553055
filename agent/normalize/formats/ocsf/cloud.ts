import type { RenderableRec } from '../../../model/record.ts';
import { accountOf } from './account.ts';

/** Where it happened: what people search for. A notice may be about no account at all. */
export function cloudOf({ account, region, partition }: RenderableRec) {
  return {
    provider: 'AWS',
    account: accountOf(account || undefined),
    region: region || undefined,
    cloud_partition: partition,
  };
}
