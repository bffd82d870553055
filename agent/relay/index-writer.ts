import type { Logger } from '../model/logger.ts';
import type { RenderableRec } from '../model/record.ts';
import { sourceKey } from '../model/source.ts';
import type { IndexedRecord, SearchIndex } from '../search/search-index.ts';
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
  if (record.kind === 'notice') return undefined;
  const { time, kind, account, adminAccount, region, key, raw, origin } = record;
  return {
    ...{ time, kind, account, region, key, raw },
    ...(adminAccount === undefined ? {} : { adminAccount }),
    ...titleOf(record),
    customer: origin.source.customer,
    source: sourceKey(origin.source),
    eventId: origin.eventId,
    ...(origin.part ? { part: origin.part.index } : {}),
    acked: [{ destination, at }],
  };
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
    case 'unparsed':
      return { what: '' };
  }
}
