import type { RenderableRec } from '../../model/record.ts';
import { BOUNDS, bucketOf, type Quantiles, quantilesOf } from './buckets.ts';
import { createTracks, SPANS, type SpanName, type Tracks } from './tracks.ts';

export const COUNTED_KINDS = [
  ...(['finding', 'config-change', 'guardduty-event', 'unknown', 'unparsed'] as const),
] satisfies readonly CountedKind[];
/** Of what was read: the agent's own notices go another way. */
type CountedKind = Exclude<RenderableRec['kind'], 'notice'>;

export interface SeriesQuery {
  readonly span: SpanName;
  /** Absent: all. */
  readonly customers?: readonly string[] | undefined;
}

/** What happened in each cell, the oldest first; undefined: nothing was counted or measured in it. */
export interface SeriesFacts {
  /** When this agent began to count, epoch ms. */
  readonly since: number;
  /** Beginning of the first cell, epoch ms. */
  readonly from: number;
  readonly cellMs: number;
  /** Handed to destinations. */
  readonly records: readonly {
    readonly kind: CountedKind;
    readonly counts: readonly (number | undefined)[];
  }[];
  /** From the time of a log event to its acknowledgement. */
  readonly lag: readonly (Quantiles | undefined)[];
  readonly destinations: readonly DestinationSeries[];
}

interface DestinationSeries {
  readonly id: string;
  /** From sending a batch to its acknowledgement. Absent: it has batches of customers who were not asked for. */
  readonly ack?: readonly (Quantiles | undefined)[] | undefined;
  /** Age in seconds of the oldest record that waited, at its worst. */
  readonly oldestWaiting: readonly (number | undefined)[];
}

/** The last hour and the last day in numbers, for charts. Its size does not depend on the traffic. */
export interface Series {
  record(customer: string, kind: CountedKind): void;
  lag(customer: string, seconds: number): void;
  /** A destination acknowledged a batch. */
  acknowledged(destination: string, seconds: number): void;
  /** Somebody looked: 0 while nothing waits. */
  waiting(route: WaitingRoute, seconds: number): void;
  read(query: SeriesQuery): SeriesFacts;
}

interface WaitingRoute {
  readonly customer: string;
  readonly destination: string;
}

interface RoutedCustomer {
  readonly id: string;
  readonly destinations: readonly string[];
}

interface SeriesOptions {
  readonly customers: readonly RoutedCustomer[];
  /** Epoch ms. */
  readonly now: () => number;
}

/** Counted beside each customer, so that many of them cost a reader nothing; no id looks like it. */
const ALL = '*';

export function createSeries({ customers, now }: SeriesOptions): Series {
  let since = now();
  const records = createTracks({ width: COUNTED_KINDS.length, now });
  const lags = createTracks({ width: BOUNDS.length, now });
  const acks = createTracks({ width: BOUNDS.length, now });
  const waits = createTracks({ width: 1, now });

  return {
    record: (customer, kind) => records.count([customer, ALL], COUNTED_KINDS.indexOf(kind)),
    lag: (customer, seconds) => lags.count([customer, ALL], bucketOf(seconds)),
    acknowledged: (destination, seconds) => acks.count([destination], bucketOf(seconds)),
    // One more than the seconds: 0 means that nobody looked.
    waiting: (route, seconds) =>
      waits.raise([keyOf(route), keyOf({ ...route, customer: ALL })], Math.ceil(seconds) + 1),
    read({ span, customers: asked }) {
      const at = now();
      // The clock may have been set back.
      since = Math.min(since, at);
      const { cellMs, cells } = SPANS[span];
      const first = Math.floor(at / cellMs) - cells + 1;
      const places = Array.from({ length: cells }, (_, at) => ({ span, cell: first + at }));
      const sums = places.map((place) =>
        (place.cell + 1) * cellMs > since ? records.sum(asked ?? [ALL], place) : undefined,
      );
      const quantiles = (tracks: Tracks, keys: readonly string[]) =>
        places.map((place) => quantilesOf(tracks.sum(keys, place)));
      return {
        ...{ since, cellMs, from: first * cellMs },
        records: COUNTED_KINDS.map((kind, at) => ({ kind, counts: sums.map((sum) => sum?.[at]) })),
        lag: quantiles(lags, asked ?? [ALL]),
        destinations: takersOf(customers, asked).map(({ id, takers, isWhole }) => ({
          id,
          ack: isWhole ? quantiles(acks, [id]) : undefined,
          oldestWaiting: places.map((place) => secondsIn(waits.largest(takers, place))),
        })),
      };
    },
  };
}

function secondsIn(seen: number): number | undefined {
  return seen === 0 ? undefined : seen - 1;
}

function keyOf({ customer, destination }: WaitingRoute): string {
  return `${customer} ${destination}`;
}

/** The destinations of these customers, and whether nobody else's records go there. */
function takersOf(customers: readonly RoutedCustomer[], asked: readonly string[] | undefined) {
  const theirs = customers.filter(({ id }) => asked?.includes(id) ?? true);
  const destinations = [...new Set(theirs.flatMap((customer) => customer.destinations))];
  return destinations.toSorted().map((id) => {
    const takes = (customer: RoutedCustomer): boolean => customer.destinations.includes(id);
    const names = theirs.filter(takes).map((each) => each.id);
    const takers = (asked ? names : [ALL]).map((customer) => keyOf({ customer, destination: id }));
    return { id, takers, isWhole: names.length === customers.filter(takes).length };
  });
}
