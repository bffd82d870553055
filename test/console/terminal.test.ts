import { stripVTControlCharacters } from 'node:util';
import t from 'tap';
import { ageText, spanText } from '../../agent/console/terminal/age.ts';
import { hang } from '../../agent/console/terminal/hang.ts';
import { type Listing, renderListing } from '../../agent/console/terminal/listing.ts';
import { printable } from '../../agent/console/terminal/printable.ts';
import { screenFor } from '../../agent/console/terminal/screen.ts';
import { cut, widthOf, wrap } from '../../agent/console/terminal/width.ts';

interface Row {
  readonly state: string;
  readonly account: string;
  readonly region: string;
  readonly lag: string;
  readonly why: string;
}

const ROWS: readonly Row[] = [
  {
    state: '✖ failing',
    account: '333333333333',
    region: 'us-east-1',
    lag: '-',
    why: 'GuardDuty detector is switched off in this region, so no finding can come from it',
  },
  { state: '● ok', account: '111111111111', region: 'eu-west-1', lag: '4.2s', why: 'findings flowing' },
];

function listing(rows: readonly Row[]): Listing<Row> {
  return {
    name: 'status',
    generatedAt: Date.UTC(2026, 0, 1),
    summary: { sources: rows.length },
    rows,
    columns: [
      {
        title: 'STATE',
        text: ({ state }) => state,
        tone: ({ state }) => (state.includes('ok') ? 'good' : 'bad'),
      },
      { title: 'ACCOUNT', text: ({ account }) => account, minTerminal: 70 },
      { title: 'REGION', text: ({ region }) => region },
      { title: 'LAG', text: ({ lag }) => lag, align: 'right' },
    ],
    remark: { title: 'WHY', text: ({ why }) => why },
    json: (row) => row,
  };
}

function table(rows: readonly Row[], width: number, color = false): string {
  return renderListing(listing(rows), { output: 'table', width, color });
}

t.test('a table shows the remark beside the rows where there is room', (t) => {
  t.equal(
    table(ROWS, 120),
    [
      'STATE      ACCOUNT       REGION      LAG  WHY',
      '✖ failing  333333333333  us-east-1     -  GuardDuty detector is switched off in this region, so no finding can come from',
      '                                          it',
      '● ok       111111111111  eu-west-1  4.2s  findings flowing',
      '',
    ].join('\n'),
  );
  t.end();
});

t.test('a table of 80 columns folds the remark, a narrow one puts it below and leaves columns out', (t) => {
  t.equal(
    table(ROWS, 80),
    [
      'STATE      ACCOUNT       REGION      LAG  WHY',
      '✖ failing  333333333333  us-east-1     -  GuardDuty detector is switched off in',
      '                                          this region, so no finding can come',
      '                                          from it',
      '● ok       111111111111  eu-west-1  4.2s  findings flowing',
      '',
    ].join('\n'),
  );
  t.equal(
    table(ROWS, 50),
    [
      'STATE      REGION      LAG',
      '✖ failing  us-east-1     -',
      '    GuardDuty detector is switched off in this',
      '    region, so no finding can come from it',
      '● ok       eu-west-1  4.2s',
      '    findings flowing',
      '',
    ].join('\n'),
  );
  t.end();
});

t.test('no line is wider than the terminal', (t) => {
  const wide = {
    ...ROWS[0],
    state: 'x'.repeat(200),
    region: '日本'.repeat(50),
    account: '1',
    lag: '',
    why: 'w'.repeat(300),
  };

  for (const width of [40, 80, 120]) {
    const lines = table([...ROWS, wide], width).split('\n');
    t.ok(Math.max(...lines.map(widthOf)) <= width, `${width} columns`);
  }
  t.end();
});

t.test('a table of thousands of rows is rendered', (t) => {
  const many = Array.from({ length: 150_000 }, () => ROWS[1] ?? ROWS[0]).filter((row) => row !== undefined);

  t.equal(table(many, 80).split('\n').length, many.length + 2);
  t.equal(table([], 80), 'STATE  ACCOUNT  REGION  LAG  WHY\n');
  t.end();
});

t.test('colour only marks what words say too', (t) => {
  const plain = table(ROWS, 80);

  const colored = table(ROWS, 80, true);

  t.match(colored, '\u001b[31m✖ failing\u001b[39m');
  t.equal(stripVTControlCharacters(colored), plain);
  t.end();
});

t.test('plain output is tab-separated, whole and without colour', (t) => {
  t.equal(
    renderListing(listing(ROWS), { output: 'plain', width: 20, color: true }),
    [
      'STATE\tACCOUNT\tREGION\tLAG\tWHY',
      `✖ failing\t333333333333\tus-east-1\t-\t${ROWS[0]?.why}`,
      '● ok\t111111111111\teu-west-1\t4.2s\tfindings flowing',
      '',
    ].join('\n'),
  );
  t.end();
});

