import { customerOf, type RenderableRec } from '../../model/record.ts';

/** What a destination may index of any record beside its text, whatever the format. */
export interface Facets {
  /** The record's key. */
  readonly id: string;
  readonly kind: RenderableRec['kind'];
  readonly customer: string;
  /** Empty for a notice that concerns no single account. */
  readonly account: string;
  readonly region: string;
  /** Type of the finding, name of the API call, type of the notice. */
  readonly type?: string;
}

export function facetsOf(record: RenderableRec): Facets {
  const type = typeOf(record);
  return {
    id: record.key,
    kind: record.kind,
    customer: customerOf(record),
    account: record.account,
    region: record.region,
    ...(type !== undefined && { type }),
  };
}

/** When CloudWatch Logs took it in; of a notice, when it was made. Epoch ms. */
export function arrivalOf(record: RenderableRec): number {
  return record.kind === 'notice' ? record.time : record.origin.ingestionTime;
}

function typeOf(record: RenderableRec): string | undefined {
  switch (record.kind) {
    case 'finding':
      return record.finding.type;
    case 'config-change':
      return record.change.eventName;
    case 'notice':
      return record.notice.type;
    case 'guardduty-event':
      return record.envelope?.detailType;
    case 'unknown':
    case 'unparsed':
      return undefined;
  }
}
