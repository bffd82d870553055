import { isDeepStrictEqual } from 'node:util';

import fc from 'fast-check';
import t from 'tap';

import type { FilterQuery, LogsReader } from '../../agent/aws/logs-reader.ts';
import type { Clock } from '../../agent/model/clock.ts';
import type { LogEvent } from '../../agent/model/log-event.ts';
import { createTailer } from '../support/tailer.ts';

const T0 = Date.UTC(2026, 0, 1);
const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const POLL_EVERY_MS = 5 * MINUTE_MS;
/** Events for 30 h, up to 24 h 10 min late, and 6 h until the next 25 h sweep. */
const LASTS_MS = 61 * HOUR_MS;
const SOURCE = {
  customer: 'acme',
  account: '111122223333',
  region: 'eu-central-1',
  partition: 'aws',
  logGroup: '/aws/events/guardrelay',
};

interface Row extends LogEvent {
  readonly readableAt: number;
}

const row = fc
  .record({
    at: fc.integer({ min: 0, max: 30 * HOUR_MS }),
    lateness: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 24 * HOUR_MS })),
    delay: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 10 * MINUTE_MS })),
    stream: fc.constantFrom('a', 'b', 'c'),
  })
  .map(({ at, lateness, delay, stream }): Omit<Row, 'id' | 'message'> => {
    const timestamp = T0 + Math.floor(at / SECOND_MS) * SECOND_MS;
    const ingestionTime = timestamp + lateness;
    return { timestamp, ingestionTime, readableAt: ingestionTime + delay, stream };
  });

const history = fc.record({
  rows: fc.array(row, { maxLength: 60 }),
  pageSize: fc.integer({ min: 3, max: 50 }),
  isSorted: fc.boolean(),
  /** Polls that fail on their first or second page. */
  outages: fc.array(fc.record({ from: fc.nat(730), polls: fc.nat(8), at: fc.integer({ min: 1, max: 2 }) }), {
    maxLength: 6,
  }),
  restarts: fc.array(fc.nat(730), { maxLength: 10 }),
});

type History = typeof history extends fc.Arbitrary<infer Value> ? Value : never;

interface Service {
  readonly pageSize: number;
  readonly isSorted: boolean;
  now(): number;
  /** Asked once for each page. */
  fails(): boolean;
}

/** FilterLogEvents in memory: as the embedded AWS serves it, without the network. */
function logsOf(rows: readonly Row[], { pageSize, isSorted, now, fails }: Service): LogsReader {
  const ordered = rows.toSorted((a, b) =>
    isSorted ? a.timestamp - b.timestamp : a.stream.localeCompare(b.stream),
  );

  function page({ startTime, nextToken = '0' }: FilterQuery) {
    const readable = ordered.filter(
      ({ readableAt, timestamp }) => readableAt <= now() && timestamp >= startTime,
    );
    const end = Number(nextToken) + pageSize;
    const events = readable.slice(Number(nextToken), end);
    return { events, ...(end < readable.length ? { nextToken: `${end}` } : {}) };
  }

  const dated = () => ({ serviceTime: Math.floor(now() / SECOND_MS) * SECOND_MS });
  return {
    describeGroup: async () => ({ kind: 'group', creationTime: T0, ...dated() }),
    filter: async (_, query) =>
      fails()
        ? { kind: 'failed', failure: { cause: 'service', code: 'AWS-002', text: 'down' }, ...dated() }
        : { kind: 'page', bytes: 0, ...page(query), ...dated() },
  };
}

/** Tails a history poll by poll; answers with what arrived. */
async function replay({ rows, outages, restarts, ...service }: History): Promise<readonly string[]> {
  let nowMs = T0;
  let poll = 0;
  let page = 0;
  const clock: Clock = { now: () => nowMs, monotonic: () => nowMs - T0, sleep: async () => {} };
  const events = rows.map((event, i): Row => ({ ...event, id: `${i}`, message: `event ${i}` }));
  const logs = logsOf(events, {
    ...service,
    now: () => nowMs,
    fails() {
      page += 1;
      return outages.some(({ from, polls, at }) => poll >= from && poll < from + polls && page >= at);
    },
  });
  const tailer = createTailer({ logs, clock, source: SOURCE, startAt: 'now' });
  for (; nowMs <= T0 + LASTS_MS; nowMs += POLL_EVERY_MS, poll += 1) {
    page = 0;
    if (restarts.includes(poll)) tailer.restart();
    await tailer.poll();
  }
  return tailer.delivered('first');
}

t.test('T02 whatever is up to 24 h late arrives once, through outages and restarts', async (t) => {
  const eachOnce = fc.asyncProperty(history, async (past) => {
    const arrived = await replay(past);

    const expected = past.rows.map((_, i) => `event ${i}`);
    return isDeepStrictEqual(arrived.toSorted(), expected.toSorted());
  });

  await t.resolves(fc.assert(eachOnce, { numRuns: 40, seed: 20260131 }));
});
