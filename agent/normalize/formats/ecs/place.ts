import type { RenderableRec } from '../../../model/record.ts';

/** Everything that a record of GuardDuty has, whatever it tells. */
export const GUARDDUTY = { module: 'aws', dataset: 'aws.guardduty', provider: 'guardduty' } as const;
export const OBSERVER = { vendor: 'AWS', product: 'GuardDuty', type: 'ids' } as const;

/** Where it happened: what people search for. A notice may be about no account at all. */
export function cloudOf({ account, region }: RenderableRec) {
  return {
    provider: 'aws',
    account: account === '' ? undefined : { id: account },
    region: region || undefined,
    service: { name: 'guardduty' },
  };
}

function tagsOf({ replay, backfill }: RenderableRec, tags: readonly string[]): readonly string[] {
  return [...tags, ...(replay ? ['replay'] : []), ...(backfill ? ['backfill'] : [])];
}

/** What stands in every document. Copies of a record share the key, so that it can be the document's `_id`. */
export function placeOf(rec: RenderableRec, tags: readonly string[] = ['guardduty']) {
  const customer = rec.kind === 'notice' ? rec.customer : rec.origin.source.customer;
  return {
    '@timestamp': new Date(rec.time).toISOString(),
    ecs: { version: '9.5.0' },
    labels: { guardrelay_key: rec.key },
    tags: tagsOf(rec, tags),
    organization: customer === '' ? undefined : { id: customer },
  };
}
