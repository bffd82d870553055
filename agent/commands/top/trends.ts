import { LAG_BUCKET, RECEIVED, type TopFacts } from './top-facts.ts';

/** What has moved, from one look to the next. */
export interface Trends {
  /** Over the last minute; undefined: it was looked at only once. */
  readonly recordsPerMinute: number | undefined;
  readonly p95LagSeconds: number | undefined;
  readonly oldestWaitingMs: number;
  readonly perCustomer: ReadonlyMap<string, number>;
  /** The last looks, the oldest first. */
  readonly records: readonly (number | undefined)[];
  readonly lags: readonly (number | undefined)[];
  readonly waits: readonly number[];
}

/** Counters at one moment. */
interface Mark {
  readonly at: number;
  readonly received: ReadonlyMap<string, number>;
  /** Records that took at most so many seconds. */
  readonly lag: ReadonlyMap<number, number>;
  readonly oldestWaitingMs: number;
}

const WINDOW_MS = 60_000;
const MAX_MARKS = 120;

/** Remembers what it is told, and says what has moved since. */
export function createTrends(): (facts: TopFacts) => Trends {
  let marks: readonly Mark[] = [];
  return (facts) => {
    const now = markOf(facts);
    // A restarted agent counts from 0 again.
    const isRestarted = total(marks.at(-1)?.received) > total(now.received);
    marks = [...(isRestarted ? [] : marks), now].slice(-MAX_MARKS);
    const first = marks.find(({ at }) => at >= now.at - WINDOW_MS) ?? now;
    const steps = marks.map((mark, at) => [marks[at - 1], mark] as const);
    return {
      recordsPerMinute: perMinute(first, now),
      p95LagSeconds: p95(first, now),
      oldestWaitingMs: now.oldestWaitingMs,
      perCustomer: customersPerMinute(first, now),
      records: steps.map(([from, to]) => perMinute(from, to)),
      lags: steps.map(([from, to]) => p95(from, to)),
      waits: marks.map(({ oldestWaitingMs }) => oldestWaitingMs),
    };
  };
}

function markOf({ at, samples, destinations }: TopFacts): Mark {
  const received = new Map<string, number>();
  const lag = new Map<number, number>();
  for (const { name, labels, value } of samples) {
    const { customer = '', le = '' } = labels;
    if (name === RECEIVED) received.set(customer, (received.get(customer) ?? 0) + value);
    const seconds = le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le);
    if (name === LAG_BUCKET) lag.set(seconds, (lag.get(seconds) ?? 0) + value);
  }
  const waits = destinations.map(({ oldestWaitingAt }) => at - (oldestWaitingAt ?? at));
  return { at, received, lag, oldestWaitingMs: Math.max(0, ...waits) };
}

function total(counts: ReadonlyMap<string, number> | undefined): number {
  return [...(counts?.values() ?? [])].reduce((sum, count) => sum + count, 0);
}

function perMinute(from: Mark | undefined, to: Mark): number | undefined {
  if (!from || from.at >= to.at) return undefined;
  return ((total(to.received) - total(from.received)) * 60_000) / (to.at - from.at);
}

function customersPerMinute(from: Mark, to: Mark): ReadonlyMap<string, number> {
  const minutes = (to.at - from.at) / 60_000;
  const grown = [...to.received].map(([customer, count]): [string, number] => [
    customer,
    minutes > 0 ? (count - (from.received.get(customer) ?? 0)) / minutes : 0,
  ]);
  return new Map(grown.filter(([, rate]) => rate > 0).sort(([, one], [, other]) => other - one));
}

/** The bound of the bucket in which the 95th of a hundred records lies; undefined: none was acknowledged. */
function p95(from: Mark | undefined, to: Mark): number | undefined {
  if (!from) return undefined;
  const buckets = [...to.lag]
    .map(([bound, count]) => ({ bound, count: count - (from.lag.get(bound) ?? 0) }))
    .sort((one, other) => one.bound - other.bound);
  const all = buckets.at(-1)?.count ?? 0;
  return all > 0 ? buckets.find(({ count }) => count >= 0.95 * all)?.bound : undefined;
}
