import type { Logger } from '../model/logger.ts';
import { customerOf, type RenderableRec } from '../model/record.ts';
import { sourceKey } from '../model/source.ts';
import type { IndexedRecord, SearchIndex } from '../search/search-index.ts';
import { TEST_NOTICE } from './canaries.ts';
import type { DeliveredRecord } from './run-context.ts';

const MAX_PENDING = 500;

/** Puts delivered records into the search index, in batches. The index serves people; delivery never waits for it. */
export interface IndexWriter {
  add(delivered: DeliveredRecord): void;
  flush(): void;
}

export function createIndexWriter(index: SearchIndex, logger: Logger): IndexWriter {
  let pending: IndexedRecord[] = [];

  function flush(): void {
    if (pending.length === 0) return;
    const entries = pending;
    pending = [];
    try {
      index.add(entries);
    } catch (error) {
      logger.warn('search index could not be written', { records: entries.length, error: String(error) });
    }
  }

  return {
    add(delivered) {
      const entry = indexed(delivered);
      if (entry) pending.push(entry);
      if (pending.length >= MAX_PENDING) flush();
    },
    flush,
  };
}

function indexed({ record, destination, at }: DeliveredRecord): IndexedRecord | undefined {
  const name = nameOf(record);
  if (!name) return undefined;
  const { time, kind, account, adminAccount, region, key, raw } = record;
  return {
    ...{ time, kind, account, region, key, raw },
    ...(adminAccount === undefined ? {} : { adminAccount }),
    ...titleOf(record),
    customer: customerOf(record),
    ...name,
    acked: [{ destination, at }],
  };
}

/** Of the agent's own notices people look for those alone that they asked for; these are known by their key. */
function nameOf(record: RenderableRec): Pick<IndexedRecord, 'source' | 'eventId' | 'part'> | undefined {
  if (record.kind === 'notice') {
    const { type, key: source } = record.notice;
    return type === TEST_NOTICE ? { source, eventId: record.key } : undefined;
  }
  const { source, eventId, part } = record.origin;
  return { source: sourceKey(source), eventId, ...(part ? { part: part.index } : {}) };
}

function titleOf(record: RenderableRec): Pick<IndexedRecord, 'severity' | 'what' | 'title'> {
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
      const { eventName, actor } = record.change;
      return { what: actor === undefined ? eventName : `${eventName} by ${actor}` };
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
