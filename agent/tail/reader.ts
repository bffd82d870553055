import type { AwsFailure, FailedCall } from '../aws/failure.ts';
import type { LogPage } from '../aws/logs-answer.ts';
import type { FilterQuery, LogsReader } from '../aws/logs-reader.ts';
import type { ReadPace } from '../aws/quota.ts';
import type { Rank } from '../aws/waiting-line.ts';
import type { Clock } from '../model/clock.ts';
import type { LogEvent } from '../model/log-event.ts';
import type { Source } from '../model/source.ts';
import { leastWaitMs } from './backoff.ts';
import { createPageCalls } from './page-calls.ts';
import type { GroupFacts, Read, ReadFailure, ReadKind, Wanted, WantedEvent, WindowPlan } from './read.ts';
import { ServiceClock } from './service-clock.ts';
import { createWindowRead, type WindowRead } from './window-read.ts';

/** Reads one source. It holds no position, and remembers nothing itself: it is made anew for each lease. */
export interface Reader {
  /** First contact, and a look whether the group is still the same one. */
  describe(signal: AbortSignal): Promise<GroupFacts | ReadFailure>;
  /**
   * Ends with `complete`, `paused` or `failed`; without one of them only if the signal aborts. While a page is
   * handed out the next one is fetched.
   */
  read(plan: WindowPlan, wanted: Wanted, signal: AbortSignal): AsyncIterable<Read>;
  /** AWS's clock, epoch ms; undefined until AWS has answered once. */
  serviceNow(): number | undefined;
}

/** What is remembered of a source between two readers of it: AWS's clock, and how often in a row AWS has failed. */
export interface ReaderMemory {
  readonly serviceClock: ServiceClock;
  failures: number;
}

export function createReaderMemory(): ReaderMemory {
  return { serviceClock: new ServiceClock(), failures: 0 };
}

export interface ReaderOptions {
  readonly logs: LogsReader;
  readonly pace: ReadPace;
  readonly source: Source;
  readonly clock: Clock;
  /** Absent: nothing was read of this source yet. */
  readonly memory?: ReaderMemory;
}

/** How following one window to its end came out. */
type WindowEnd = FailedCall | { readonly kind: 'complete' | 'paused' | 'aborted' };

interface Follow {
  readonly plan: WindowPlan;
  readonly window: WindowRead;
  readonly wanted: Wanted;
  readonly signal: AbortSignal;
}

/** How soon a read gets its tokens. What a person asked for waits for what keeps the SIEM up to date. */
const RANKS: Readonly<Record<ReadKind, Rank>> = {
  ...{ poll: 'poll', sweep: 'sweep', 'catch-up': 'catch-up' },
  ...{ replay: 'replay', audit: 'replay', search: 'replay', spool: 'replay' },
};

export function createReader(options: ReaderOptions): Reader {
  return new GroupReader(options);
}

/** A class, because one is made for every lease, some 500 a second, and closures cost more than methods. */
class GroupReader implements Reader {
  readonly #options: ReaderOptions;
  readonly #memory: ReaderMemory;

  constructor(options: ReaderOptions) {
    this.#options = options;
    this.#memory = options.memory ?? createReaderMemory();
  }

  async describe(signal: AbortSignal): Promise<GroupFacts | ReadFailure> {
    const { logs, pace, source } = this.#options;
    await pace.describeLogGroups.take(signal, 'poll', source.logGroup);
    const { serviceTime, ...group } = await logs.describeGroup(source, signal);
    this.#answered(serviceTime, []);
    if (group.kind === 'group') return { ...group, serviceNow: this.serviceNow() ?? group.creationTime };
    if (group.failure.cause === 'throttled') pace.describeLogGroups.throttled();
    return this.#failed(group.failure);
  }

