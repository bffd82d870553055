import type { CustomerNotes, RenderableRec } from '../../../model/record.ts';
import { filled } from '../../present.ts';

/** Everything that a record of GuardDuty has, whatever it tells. */
export const GUARDDUTY = { module: 'aws', dataset: 'aws.guardduty', provider: 'guardduty' } as const;
export const OBSERVER = { vendor: 'AWS', product: 'GuardDuty', type: 'ids' } as const;

/** Where it happened: what people search for. A notice may be about no account at all. */
export function cloudOf({ account, accountName, region }: RenderableRec) {
  return {
    provider: 'aws',
    account: account === '' ? undefined : { id: account, name: accountName },
    region: region || undefined,
    service: { name: 'guardduty' },
  };
}

function tagsOf({ replay, backfill }: RenderableRec, tags: readonly string[]): readonly string[] {
  return [...tags, ...(replay ? ['replay'] : []), ...(backfill ? ['backfill'] : [])];
}

/** Labels are flat: in Elasticsearch a dot would begin another object, and a name must not be blank. */
function labelsOf({ tags }: CustomerNotes): Readonly<Record<string, string>> {
  const labels = Object.entries(tags).map(([name, value]) => [name.trim().replaceAll('.', '_'), value]);
  return Object.fromEntries(labels.filter(([name]) => name !== ''));
}

interface Customer {
  readonly organization: object | undefined;
  readonly labels?: Readonly<Record<string, string>>;
}

function customerOf(rec: RenderableRec): Customer {
  if (rec.kind === 'notice') {
    return { organization: filled({ id: rec.customer || undefined, name: rec.notice.customer?.name }) };
  }
  const { source, customer } = rec.origin;
  return {
    organization: { id: source.customer, name: customer?.name },
    ...(customer ? { labels: labelsOf(customer) } : {}),
  };
}

/** What stands in every document. Copies of a record share the key, so that it can be the document's `_id`. */
export function placeOf(rec: RenderableRec, tags: readonly string[] = ['guardduty']) {
  const { organization, labels } = customerOf(rec);
  return {
    '@timestamp': new Date(rec.time).toISOString(),
    ecs: { version: '9.5.0' },
    labels: { ...labels, guardrelay_key: rec.key },
    tags: tagsOf(rec, tags),
    organization,
  };
}
