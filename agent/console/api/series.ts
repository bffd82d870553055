import { z } from 'zod';

import { COUNTED_KINDS } from '../../health/series/series.ts';
import { envelope, head } from './envelope.ts';
import { instant, iso } from './instant.ts';
import { NOTHING, route } from './route.ts';

const SPAN_NAMES = ['hour', 'day'] as const;

const query = z.strictObject({
  span: z.enum(SPAN_NAMES).default('hour').describe('`hour`: 60 cells of a minute. `day`: 96 of 15 minutes'),
});

const quantiles = z
  .array(z.strictObject({ p50: z.number(), p95: z.number(), p99: z.number() }).nullable())
  .describe('In seconds, from the counts of buckets; null: nothing was acknowledged');

const answer = envelope('series', {
  summary: z.strictObject({
    span: z.enum(SPAN_NAMES),
    since: instant.describe('When this agent began to count: a restart forgets everything'),
    from: instant.describe('Beginning of the first cell. The last cell is not over yet'),
    cellSeconds: z.int(),
  }),
  data: z.strictObject({
    records: z
      .array(
        z.strictObject({
          kind: z.enum(COUNTED_KINDS),
          counts: z.array(z.int().nullable()).describe('null: before the agent began to count'),
        }),
      )
      .describe('Records that were handed to destinations'),
    lag: quantiles,
    destinations: z.array(
      z.strictObject({
        id: z.string(),
        ack: quantiles
          .optional()
          .describe(
            'From sending a batch to its acknowledgement; absent for a destination shared with others',
          ),
        oldestWaitingSeconds: z
          .array(z.int().nullable())
          .describe('Age of the oldest record that waited, at its worst; null: nobody looked'),
      }),
    ),
  }),
});
export type SeriesAnswer = z.output<typeof answer>;

export const seriesRoute = route({
  ...NOTHING,
  method: 'GET',
  path: '/series',
  tag: 'health',
  summary: 'The last hour or day in numbers: records by kind, lag, and how each destination acknowledges.',
  role: 'viewer',
  query,
  answer,
  handle({ view, now, query: { span } }) {
    const { since, from, cellMs, records, lag, destinations } = view.series({ span });
    return {
      ...head('series', now),
      summary: { span, since: iso(since), from: iso(from), cellSeconds: cellMs / 1_000 },
      data: {
        records: records.map(({ kind, counts }) => ({ kind, counts: withNulls(counts) })),
        lag: withNulls(lag),
        destinations: destinations.map(({ id, ack, oldestWaiting }) => ({
          id,
          ack: ack && withNulls(ack),
          oldestWaitingSeconds: withNulls(oldestWaiting),
        })),
      },
    };
  },
});

/** JSON has no word for undefined in a list. */
function withNulls<Value>(values: readonly (Value | undefined)[]): (Value | null)[] {
  return values.map((value) => value ?? null);
}
