import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import t, { type Test } from 'tap';

import { loadAssets } from '../../agent/console/pages/assets.ts';
import { overviewBody, statusAnswer } from '../../agent/console/pages/overview-body.ts';
import { counted, grouped } from '../../agent/console/view/count-text.ts';
import { deliveryText, figuresOf, lagText, toneOf } from '../../agent/console/view/figures.ts';
import { sinceText, spokenAge, utcText } from '../../agent/console/view/instant-text.ts';
import {
  cellLink,
  cellName,
  cellText,
  findingsBy,
  isQuietRow,
  matrixOf,
} from '../../agent/console/view/matrix.ts';
import { runsOf } from '../../agent/console/view/runs.ts';
import { nextCell } from '../../agent/console/web/overview/matrix-keys.ts';
import { type ObservedSource, overview } from '../../agent/health/overview.ts';
import { problemsOf } from '../../agent/health/problems.ts';
import { consoleScene, fleetOf, HOSTILE, STATES, sourceIn } from '../support/console-scene.ts';
import { startConsole } from '../support/console-server.ts';
import { NOW } from '../support/health-facts.ts';

function statusOf(observed: readonly ObservedSource[]) {
  return statusAnswer(overview(observed, NOW), NOW);
}

async function start(t: Test, observed: readonly ObservedSource[]): Promise<string> {
  const view = consoleScene(observed);
  const http = await startConsole(view);
  t.teardown(() => http.close());
  return http.url;
}

t.test(
  'without a script the overview says what is broken, for whom, since when and what to run',
  async (t) => {
    const url = await start(t, [sourceIn('silent', 'globex'), sourceIn('quiet', 'acme')]);

    const page = await (await fetch(url)).text();

    t.match(page, '1 of 2 sources needs action.');
    t.match(page, 'globex');
    t.match(page, 'SRC-001');
    t.match(page, 'for 47m');
    t.match(page, 'guardrelay doctor --customer globex --region us-east-1');
    t.match(page, '<th scope="row">', 'the matrix is a table with heads');
    t.match(page, 'globex, us-east-1, silent, SRC-001, last heartbeat 47 minutes ago');
  },
);

t.test('every state is told in words on the page', async (t) => {
  for (const state of STATES) {
    const body = overviewBody(statusOf([sourceIn(state, 'acme')])).text;

    t.match(body, new RegExp(`class="state ${state}".*${state}`), state);
  }
});

t.test('what is well for everybody is folded', async (t) => {
  const url = await start(t, fleetOf(40));

  const page = await (await fetch(url)).text();

  t.match(page, '+ 34 customers, nothing to report');
  t.notMatch(page, 'customer-020');
});

t.test('the theme comes from the cookie, if it is one of ours', async (t) => {
  const url = await start(t, [sourceIn('ok', 'acme')]);

  const dark = await (await fetch(url, { headers: { cookie: 'a=b; theme=dark' } })).text();
  const odd = await (await fetch(url, { headers: { cookie: 'theme=x' } })).text();

  t.match(dark, '<html lang="en" data-theme="dark">');
  t.match(odd, '<html lang="en">');
});

t.test('records that are searched for are shown, and text from AWS stays text', async (t) => {
  const url = await start(t, [sourceIn('ok', 'acme')]);

  const page = await (await fetch(`${url}/search?q=${encodeURIComponent('"><script>')}`)).text();

  t.match(page, 'CryptoCurrency:EC2/BitcoinTool.B!DNS');
  t.match(page, '&lt;img src=x');
  t.match(page, 'value="&quot;&gt;&lt;script&gt;"');
  t.notMatch(page, HOSTILE);
});

t.test('pages are never kept, built files for ever', async (t) => {
  const folder = t.testdir({
    'manifest.json': '{"main.tsx":{"file":"assets/main-1.js","css":["assets/main-1.css"]}}',
  });
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'assets/main-1.js'), 'export {};');
  writeFileSync(join(folder, 'assets/main-1.css'), '');

  const built = loadAssets(pathToFileURL(`${folder}/`));
  const unbuilt = loadAssets(pathToFileURL(`${folder}/none/`));

  t.match(built, { script: '/assets/main-1.js', style: '/assets/main-1.css' });
  t.match(built.files.get('/assets/main-1.js')?.type, 'text/javascript');
  t.equal(unbuilt.script, undefined, 'a clone that nobody has built still has its pages');
  t.ok(unbuilt.files.has('/assets/style/colours.css'), 'in the same colours');
});

t.test('the security policy lets in nothing but our own files', async (t) => {
  const url = await start(t, [sourceIn('ok', 'acme')]);

  const { headers } = await fetch(url);

  const policy = headers.get('content-security-policy') ?? '';
  t.match(policy, "default-src 'none'; script-src 'self'; style-src 'self'");
  t.notMatch(policy, 'unsafe');
  t.equal(headers.get('cache-control'), 'no-store');
  t.equal(headers.get('referrer-policy'), 'same-origin', 'or browsers would hide where a form comes from');
});

