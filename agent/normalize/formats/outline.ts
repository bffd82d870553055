import type { Attack } from '../../model/attack.ts';
import type { RenderableRec } from '../../model/record.ts';
import { documentationUrl } from '../documentation.ts';
import { filled, present } from '../present.ts';
import { cutForJson } from './cut.ts';

/** Bytes of each string where the whole outline would be long; with these it always fits 2,048 with a mark. */
const SHORT_STRING = 100;
const LONG_OUTLINE = 1200;

interface Label {
  readonly type: string | undefined;
  readonly id: string | undefined;
  readonly severity: number | undefined;
}

function labelOf(rec: RenderableRec): Label {
  switch (rec.kind) {
    case 'finding':
      return {
        type: rec.finding.type,
        id: rec.finding.id ?? rec.finding.arn,
        severity: rec.finding.severity,
      };
    case 'config-change':
      return { type: rec.change.eventName, id: rec.change.eventId, severity: undefined };
    case 'guardduty-event':
    case 'unknown':
      return { type: rec.envelope?.detailType, id: rec.envelope?.id, severity: undefined };
    case 'notice':
      return { type: rec.notice.type, id: rec.notice.id, severity: undefined };
    case 'unparsed':
      return { type: undefined, id: undefined, severity: undefined };
  }
}

interface Place {
  readonly customer: string;
  readonly customerName?: string | undefined;
  readonly customerTags?: object | undefined;
  readonly source?: object;
}

function placeOf(rec: RenderableRec): Place {
  if (rec.kind === 'notice') return { customer: rec.customer, customerName: rec.notice.customer?.name };
  const { source, customer, stream, eventId, ingestionTime } = rec.origin;
  return {
    customer: source.customer,
    customerName: customer?.name,
    customerTags: customer && filled(customer.tags),
    source: { logGroup: source.logGroup, logStream: stream, eventId, ingestionTime },
  };
}

function attacksOf(rec: RenderableRec): readonly Attack[] | undefined {
  return rec.kind === 'finding' && rec.finding.attacks.length > 0 ? rec.finding.attacks : undefined;
}

function linksOf(rec: RenderableRec): object | undefined {
  if (rec.kind !== 'finding') return undefined;
  return filled({ console: rec.finding.url, documentation: documentationUrl(rec.finding) });
}

function fieldsOf(rec: RenderableRec): object {
  const { type, id, severity } = labelOf(rec);
  const { customer, customerName, customerTags, source } = placeOf(rec);
  return present({
    schema: 'guardrelay.record/v1',
    '@timestamp': new Date(rec.time).toISOString(),
    customer,
    customerName,
    customerTags,
    account: rec.account,
    accountName: rec.accountName,
    adminAccount: 'adminAccount' in rec ? rec.adminAccount : undefined,
    region: rec.region,
    kind: rec.kind,
    type,
    severity,
    id,
    attacks: attacksOf(rec),
    key: rec.key,
    replay: rec.replay,
    backfill: rec.backfill,
    links: linksOf(rec),
    source,
  });
}

/** What every record has, as JSON without its last brace: members may be added behind a comma. */
export function outlineOf(rec: RenderableRec): string {
  return JSON.stringify(fieldsOf(rec)).slice(0, -1);
}

/** The same, without what was added to the event and with long strings cut, where somebody made it long. */
export function shortOutlineOf(rec: RenderableRec): string {
  const outline = outlineOf(rec);
  if (Buffer.byteLength(outline) <= LONG_OUTLINE) return outline;
  const fields = { ...fieldsOf(rec), customerTags: undefined, attacks: undefined, links: undefined };
  const short = JSON.stringify(fields, (_key, value: unknown) =>
    typeof value === 'string' ? cutForJson(value, SHORT_STRING) : value,
  );
  return short.slice(0, -1);
}
