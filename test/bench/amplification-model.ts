import type { Random } from '../support/random.ts';

// How often each byte of a dense log group is read, and how soon a late event is found, for any plan of reads that
// FilterLogEvents allows: it selects by event time and by nothing else. Times in seconds.

export const MINUTE = 60;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** A read that is repeated: at `at`, the event times from `at - reachesBack` to `at - endsBefore`. */
export interface Tier {
  readonly every: number;
  readonly reachesBack: number;
  readonly endsBefore: number;
}

/** From the newest event back to `overlap` before the poll before. */
export function polls(every: number, overlap: number): Tier {
  return { every, reachesBack: every + overlap, endsBefore: 0 };
}

/** Each event is read once, at this age: what becomes readable up to then is new to it, and nothing overlaps. */
export function pollsDelayed(every: number, age: number): Tier {
  return { every, reachesBack: every + age, endsBefore: age };
}

/** The whole window again and again. */
export function sweep(window: number, every: number): Tier {
  return { every, reachesBack: window + every, endsBefore: 0 };
}

/** Each event once more, when it has reached this age; `every` is how long a strip is. */
export function strip(age: number, every: number): Tier {
  return { every, reachesBack: age + every, endsBefore: age };
}

export interface Plan {
  readonly reads: readonly Tier[];
  /** Logs Insights looks for late events there, and the seconds that hold one are read again. */
  readonly queries?: readonly Tier[];
}

/** How much later than its own time an event may become readable. */
export interface LatenessClass {
  readonly from: number;
  readonly to: number;
}

export interface Measured {
  /** Bytes read for each byte that came. */
  readonly amplification: number;
  /** Bytes that Logs Insights scans for each byte that came. */
  readonly scanned: number;
  /** For each class: the longest time from readable until read, of those that were read. */
  readonly foundWithin: readonly number[];
  readonly lost: number;
}

interface Span {
  readonly from: number;
  readonly to: number;
}

const EVENTS_PER_CLASS = 2_000;
/** For what a query leads to: one event in a thousand is late, and ten share a second. */
const LATE_SHARE = 0.001;
const PER_SECOND = 10;

/** Looks at the events of `span` only: reads go on until all of them are too old for any tier. */
export function measure(
  { reads, queries = [] }: Plan,
  classes: readonly LatenessClass[],
  { span, random }: { readonly span: Span; readonly random: Random },
): Measured {
  const tiers = [...reads, ...queries];
  const found = classes.map((each) => drawLate(each, span, random).map((event) => waitOf(event, tiers)));
  const readAgain = queries.length > 0 ? LATE_SHARE * PER_SECOND : 0;
  return {
    amplification: shareOf(reads, span) + readAgain,
    scanned: shareOf(queries, span),
    foundWithin: found.map((waits) => Math.max(0, ...waits.filter(Number.isFinite))),
    lost: found.flat().filter((wait) => !Number.isFinite(wait)).length,
  };
}

interface LateEvent {
  readonly timestamp: number;
  readonly readableAt: number;
}

function drawLate({ from, to }: LatenessClass, span: Span, random: Random): readonly LateEvent[] {
  return Array.from({ length: EVENTS_PER_CLASS }, () => {
    const timestamp = span.from + random.next() * (span.to - span.from);
    return { timestamp, readableAt: timestamp + from + random.next() * (to - from) };
  });
}

function shareOf(tiers: readonly Tier[], span: Span): number {
  return tiers.reduce((sum, tier) => sum + bytesOf(tier, span), 0) / (span.to - span.from);
}

/** At an even rate bytes are seconds: the parts of the span that all reads of this tier hold together. */
function bytesOf({ every, reachesBack, endsBefore }: Tier, { from, to }: Span): number {
  let bytes = 0;
  for (let at = firstAfter(from + endsBefore, every); at - reachesBack < to; at += every) {
    bytes += Math.max(0, Math.min(to, at - endsBefore) - Math.max(from, at - reachesBack));
  }
  return bytes;
}

function waitOf(event: LateEvent, tiers: readonly Tier[]): number {
  return Math.min(...tiers.map((tier) => waitFor(event, tier)));
}

/** Infinite: the tier's first read after the event became readable does not reach back to it, so none does. */
function waitFor({ timestamp, readableAt }: LateEvent, { every, reachesBack, endsBefore }: Tier): number {
  const at = firstAfter(Math.max(readableAt, timestamp + endsBefore), every);
  return at - reachesBack <= timestamp ? at - readableAt : Number.POSITIVE_INFINITY;
}

function firstAfter(time: number, every: number): number {
  return Math.ceil(time / every) * every;
}