  async *read(plan: WindowPlan, wanted: Wanted, signal: AbortSignal): AsyncGenerator<Read> {
    const { what } = plan;
    const beganAt = this.#options.clock.monotonic();
    let window = createWindowRead();
    let end = yield* this.#follow({ plan, window, wanted, signal });
    if (end.kind === 'failed' && end.failure.cause === 'token') {
      // From its start: that pages came in time order so far does not say that nothing earlier was to come.
      window = createWindowRead();
      end = yield* this.#follow({ plan, window, wanted, signal });
    }
    switch (end.kind) {
      case 'aborted':
        return;
      case 'paused':
        return yield { kind: 'paused', what };
      case 'failed':
        return yield { ...this.#failed(end.failure), what };
      case 'complete': {
        this.#memory.failures = 0;
        const startedAt = this.#memory.serviceClock.at(beganAt) ?? plan.start;
        yield { kind: 'complete', what, startedAt, ...window.totals() };
      }
    }
  }

  serviceNow(): number | undefined {
    return this.#memory.serviceClock.at(this.#options.clock.monotonic());
  }

  async *#follow({ plan, window, wanted, signal }: Follow): AsyncGenerator<Read, WindowEnd> {
    const rank = RANKS[plan.what];
    using pages = createPageCalls(
      (query, fetching) => this.#nextPage(query, rank, fetching),
      queryOf(plan),
      signal,
    );
    while (wanted.room() > 0) {
      const answer = await pages.next();
      if (signal.aborted) return { kind: 'aborted' };
      if (answer.kind === 'failed') return answer;
      window.add(answer.events, answer.bytes);
      pages.fetchAhead(wanted.room() - answer.bytes);
      yield await pageOf(answer, window, wanted);
      if (answer.nextToken === undefined) return { kind: 'complete' };
    }
    return { kind: 'paused' };
  }

  async #nextPage(query: FilterQuery, rank: Rank, signal: AbortSignal): Promise<LogPage | FailedCall> {
    const { logs, pace, source } = this.#options;
    await pace.filterLogEvents.take(signal, rank, source.logGroup);
    const { serviceTime, ...answer } = await logs.filter(source, query, signal);
    this.#answered(serviceTime, answer.kind === 'page' ? answer.events : []);
    if (answer.kind === 'failed' && answer.failure.cause === 'throttled') pace.filterLogEvents.throttled();
    return answer;
  }

  #answered(serviceTime: number | undefined, events: readonly LogEvent[]): void {
    const { clock } = this.#options;
    const time = { readingMs: clock.monotonic(), wallMs: clock.now() };
    this.#memory.serviceClock.answered(time, serviceTime, events);
  }

  #failed({ cause, code, text }: AwsFailure): ReadFailure {
    this.#memory.failures += 1;
    const retryAfterMs = leastWaitMs(cause, this.#memory.failures);
    return { kind: 'failed', cause, code, error: text, retryAfterMs };
  }
}

/** Nothing else narrows a read: a filter pattern or a stream name would be a place to hide in. */
function queryOf({ start, end, newestFirst }: WindowPlan): FilterQuery {
  return {
    startTime: start,
    ...(end === undefined ? {} : { endTime: end }),
    ...(newestFirst ? { startFromHead: false } : {}),
  };
}

async function pageOf({ events, bytes }: LogPage, window: WindowRead, wanted: Wanted): Promise<Read> {
  const safeHighWater = window.safeHighWater();
  return {
    kind: 'page',
    events: await wantedOf(events, wanted),
    bytes,
    ...(safeHighWater === undefined ? {} : { safeHighWater }),
  };
}

/** Those of the events that some destination still needs. */
export async function wantedOf(events: readonly LogEvent[], wanted: Wanted): Promise<readonly WantedEvent[]> {
  if (events.length === 0) return [];
  const destinations = await wanted.for(events);
  return events
    .map((event, at) => ({ event, destinations: destinations[at] ?? [] }))
    .filter((row) => row.destinations.length > 0);
}