t.test('JSON output has a versioned envelope, NDJSON a first line with the version', (t) => {
  const json = renderListing(listing(ROWS), { output: 'json', width: 20, color: true });
  const ndjson = renderListing(listing(ROWS), { output: 'ndjson', width: 20, color: true });

  t.same(JSON.parse(json), {
    schema: 'guardrelay.status/v1',
    generatedAt: '2026-01-01T00:00:00.000Z',
    summary: { sources: 2 },
    data: ROWS,
  });
  t.same(
    ndjson
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
    [{ type: 'version', ui: '1.0' }, ...ROWS],
  );
  t.end();
});

t.test('hostile text cannot act on the terminal in any output', (t) => {
  const hostile = 'a\u001b[2J\r\n\t\u009b1m\u202e\u2028\u200b\ufeff\u{e0041}b';
  const rows = [{ state: hostile, account: '1', region: hostile, lag: '1', why: hostile }];

  for (const output of ['table', 'plain', 'json', 'ndjson'] as const) {
    const text = renderListing(listing(rows), { output, width: 300, color: false });
    t.notMatch(text.replace(/[\n\t]/g, ''), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u, output);
  }
  t.equal(table(rows, 300).split('\n').length, 3, 'one line of titles, one of text, and the end');
  t.equal(printable('a\u001b[2J\n\u202eb\u{e0041}\ud800'), 'a\\x1b[2J\\x0a\\u{202e}b\\u{e0041}\ufffd');
  const [, row] = renderListing(listing(rows), { output: 'ndjson', width: 1, color: false }).split('\n');
  t.equal(JSON.parse(row ?? '').why, hostile, 'JSON still says exactly what it was');
  t.end();
});

t.test('the width of a text is what a terminal gives it', (t) => {
  const rows: readonly [text: string, width: number][] = [
    ['abc', 3],
    ['✖ ä', 3],
    ['日本', 4],
    ['😀', 2],
    ['e\u0301', 1],
    ['', 0],
  ];

  for (const [text, width] of rows) t.equal(widthOf(text), width, text);
  t.equal(cut('abcdef', 4), 'abc…');
  t.equal(cut('abcd', 4), 'abcd');
  t.equal(cut('日本語', 4), '日…');
  t.same(wrap('one two three', 7), ['one two', 'three']);
  t.same(wrap('enormously', 5), ['enor…']);
  t.end();
});

t.test('ages are told in their largest unit', (t) => {
  const rows: readonly [ms: number, text: string][] = [
    [-5, '0s'],
    [999, '0s'],
    [12_000, '12s'],
    [119_000, '1m'],
    [3_600_000, '1h'],
    [86_399_000, '23h'],
    [3 * 86_400_000, '3d'],
  ];

  for (const [ms, text] of rows) t.equal(spanText(ms), text);
  t.equal(ageText(1000, 121_000), '2m');
  t.equal(ageText(undefined, 5), 'never');
  t.end();
});

t.test('the kind of output follows options, then environment, then terminal', (t) => {
  const none = { json: false, noColor: false };
  const tty = { isTTY: true, columns: 90 };
  const rows: readonly [Parameters<typeof screenFor>, Partial<ReturnType<typeof screenFor>>][] = [
    [[none, {}, tty], { output: 'table', width: 90, color: true }],
    [[none, {}, {}], { output: 'plain', width: 100, color: false }],
    [[{ ...none, json: true, output: 'plain' }, {}, tty], { output: 'json' }],
    [[{ ...none, output: 'ndjson' }, { GUARDRELAY_OUTPUT: 'plain' }, tty], { output: 'ndjson' }],
    [[{ ...none, output: 'auto' }, { GUARDRELAY_OUTPUT: 'plain' }, tty], { output: 'table' }],
    [[none, { GUARDRELAY_OUTPUT: 'plain' }, tty], { output: 'plain' }],
    [[none, { GUARDRELAY_OUTPUT: 'nonsense' }, tty], { output: 'table' }],
    [[{ ...none, noColor: true }, {}, tty], { color: false }],
    [[none, { NO_COLOR: '1' }, tty], { color: false }],
    [[none, { NO_COLOR: '' }, tty], { color: true }],
    [[none, { TERM: 'dumb' }, tty], { color: false }],
    [[none, {}, { isTTY: true, columns: 0 }], { output: 'table', width: 100 }],
  ];

  for (const [given, expected] of rows) t.match(screenFor(...given), expected);
  t.end();
});

t.test('a long line hangs below where its text begins, and a command stays whole', (t) => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    [
      '  + create       5   eu-west-1 eu-west-2',
      ['  + create       5   eu-west-1', '                     eu-west-2'],
    ],
    ['    AWS   the account is suspended today', ['    AWS   the account is', '          suspended today']],
    ['acme · StackSet guardrelay in 111111111111', ['acme · StackSet guardrelay in', '  111111111111']],
    ['  short', ['  short']],
    ['    fix   aws logs delete-log-group --name x', ['    fix   aws logs delete-log-group --name x']],
    ['  averyveryverylongwordthatfitsnowhere x', ['  averyveryverylongwordthatfitsnowhere', '    x']],
  ];
  for (const [line, expected] of cases) t.same(hang(line, 30), expected);
  t.end();
});
