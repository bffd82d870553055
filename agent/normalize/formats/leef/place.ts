import type { RenderableRec } from '../../../model/record.ts';
import { kept, type LeefEvent, optional } from './write.ts';

/** What stands in the header where the record itself says nothing else. */
export const GUARDDUTY = { vendor: 'Amazon', product: 'GuardDuty', version: '2.0' } as const;

/** Account and region, in every record: under the names that QRadar knows, and under ours. */
export function placePairs(rec: RenderableRec): LeefEvent['pairs'] {
  return [
    ...kept('accountName', rec.account),
    ...kept('realm', rec.region),
    ...kept('awsAccountId', rec.account),
    ...kept('awsRegion', rec.region),
    ...optional('awsAccountName', rec.accountName),
    ...optional('awsAdminAccountId', 'adminAccount' in rec ? rec.adminAccount : undefined),
  ];
}
