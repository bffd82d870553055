import type { Clock } from '../../agent/model/clock.ts';
import type { LogEvent } from '../../agent/model/log-event.ts';
import type { Read, ReadFailure, Wanted, WantedEvent, WindowPlan } from '../../agent/tail/read.ts';
import type { Reader } from '../../agent/tail/reader.ts';

/** A log group in memory, read page by page. */
export interface ScriptedReader extends Reader {
  readonly events: LogEvent[];
  /** Every plan that was read. */
  readonly plans: readonly WindowPlan[];
  pageSize: number;
  /** How long AWS takes to answer with a page. */
  pageMs: number;
  retentionDays: number | undefined;
  /** Called when a page has been fetched and the store is about to be asked. */
  onPage: () => void;
  /** Answers every call with this, until it is taken away. */
  failure: ReadFailure | undefined;
}

export function createScriptedReader(clock: Clock, creationTime: number): ScriptedReader {
  const plans: WindowPlan[] = [];
  const reader: ScriptedReader = {
    events: [],
    plans,
    pageSize: 10,
    pageMs: 0,
    retentionDays: undefined,
    onPage: () => {},
    failure: undefined,
    serviceNow: () => clock.now(),
    async describe() {
      const { failure, retentionDays } = reader;
      const kept = retentionDays === undefined ? {} : { retentionDays };
      return failure ?? { kind: 'group', creationTime, serviceNow: clock.now(), ...kept };
    },
    read(plan, wanted, signal) {
      plans.push(plan);
      return readPages({ reader, clock, plan, wanted, signal });
    },
  };
  return reader;
}

interface Reading {
  readonly reader: ScriptedReader;
  readonly clock: Clock;
  readonly plan: WindowPlan;
  readonly wanted: Wanted;
  readonly signal: AbortSignal;
}

async function* readPages({ reader, clock, plan, wanted, signal }: Reading): AsyncGenerator<Read> {
  const { what } = plan;
  const startedAt = clock.now();
  const rest = reader.events
    .filter(({ timestamp }) => timestamp >= plan.start)
    .toSorted((a, b) => a.timestamp - b.timestamp);
  let seen: { highWater?: number } = {};
  while (rest.length > 0 && !signal.aborted && !reader.failure) {
    if (wanted.room() <= 0) return yield { kind: 'paused', what };
    if (reader.pageMs > 0) await clock.sleep(reader.pageMs, signal);
    const page = rest.splice(0, reader.pageSize);
    const highWater = Math.max(...page.map((event) => Math.min(event.timestamp, event.ingestionTime)));
    seen = { highWater };
    const events = wantedOf(page, wanted);
    reader.onPage();
    yield { kind: 'page', events: await events, bytes: 0, safeHighWater: highWater };
  }
  if (reader.failure) yield { ...reader.failure, what };
  else if (!signal.aborted) yield { kind: 'complete', what, startedAt, pages: 1, bytes: 0, ...seen };
}

async function wantedOf(page: readonly LogEvent[], wanted: Wanted): Promise<readonly WantedEvent[]> {
  const destinations = await wanted.for(page);
  return page
    .map((event, index) => ({ event, destinations: destinations[index] ?? [] }))
    .filter((each) => each.destinations.length > 0);
}
