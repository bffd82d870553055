import type {
  AgentView,
  ChangeFacts,
  FoundChanges,
  FoundRecords,
  RecentRecord,
} from '../../console/agent-view.ts';
import { isJsonObject } from '../../model/json.ts';
import type { RecordQuery } from '../../model/record-query.ts';
import { parseConfigChange } from '../../normalize/parse/config-change.ts';

type Search = (query: RecordQuery, signal?: AbortSignal) => Promise<FoundRecords>;

/** Changes of the configuration of GuardDuty, and what the agent itself has said of its plumbing. */
export async function changesIn(
  search: Search,
  query: Parameters<AgentView['changes']>[0],
  signal?: AbortSignal,
): Promise<FoundChanges> {
  const [calls, notices] = await Promise.all([
    search({ ...query, pattern: '', kinds: ['config-change'] }, signal),
    search({ ...query, pattern: '', kinds: ['notice'], type: 'plumbing.*' }, signal),
  ]);
  const changes = [...calls.records.map(callFacts), ...notices.records.map(noticeFacts)];
  return {
    changes: changes.toSorted((one, other) => other.time - one.time).slice(0, query.limit),
    complete: calls.complete && notices.complete,
  };
}

function common({ time, level, customer, account, accountName, region, key, acked }: RecentRecord) {
  return { time, level, customer, account, accountName, region, key, acked };
}

function callFacts(record: RecentRecord): ChangeFacts {
  const event: unknown = JSON.parse(record.raw);
  const detail = isJsonObject(event) && isJsonObject(event.detail) ? event.detail : {};
  const { eventName, sentence, actor, source, userAgent, errorCode } = parseConfigChange(detail);
  return {
    ...common(record),
    kind: 'config-change',
    call: eventName,
    ...{ sentence, actor, userAgent, errorCode },
    from: source.ip ?? source.domain,
  };
}

function noticeFacts(record: RecentRecord): ChangeFacts {
  return { ...common(record), kind: 'notice', call: record.what, sentence: record.title };
}