t.test('regions of a customer that share a cause are one problem, worst first', async (t) => {
  const sources = [
    sourceIn('silent', 'globex', { region: 'eu-west-1' }),
    sourceIn('silent', 'globex', { region: 'eu-west-2' }),
    sourceIn('failing', 'initech'),
    sourceIn('pending', 'new'),
  ];

  const problems = problemsOf(statusOf(sources).data);

  t.match(problems, [
    {
      source: { customer: 'initech' },
      others: 0,
      next: 'guardrelay doctor --customer initech --region us-east-1',
    },
    { source: { customer: 'globex' }, others: 1, next: /^guardrelay doctor --customer globex$/ },
  ]);
  t.equal(problems.length, 2, 'a new source is no problem');
});

t.test('a blocked source leads to the test of its destination', async (t) => {
  const [problem] = problemsOf(statusOf([sourceIn('blocked', 'acme')]).data);

  t.match(problem, { source: { code: 'DST-004' }, next: 'guardrelay destinations test splunk-main' });
});

t.test('four numbers tell what is proven, how late, what waits and what was refused', async (t) => {
  const figures = figuresOf(statusOf([sourceIn('ok', 'acme'), sourceIn('blocked', 'globex')]));

  t.match(figures, [
    { value: '1 of 2', note: 'in 2 customers' },
    { value: '4.2 s', note: 'last record of 2 sources' },
    { value: '9m', note: '312 records not acknowledged' },
    { value: '0' },
  ]);
  t.match(figuresOf(statusOf([])), [{ value: '0 of 0' }, { value: '–' }, { value: '0 s' }, { value: '0' }]);
});

t.test('the verdict is coloured by what needs action, then by what is not known', async (t) => {
  t.equal(toneOf(statusOf([sourceIn('silent', 'a'), sourceIn('ok', 'b')])), 'failing');
  t.equal(toneOf(statusOf([sourceIn('unproven', 'a'), sourceIn('ok', 'b')])), 'unproven');
  t.equal(toneOf(statusOf([sourceIn('quiet', 'a')])), 'ok');
  t.equal(toneOf(statusOf([])), 'pending');
  t.equal(deliveryText(statusOf([sourceIn('ok', 'a')])), 'The destination acknowledges.');
  t.equal(deliveryText(statusOf([sourceIn('blocked', 'a')])), 'Blocked: splunk-main.');
});

t.test('a cell speaks for the worst of its accounts, in words', async (t) => {
  const { data } = statusOf([
    sourceIn('quiet', 'acme', { account: '111111111111' }),
    sourceIn('silent', 'acme', { account: '222222222222' }),
  ]);

  const { rows, regions } = matrixOf(data);
  const cell = rows[0]?.cells.get('us-east-1');

  t.same(regions, ['us-east-1']);
  if (!cell) throw new Error('there is no cell');
  t.equal(cellText(cell, { mode: 'age', now: NOW }), '✖ 47m');
  t.equal(cellText(cell, { mode: 'errors', now: NOW }), '✖ SRC-001');
  t.equal(cellText(cell, { mode: 'lag', now: NOW }), '✖ 4.2 s');
  const findings = findingsBy([cell.source, cell.source]);
  t.equal(cellText(cell, { mode: 'findings', now: NOW, findings }), '✖ 2');
  t.match(cellName(cell, NOW), 'worst of 2 sources');
  t.equal(cellLink(cell), '/sources?customer=acme&region=us-east-1');
  t.equal(rows[0] && isQuietRow(rows[0]), false);
});

t.test('times and counts are written the same way everywhere', async (t) => {
  t.equal(utcText(NOW), '2026-11-21 12:00:00');
  t.equal(sinceText(undefined, NOW), 'never');
  t.equal(spokenAge(new Date(NOW - 60_000).toISOString(), NOW), '1 minute');
  t.equal(spokenAge(undefined, NOW), 'never');
  t.equal(sinceText(new Date(NOW + 60_000).toISOString(), NOW), '0s', 'the clock of AWS may be ahead');
  t.equal(lagText(130), '2m');
  t.equal(grouped(3638), '3,638');
  t.equal(counted(1, 'source'), '1 source');
});

t.test('arrow keys, Home and End move between cells and stop at the edge', async (t) => {
  const size = { rows: 2, columns: 3 };

  for (const [key, from, to] of [
    ['ArrowRight', { row: 0, column: 2 }, { row: 0, column: 2 }],
    ['ArrowLeft', { row: 0, column: 1 }, { row: 0, column: 0 }],
    ['ArrowDown', { row: 0, column: 1 }, { row: 1, column: 1 }],
    ['ArrowUp', { row: 0, column: 1 }, { row: 0, column: 1 }],
    ['Home', { row: 1, column: 2 }, { row: 1, column: 0 }],
    ['End', { row: 1, column: 0 }, { row: 1, column: 2 }],
    ['Tab', { row: 1, column: 0 }, undefined],
  ] as const) {
    t.same(nextCell(key, from, size), to, key);
  }
});

t.test('what lasts is told once, with its beginning and its end', async (t) => {
  t.same(runsOf([undefined, 'quiet', 'quiet', 'silent']), [
    { state: undefined, from: 0, to: 1 },
    { state: 'quiet', from: 1, to: 3 },
    { state: 'silent', from: 3, to: 4 },
  ]);
  t.same(runsOf([]), []);
});
