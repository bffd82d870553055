import { customerOf, type RenderableRec } from '../model/record.ts';
import { sourceKey } from '../model/source.ts';
import type { StoredRecord } from '../search/search-index.ts';

/** A record as people search for it. */
export function storedRecord(record: RenderableRec): StoredRecord {
  const { time, kind, account, adminAccount, region, key, raw } = record;
  return {
    ...{ time, kind, account, region, key, raw },
    ...(adminAccount === undefined ? {} : { adminAccount }),
    ...titleOf(record),
    customer: customerOf(record),
    ...nameOf(record),
  };
}

/** The agent's own notices come from no log group: what they are about stands for it. */
function nameOf(record: RenderableRec): Pick<StoredRecord, 'source' | 'eventId' | 'part'> {
  if (record.kind === 'notice') return { source: record.notice.key, eventId: record.key };
  const { source, eventId, part } = record.origin;
  return { source: sourceKey(source), eventId, ...(part ? { part: part.index } : {}) };
}

function titleOf(record: RenderableRec): Pick<StoredRecord, 'severity' | 'level' | 'what' | 'title'> {
  switch (record.kind) {
    case 'finding': {
      const { type = '', severity, title } = record.finding;
      return {
        what: type,
        ...(severity === undefined ? {} : { severity }),
        ...(title === undefined ? {} : { title }),
      };
    }
    case 'config-change': {
      const { eventName, actor, severity: level } = record.change;
      return { what: actor === undefined ? eventName : `${eventName} by ${actor}`, level };
    }
    case 'guardduty-event':
    case 'unknown':
      return { what: record.envelope?.detailType ?? '' };
    case 'notice':
      return { what: record.notice.type, title: record.notice.title };
    case 'unparsed':
      return { what: '' };
  }
}
