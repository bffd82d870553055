import t from 'tap';

import type { SeriesAnswer } from '../../agent/console/api/series.ts';
import { linePath, stackedBars } from '../../agent/console/view/charts/geometry.ts';
import { COUNTS, DURATIONS } from '../../agent/console/view/charts/scale.ts';
import {
  destinationCharts,
  sinceText,
  trafficCharts,
} from '../../agent/console/view/charts/series-charts.ts';

const LATENCY = { p50: 1, p95: 2, p99: 4 };

function answer(data: Partial<SeriesAnswer['data']> = {}): SeriesAnswer {
  return {
    schema: 'guardrelay.series/v1',
    generatedAt: '2026-11-21T12:03:30.000Z',
    summary: {
      span: 'hour',
      since: '2026-11-21T12:01:00.000Z',
      from: '2026-11-21T12:00:00.000Z',
      cellSeconds: 60,
    },
    data: {
      records: [
        { kind: 'finding', counts: [null, 3, 0, 1_200] },
        { kind: 'unparsed', counts: [null, 1, 0, 0] },
        { kind: 'unknown', counts: [null, 0, 0, 0] },
      ],
      lag: [null, { p50: 1, p95: 2, p99: 90 }, null, LATENCY],
      destinations: [
        { id: 'siem', ack: [null, null, null, LATENCY], oldestWaitingSeconds: [null, 0, 720, 0] },
        { id: 'shared', oldestWaitingSeconds: [null, null, null, null] },
      ],
      ...data,
    },
  };
}

t.test('bars stand upon each other, and where there is nothing there is none', async (t) => {
  const [lower, upper] = stackedBars(
    [
      [10, 0, null],
      [5, 20, null],
    ],
    20,
  );

  t.equal(lower, 'M0.12 100h0.76V50h-0.76z');
  t.equal(upper, 'M0.12 50h0.76V25h-0.76zM1.12 100h0.76V0h-0.76z');
});

t.test('a line ends where a value is missing, and one value alone is a dot', async (t) => {
  t.equal(linePath([0, 10, null, 5], 10), 'M0.5 100h0L1.5 0M3.5 50h0');
  t.equal(linePath([30], 10), 'M0.5 0h0', 'nothing is drawn above the top');
  t.equal(linePath([null, null], 10), '');
});

t.test('an axis ends at a round number that is large enough, and so does its half', async (t) => {
  const counts = [0, 1, 3, 4, 5, 11, 21, 41, 1_284];
  const seconds = [0, 0.07, 3, 61, 90_000, 200_000];

  t.same(
    counts.map((count) => COUNTS.topFor(count)),
    [2, 2, 4, 4, 10, 20, 40, 100, 2_000],
  );
  t.same(
    seconds.map((each) => DURATIONS.topFor(each)),
    [0.01, 0.1, 4, 120, 172_800, 259_200],
  );
  t.same(
    [0, 0.05, 0.5, 4.24, 30, 90, 5_400].map((each) => DURATIONS.text(each)),
    ['0 s', '50 ms', '500 ms', '4.2 s', '30 s', '1.5 min', '1.5 h'],
  );
});

t.test('what is drawn is also told in words and as a table', async (t) => {
  const [records, lag] = trafficCharts(answer());

  t.match(records, {
    tracks: [
      { name: 'finding', figure: '1,203' },
      { name: 'unparsed', figure: '1' },
    ],
    ticks: ['2,000', '1,000', '0'],
    times: ['12:00', '12:02', '12:04 UTC'],
    words: 'Records by kind, 12:00 to 12:04 UTC: 1,204 records; finding 1,203, unparsed 1',
    head: ['From (UTC)', 'finding', 'unparsed'],
    rows: [
      ['12:01', '3', '1'],
      ['12:02', '0', '0'],
      ['12:03', '1,200', '0'],
    ],
  });
  t.equal(records?.tracks.length, 2, 'a kind of which there was none is left out');
  t.match(lag, {
    words: /: p50 last 1 s, p95 last 2 s, p99 last 4 s; p99 at worst 1.5 min at 12:01$/,
    rows: [
      ['12:01', '1 s', '2 s', '1.5 min'],
      ['12:03', '1 s', '2 s', '4 s'],
    ],
  });
});

t.test('each destination has its charts; of one shared with others there is no latency', async (t) => {
  const charts = destinationCharts(answer());

  t.same(
    charts.map(({ title }) => title),
    ['siem: acknowledgement latency', 'siem: oldest waiting', 'shared: oldest waiting'],
  );
  t.equal(charts[2]?.ticks[0], '1 min', 'no more exact than somebody looks');
  t.match(charts[1]?.words, /last 0 s; at worst 12 min at 12:02$/);
  t.match(charts[2]?.words, /nobody has looked yet$/);
});

t.test('without a record there is an empty chart, which says so', async (t) => {
  const [records, lag] = trafficCharts(answer({ records: [{ kind: 'finding', counts: [0] }], lag: [null] }));

  t.match(records, { ticks: ['2', '1', '0'], words: /: 0 records; finding 0$/ });
  t.match(lag, { words: /nothing was acknowledged$/, rows: [] });
});

t.test('an agent that began within the chart says when', async (t) => {
  const { summary } = answer();

  t.equal(sinceText(summary), 'Counted since 12:01 UTC, when this agent began.');
  t.equal(sinceText({ ...summary, since: summary.from }), undefined);
});
