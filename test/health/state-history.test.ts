import t from 'tap';

import { createStateHistory } from '../../agent/health/state-history.ts';

const START = Date.UTC(2026, 10, 21, 12);
const QUARTER_MS = 15 * 60_000;

t.test('a cell keeps the worst state, and a gap stays a gap', (t) => {
  let now = START;
  const history = createStateHistory(() => now);

  history.note('a', 'quiet');
  history.note('a', 'silent');
  history.note('a', 'ok');
  now += 2 * QUARTER_MS;
  history.note('a', 'ok');

  const { from, cells } = history.strip('a');
  t.equal(cells.length, 96);
  t.equal(from, now - 95 * QUARTER_MS);
  t.same(cells.slice(-4), [undefined, 'silent', undefined, 'ok']);
  t.same(new Set(history.strip('unknown').cells), new Set([undefined]));
  t.end();
});

t.test('a day later nothing is left', (t) => {
  let now = START;
  const history = createStateHistory(() => now);

  history.note('a', 'failing');
  now += 96 * QUARTER_MS;

  t.same(new Set(history.strip('a').cells), new Set([undefined]));
  history.note('a', 'ok');
  t.same(history.strip('a').cells.filter(Boolean), ['ok'], 'a ring that comes round forgets too');
  t.end();
});

t.test('a clock that was ahead hides nothing that comes after', (t) => {
  for (const ahead of [4, 96 * 30] as const) {
    let now = START;
    const history = createStateHistory(() => now);
    history.note('a', 'ok');
    now += ahead * QUARTER_MS;
    history.note('a', 'silent');
    now = START + QUARTER_MS;

    history.note('a', 'quiet');

    const { cells } = history.strip('a');
    t.same(cells.filter(Boolean), ahead < 96 ? ['ok', 'quiet'] : ['quiet'], `${ahead} cells`);
    now += 4 * QUARTER_MS;
    history.note('a', 'ok');
    t.same(history.strip('a').cells.slice(-5), ['quiet', undefined, undefined, undefined, 'ok']);
  }
  t.end();
});

t.test('what is saved is there after a restart, and what is damaged is not', (t) => {
  let now = START;
  const before = createStateHistory(() => now);
  before.note('a', 'lagging');
  before.note('gone', 'ok');
  const stored = before.saved();
  now += QUARTER_MS;

  const after = createStateHistory(() => now, stored);
  after.note('a', 'ok');

  t.same(after.strip('a').cells.slice(-2), ['lagging', 'ok']);
  for (const text of ['', '{', '{"states":["ok"],"sources":{}}', stored.replace('"failing"', '"broken"')]) {
    t.same(new Set(createStateHistory(() => now, text).strip('a').cells), new Set([undefined]), text);
  }
  now += 96 * QUARTER_MS;
  t.notMatch(after.saved(), 'gone');
  t.end();
});
