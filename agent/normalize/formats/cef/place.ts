import type { RenderableRec } from '../../../model/record.ts';
import type { CefFields } from './keys.ts';

/** What stands in the header where the record itself says nothing else. */
export const GUARDDUTY = { vendor: 'Amazon', product: 'GuardDuty', version: '2.0' } as const;

/** Time, account and region, in every record. */
export function placeFields(rec: RenderableRec): CefFields {
  return {
    rt: rec.time,
    deviceExternalId: rec.account,
    cs1: rec.account,
    cs2: rec.region,
    flexString1: 'adminAccount' in rec ? rec.adminAccount : undefined,
  };
}

/** The service that said it. */
export function hostOf({ region }: RenderableRec): string {
  return `guardduty.${region}.amazonaws.com`;
}
