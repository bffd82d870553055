import type { RecentRecord } from '../console/agent-view.ts';
import type { IndexedRecord } from '../search/search-index.ts';

/** A record of the search index as people see it. */
export function recentRecord(record: IndexedRecord): RecentRecord {
  const { time, kind, severity, customer, account, region, what, acked } = record;
  return { time, kind, severity, customer, account, region, what, acked };
}
