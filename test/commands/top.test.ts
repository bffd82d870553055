import { EventEmitter } from 'node:events';
import t from 'tap';

import { samplesOf } from '../../agent/commands/top/samples.ts';
import type { TopFacts } from '../../agent/commands/top/top-facts.ts';
import { FIRST_WISHES, pressed, type TopWishes } from '../../agent/commands/top/top-keys.ts';
import { type PageSize, topLines } from '../../agent/commands/top/top-view.ts';
import { createTrends } from '../../agent/commands/top/trends.ts';
import { openFullScreen } from '../../agent/console/terminal/full-screen.ts';
import { sparkline } from '../../agent/console/terminal/sparkline.ts';
import { widthOf } from '../../agent/console/terminal/width.ts';
import { runCli } from '../support/cli.ts';

const AT = Date.UTC(2026, 0, 31, 21, 40);
const RECEIVED = 'guardrelay_events_received_total';
const BUCKET = 'guardrelay_end_to_end_lag_seconds_bucket';

interface Counts {
  readonly received?: Readonly<Record<string, number>>;
  /** Records by the bound of their bucket, added up as Prometheus does. */
  readonly lag?: Readonly<Record<string, number>>;
}

function factsAt(at: number, { received = {}, lag = {} }: Counts = {}, problems = 3): TopFacts {
  const place = { customer: 'globex', account: '222222222222' };
  const sources = Array.from({ length: problems }, (_, number) => ({
    ...{ ...place, region: `eu-west-${number}`, state: 'silent' as const, code: 'SRC-001' },
    ...{ reason: 'no heartbeat \u001b[2J', since: at - number * 60_000 },
  }));
  const quiet = {
    ...place,
    customer: 'acme',
    region: 'us-east-1',
    state: 'quiet' as const,
    reason: 'proven',
  };
  return {
    at,
    verdict: `${problems} of 3638 sources need action.`,
    states: { silent: problems, quiet: 3_635 },
    sources: [...sources, quiet],
    destinations: [
      {
        ...{ id: 'splunk-main', state: 'ok', grade: 'indexed', lastAckAt: at - 1_000 },
        ...{ oldestWaitingAt: at - 5_000, waiting: 12, quarantined: 0 },
      },
    ],
    samples: [
      ...Object.entries(received).map(([customer, value]) => ({
        name: RECEIVED,
        labels: { customer },
        value,
      })),
      ...Object.entries(lag).map(([le, value]) => ({ name: BUCKET, labels: { le }, value })),
    ],
  };
}

function page(facts: TopFacts, size: PageSize, wishes: Partial<TopWishes> = {}): readonly string[] {
  const shown = { agentId: 'relay-1', facts, trends: createTrends()(facts) };
  return topLines({ ...shown, wishes: { ...FIRST_WISHES, ...wishes } }, size);
}

for (const [columns, rows] of [
  [80, 24],
  [120, 40],
  [60, 16],
] as const) {
  t.test(`the page fits into ${columns} by ${rows}, however many problems there are`, (t) => {
    for (const problems of [0, 1, 3_000]) {
      const lines = page(factsAt(AT, {}, problems), { columns, rows, color: false });

      t.equal(lines.length, rows);
      t.same(
        lines.filter((line) => widthOf(line) > columns),
        [],
      );
      t.match(lines.at(-1), /^q quit/);
      t.match(lines.join('\n'), /splunk-/);
      t.equal(/and [\d,]+ more/.test(lines.join('\n')), problems === 3_000);
    }
    t.end();
  });
}

