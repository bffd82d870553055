import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';

import { ALL_CHECKS, groupName, groupOf } from '../../agent/commands/doctor/catalog.ts';

t.test('every group of checks has a name for people', (t) => {
  for (const code of ALL_CHECKS) t.not(groupName(groupOf(code)), groupOf(code), code);
  t.end();
});

/** The texts of the tests beside this one, and of those of the checks. */
function testTexts(): readonly string[] {
  return ['commands', 'deploy'].flatMap((folder) => {
    const url = new URL(`../${folder}/`, import.meta.url);
    return readdirSync(url).map((name) => readFileSync(new URL(name, url), 'utf8'));
  });
}

t.test('every check has a test in which it does not pass', (t) => {
  const texts = testTexts();

  for (const code of ALL_CHECKS) {
    const failing = new RegExp(`${code}[^]{0,200}?(failed|warned)|(failed|warned)[^]{0,100}?${code}`);
    t.ok(
      texts.some((text) => failing.test(text)),
      code,
    );
  }
  t.end();
});
