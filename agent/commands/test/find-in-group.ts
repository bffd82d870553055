import type { Bucket } from '../../aws/bucket.ts';
import type { FailedCall } from '../../aws/failure.ts';
import type { FilterQuery, LogsReader } from '../../aws/logs-reader.ts';
import type { LogEvent } from '../../model/log-event.ts';
import type { Rec, RenderableRec } from '../../model/record.ts';
import type { Source } from '../../model/source.ts';
import { renderableOf } from '../../relay/canaries.ts';

/** A log group in which one record is looked for. */
export interface SearchedGroup {
  readonly source: Source;
  readonly reader: LogsReader;
  /** The quota is the customer's. */
  readonly pace: Bucket;
  /** Epoch ms. */
  readonly since: number;
  /** What stands in the text of its event. */
  readonly mark: string;
  normalize(event: LogEvent): readonly Rec[];
  isIt(record: RenderableRec): boolean;
}

/** A busy group is looked through from its newest event on, and no further. */
const MAX_PAGES = 5;

/** The record, if it stands there by now. */
export async function findInGroup(
  group: SearchedGroup,
  signal: AbortSignal,
): Promise<RenderableRec | FailedCall | undefined> {
  let query: FilterQuery = { startTime: group.since, startFromHead: false };
  for (let page = 0; page < MAX_PAGES && !signal.aborted; page += 1) {
    await group.pace.take(signal);
    const answer = await group.reader.filter(group.source, query, signal);
    if (answer.kind === 'failed') {
      if (answer.failure.cause === 'throttled') group.pace.throttled();
      return answer;
    }
    const found = foundIn(answer.events, group);
    if (found || answer.nextToken === undefined) return found;
    query = { ...query, nextToken: answer.nextToken };
  }
  return undefined;
}

function foundIn(events: readonly LogEvent[], { mark, normalize, isIt }: SearchedGroup) {
  for (const event of events) {
    if (!event.message.includes(mark)) continue;
    const found = renderableOf(normalize(event)).find(isIt);
    if (found) return found;
  }
  return undefined;
}
