import type { RenderableRec } from '../../model/record.ts';
import { present } from '../present.ts';
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

function placeOf(rec: RenderableRec): { customer: string; source?: object } {
  if (rec.kind === 'notice') return { customer: rec.customer };
  const { source, stream, eventId, ingestionTime } = rec.origin;
  return {
    customer: source.customer,
    source: { logGroup: source.logGroup, logStream: stream, eventId, ingestionTime },
  };
}

function fieldsOf(rec: RenderableRec): object {
  const { type, id, severity } = labelOf(rec);
  const { customer, source } = placeOf(rec);
  return present({
    schema: 'guardrelay.record/v1',
    '@timestamp': new Date(rec.time).toISOString(),
    customer,
    account: rec.account,
    adminAccount: 'adminAccount' in rec ? rec.adminAccount : undefined,
    region: rec.region,
    kind: rec.kind,
    type,
    severity,
    id,
    key: rec.key,
    replay: rec.replay,
    backfill: rec.backfill,
    source,
  });
}

/** What every record has, as JSON without its last brace: members may be added behind a comma. */
export function outlineOf(rec: RenderableRec): string {
  return JSON.stringify(fieldsOf(rec)).slice(0, -1);
}

/** The same, with long strings cut where somebody made it long. */
export function shortOutlineOf(rec: RenderableRec): string {
  const outline = outlineOf(rec);
  if (Buffer.byteLength(outline) <= LONG_OUTLINE) return outline;
  const short = JSON.stringify(fieldsOf(rec), (_key, value: unknown) =>
    typeof value === 'string' ? cutForJson(value, SHORT_STRING) : value,
  );
  return short.slice(0, -1);
}
