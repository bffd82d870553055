import { mapBounded } from '../discover/bounded.ts';
import type { LogEvent } from '../model/log-event.ts';
import type { Source } from '../model/source.ts';
import type { StoredRecord } from '../search/search-index.ts';
import type { ReadFailure } from '../tail/read.ts';
import { EVERYTHING, type GroupAccess, openGroup } from './group-records.ts';
import { createSeenEvents } from './seen-events.ts';

export interface GroupTailOptions extends GroupAccess {
  readonly sources: readonly Source[];
  /** Resolves when more may come. */
  show(records: readonly StoredRecord[]): Promise<void>;
  /** A log group cannot be read, for a cause that it did not have before. */
  failed(source: Source, failure: ReadFailure): void;
}

const EVERY_MS = 3_000;
const SOURCES_AT_ONCE = 8;
/** What arrives later than that after its time is not shown. */
const OVERLAP_MS = 2 * 60_000;
/** Of one log group. */
const MAX_SEEN = 20_000;

/** Shows what arrives in log groups from now on, one round over all of them after the other, until the signal comes. */
export async function tailGroups(options: GroupTailOptions, signal: AbortSignal): Promise<void> {
  const looks = options.sources.map((source) => createLook(source, options));
  while (!signal.aborted) {
    await mapBounded(looks, SOURCES_AT_ONCE, (look) => look(signal));
    await options.clock.sleep(EVERY_MS, signal);
  }
}

/** Reads one log group once more. */
type Look = (signal: AbortSignal) => Promise<void>;

function createLook(source: Source, options: GroupTailOptions): Look {
  const { reader, recordsIn } = openGroup(source, options);
  const seen = createSeenEvents(MAX_SEEN);
  /** AWS's time when the first look began. */
  let beganAt: number | undefined;
  let readTo = 0;
  let retryAt = 0;
  let trouble: string | undefined;

  function fail(failure: ReadFailure): void {
    retryAt = options.clock.monotonic() + failure.retryAfterMs;
    if (trouble !== failure.code) options.failed(source, failure);
    trouble = failure.code;
  }

  async function begin(signal: AbortSignal): Promise<number | undefined> {
    const group = await reader.describe(signal);
    if (signal.aborted) return undefined;
    if (group.kind === 'group') return group.serviceNow;
    fail(group);
    return undefined;
  }

  /** What was there before the first look is known and not shown. */
  function isNews(event: LogEvent, since: number): boolean {
    const isNew = seen.add(event);
    return isNew && (readTo > 0 || event.timestamp >= since);
  }

  async function readOn(since: number, signal: AbortSignal): Promise<void> {
    const start = (readTo || since) - OVERLAP_MS;
    for await (const read of reader.read({ what: 'search', start, due: [] }, EVERYTHING, signal)) {
      if (read.kind === 'failed') return fail(read);
      if (read.kind === 'page') {
        const news = read.events.map(({ event }) => event).filter((event) => isNews(event, since));
        await options.show(news.flatMap(recordsIn));
      } else if (read.kind === 'complete') {
        trouble = undefined;
        readTo = read.startedAt;
        seen.forget(readTo - OVERLAP_MS);
      }
    }
  }

  return async (signal) => {
    if (signal.aborted || options.clock.monotonic() < retryAt) return;
    beganAt ??= await begin(signal);
    if (beganAt !== undefined) await readOn(beganAt, signal);
  };
}