t.test('the page tells verdict, numbers, problems with their age, and destinations', (t) => {
  const text = page(factsAt(AT), { columns: 120, rows: 40, color: false }).join('\n');

  t.match(text, /^guardrelay top · relay-1 .* 21:40:00 UTC\n3 of 3638 sources need action\.\n/);
  t.match(text, /SOURCES ✖ 3 silent {2}○ 3,635 quiet/);
  t.match(text, /✖ silent {2}globex {4}222222222222 {2}eu-west-2 {2}2m {5}SRC-001 no heartbeat \\x1b\[2J/);
  t.match(text, /OLDEST WAITING 5s/);
  t.match(text, /splunk-main {2}ok {5}indexed {2}1s {13}12 {12}0/);
  t.notMatch(text, 'us-east-1', 'what is proven is no problem');
  t.notMatch(text, '\u001b', 'nothing acts');
  t.end();
});

t.test('a filter finds what is proven, too, and sorting changes the order', (t) => {
  const size = { columns: 120, rows: 40, color: false };

  const found = page(factsAt(AT), size, { filter: 'US-EAST' }).join('\n');
  const latest = page(factsAt(AT), size, { sort: 'since' }).join('\n');
  const scrolled = page(factsAt(AT, {}, 100), { ...size, rows: 24 }, { scrolled: 500 }).join('\n');

  t.match(found, /quiet {2}acme/);
  t.notMatch(found, 'globex');
  t.ok(latest.indexOf('eu-west-0') < latest.indexOf('eu-west-2'));
  t.match(scrolled, 'eu-west-99', 'no further than the last');
  t.end();
});

t.test('keys sort, scroll, filter, explain and end', (t) => {
  const after = (...keys: readonly string[]): TopWishes | 'quit' =>
    keys.reduce<TopWishes | 'quit'>(
      (wishes, key) => (wishes === 'quit' ? wishes : pressed(wishes, key)),
      FIRST_WISHES,
    );

  t.match(after('s'), { sort: 'customer' });
  t.match(after('\u001b[D'), { sort: 'since' });
  t.match(after('\u001b[B', '\u001b[B', '\u001b[A'), { scrolled: 1 });
  t.match(after('/', 'a', 'q', 'x', '\u007f', '\r'), { filter: 'aq', isTyping: false });
  t.match(after('/', 'a', '\u001b'), { filter: '', isTyping: false });
  t.match(after('?'), { hasHelp: true });
  t.equal(after('q'), 'quit');
  t.equal(after('/', '\u0003'), 'quit');
  t.end();
});

t.test('rates are of the last minute, and begin anew with a restarted agent', (t) => {
  const trendsOf = createTrends();
  trendsOf(factsAt(AT - 90_000, { received: { acme: 0 } }));
  trendsOf(factsAt(AT - 60_000, { received: { acme: 100, globex: 5 }, lag: { 1: 0, 5: 0, '+Inf': 0 } }));

  const trends = trendsOf(
    factsAt(AT, { received: { acme: 130, globex: 65 }, lag: { 1: 90, 5: 99, '+Inf': 100 } }),
  );
  const restarted = trendsOf(factsAt(AT + 1_000, { received: { acme: 1 } }));

  t.match(trends, { recordsPerMinute: 90, p95LagSeconds: 5, oldestWaitingMs: 5_000 });
  t.same(
    [...trends.perCustomer],
    [
      ['globex', 60],
      ['acme', 30],
    ],
  );
  t.same(trends.records, [undefined, 210, 90]);
  t.match(restarted, { recordsPerMinute: undefined, p95LagSeconds: undefined });
  t.end();
});

t.test('samples are read as Prometheus writes them', (t) => {
  const text = [
    `# HELP ${RECEIVED} x`,
    `${RECEIVED}{customer="a\\"b\\\\c",kind="finding"} 3`,
    `${RECEIVED}_created 4`,
    'other 5',
    `${BUCKET}{le="+Inf"} 1e3`,
  ].join('\n');

  t.same(samplesOf(text, [RECEIVED, BUCKET]), [
    { name: RECEIVED, labels: { customer: 'a"b\\c', kind: 'finding' }, value: 3 },
    { name: BUCKET, labels: { le: '+Inf' }, value: 1_000 },
  ]);
  t.end();
});

t.test('bars are drawn against the highest, the newest at the right', (t) => {
  t.equal(sparkline([0, 1, undefined, 4, 8], 4), '▂ ▅█');
  t.equal(sparkline([0, 0], 3), ' ▁▁');
  t.end();
});

t.test('the terminal is given back as it was, once, whatever ends the page', (t) => {
  const written: string[] = [];
  const keys: string[] = [];
  const raw: boolean[] = [];
  const stream = new EventEmitter();
  const input = Object.assign(stream, {
    setRawMode: (mode: boolean) => raw.push(mode),
    resume: () => stream,
    pause: () => stream,
  });
  const output = Object.assign(new EventEmitter(), {
    rows: 2,
    columns: 80,
    write: (text: string) => written.push(text),
  });
  const listeners = (): number =>
    process.listenerCount('exit') + process.listenerCount('uncaughtExceptionMonitor');
  const before = listeners();
  const options = { input, output, pressed: (key: string) => keys.push(key), resized() {} };

  // @ts-expect-error: of the terminal's streams only what is used.
  const screen = openFullScreen(options);
  stream.emit('data', Buffer.from('a\u001b[Aä\u0003'));
  screen.draw(['one', 'two', 'no room']);
  t.equal(listeners(), before + 2);
  screen[Symbol.dispose]();
  screen[Symbol.dispose]();

  t.same(keys, ['a', '\u001b[A', 'ä', '\u0003']);
  t.same(raw, [true, false]);
  t.match(written[1], /one\r\n\S*two/);
  t.notMatch(written[1], 'no room');
  t.match(written[0], '\u001b[?1049h');
  t.match(written[2], '\u001b[?25h\u001b[?1049l');
  t.equal(written.length, 3);
  t.equal(listeners(), before);
  t.end();
});

t.test('without a terminal it names what works there', async (t) => {
  const { code, stderr } = await runCli(['top']);

  t.equal(code, 2);
  t.match(stderr, 'guardrelay status --watch');
});
