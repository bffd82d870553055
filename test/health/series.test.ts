import t from 'tap';

import { createMeters } from '../../agent/health/meters.ts';
import { BOUNDS, bucketOf, quantilesOf } from '../../agent/health/series/buckets.ts';
import { createSeries } from '../../agent/health/series/series.ts';
import { createWaitingWatch, seriesMeters } from '../../agent/health/series/series-feed.ts';
import type { RenderableRec } from '../../agent/model/record.ts';
import { observedSource } from '../support/agent-view.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const START = Date.UTC(2026, 10, 21, 12);
const MINUTE_MS = 60_000;
const CUSTOMERS = [
  { id: 'acme', destinations: ['acme-siem', 'shared'] },
  { id: 'globex', destinations: ['shared'] },
];

function seriesAt(start = START) {
  const time = { now: start };
  return { time, series: createSeries({ customers: CUSTOMERS, now: () => time.now }) };
}

function rowOf(values: readonly number[]): readonly number[] {
  const counts = BOUNDS.map(() => 0);
  for (const seconds of values) counts[bucketOf(seconds)] = (counts[bucketOf(seconds)] ?? 0) + 1;
  return counts;
}

function findings(facts: ReturnType<ReturnType<typeof createSeries>['read']>) {
  return facts.records.find(({ kind }) => kind === 'finding')?.counts ?? [];
}

t.test('records are counted minute by minute and quarter by quarter, from when the agent began', (t) => {
  const { time, series } = seriesAt();

  series.record('acme', 'finding');
  series.record('globex', 'finding');
  time.now += MINUTE_MS;
  series.record('acme', 'finding');
  time.now += MINUTE_MS;

  const hour = series.read({ span: 'hour' });
  const day = series.read({ span: 'day' });
  t.equal(hour.since, START);
  t.equal(hour.from, START - 57 * MINUTE_MS);
  t.equal(hour.records[0]?.counts.length, 60);
  t.same(findings(hour).slice(-4), [undefined, 2, 1, 0], 'no number before the beginning, 0 after it');
  t.equal(findings(day).length, 96);
  t.same(findings(day).slice(-2), [undefined, 3]);
  t.end();
});

t.test('what is older than the span is forgotten, and a ring that comes round begins at 0', (t) => {
  const { time, series } = seriesAt();
  series.record('acme', 'finding');

  time.now += 60 * MINUTE_MS;
  series.record('acme', 'finding');

  t.same(new Set(findings(series.read({ span: 'hour' }))), new Set([0, 1]));
  t.equal(findings(series.read({ span: 'hour' })).at(-1), 1);
  t.equal(findings(series.read({ span: 'day' })).filter((count) => count === 1).length, 2);
  time.now += 25 * 60 * MINUTE_MS;
  t.same(new Set(findings(series.read({ span: 'day' }))), new Set([0]));
  t.end();
});

t.test('a clock that was set back counts on, and by more than a span it begins anew', (t) => {
  const { time, series } = seriesAt();
  time.now += 5 * MINUTE_MS;
  series.record('acme', 'finding');

  time.now -= 2 * MINUTE_MS;
  series.record('acme', 'finding');
  time.now += 2 * MINUTE_MS;
  t.same(findings(series.read({ span: 'hour' })).slice(-3), [1, 0, 1]);
  time.now -= 30 * 60 * MINUTE_MS;
  series.record('acme', 'finding');

  const hour = series.read({ span: 'hour' });
  t.same(findings(hour).slice(-2), [undefined, 1]);
  t.equal(hour.since, time.now);
  t.end();
});

t.test('percentiles are as exact as the buckets', (t) => {
  const cases = [
    { values: [], expected: undefined },
    { values: [1, 1, 1, 1], expected: { p50: 0.75, p95: 0.975, p99: 0.995 } },
    { values: [...Array.from({ length: 98 }, () => 4), 700, 700], expected: { p99: 750 } },
    { values: [1e9], expected: { p99: 21_600 + 0.99 * (86_400 - 21_600) } },
  ];

  for (const { values, expected } of cases) t.match(quantilesOf(rowOf(values)), expected);
  const wide = quantilesOf(rowOf([...Array.from({ length: 98 }, () => 4), 700, 700]));
  t.ok(wide && wide.p50 > 3 && wide.p50 <= 5);
  t.end();
});

t.test('who is limited to customers gets theirs, and no latency of a destination shared with others', (t) => {
  const { series } = seriesAt();
  series.record('acme', 'finding');
  series.record('globex', 'finding');
  series.lag('globex', 30);
  series.acknowledged('acme-siem', 0.15);
  series.acknowledged('shared', 0.15);
  series.waiting({ customer: 'globex', destination: 'shared' }, 90);

  const theirs = series.read({ span: 'hour', customers: ['acme'] });
  const all = series.read({ span: 'hour' });

  t.equal(findings(theirs).at(-1), 1);
  t.equal(theirs.lag.at(-1), undefined);
  t.match(theirs.destinations, [{ id: 'acme-siem' }, { id: 'shared', ack: undefined }]);
  t.ok(theirs.destinations[0]?.ack?.at(-1));
  t.equal(theirs.destinations[1]?.oldestWaiting.at(-1), undefined);
  t.equal(findings(all).at(-1), 2);
  t.ok(all.lag.at(-1) && all.destinations[1]?.ack?.at(-1));
  t.equal(all.destinations[1]?.oldestWaiting.at(-1), 90);
  t.same(series.read({ span: 'hour', customers: [] }).destinations, []);
  t.end();
});

t.test('the meters feed it, and count as before', async (t) => {
  const { series } = seriesAt();
  const meters = createMeters({
    customers: [{ id: 'acme', overlapMinutes: 5 }],
    destinations: ['shared'],
    channels: [],
  });
  const fed = seriesMeters(meters, series);
  const source = { customer: 'acme', account: '1'.repeat(12), region: 'eu-west-1', partition: 'aws' };
  const record: RenderableRec = {
    ...{ kind: 'unparsed', key: 'k', raw: 'x', account: source.account, region: source.region },
    ...{ partition: 'aws', time: START },
    origin: {
      source: { ...source, logGroup: 'events' },
      ...{ stream: 's', eventId: 'e', timestamp: START - 4_000, ingestionTime: START },
    },
  };

  fed.records.handedOut(source, [record]);
  fed.records.acknowledged('shared', record, START);
  fed.records.acknowledged('shared', { ...record, replay: true }, START + 1e9);
  fed.deliveries.answered('shared', [{ kind: 'retry', why: 'busy' }], 50_000);
  fed.deliveries.answered('shared', [{ kind: 'ok', grade: 'accepted' }], 150);

  const { records, lag, destinations } = series.read({ span: 'hour' });
  t.equal(records.find(({ kind }) => kind === 'unparsed')?.counts.at(-1), 1);
  const p99 = lag.at(-1)?.p99 ?? 0;
  t.ok(p99 > 3 && p99 <= 5, 'a replay is no lag');
  const ack = destinations.find(({ id }) => id === 'shared')?.ack?.at(-1)?.p99 ?? 0;
  t.ok(ack > 0.1 && ack <= 0.2, 'no answer that acknowledges nothing');
});

t.test('what waits is looked at until the agent ends, and the worst of a cell is kept', async (t) => {
  const clock = createVirtualClock(START);
  const series = createSeries({ customers: CUSTOMERS, now: clock.now });
  const siem = { grade: 'accepted', mode: 'joined', waiting: 1, quarantined: 0 } as const;
  let oldestWaitingAt: number | undefined = START - 30_000;
  const observed = () => [
    observedSource('acme', '1'.repeat(12), {
      destinations: { shared: oldestWaitingAt === undefined ? siem : { ...siem, oldestWaitingAt } },
    }),
  ];
  const stop = new AbortController();

  const running = createWaitingWatch({ observed, series, clock }).run(stop.signal);
  await clock.advance(20_000);
  oldestWaitingAt = undefined;
  await clock.advance(MINUTE_MS);
  stop.abort();
  await running;

  const { destinations } = series.read({ span: 'hour' });
  t.same(destinations.find(({ id }) => id === 'shared')?.oldestWaiting.slice(-3), [undefined, 50, 0]);
});
