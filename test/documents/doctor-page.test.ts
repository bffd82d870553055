import { readFileSync } from 'node:fs';
import t from 'tap';

import { ALL_CHECKS, groupOf } from '../../agent/commands/doctor/catalog.ts';
import { ERROR_CODES } from '../../agent/model/error.ts';

const PAGE = readFileSync(new URL('../../docs/doctor.md', import.meta.url), 'utf8');

/** The codes in the first column of the table under this title. */
function codesUnder(title: string): readonly string[] {
  const [, section = ''] = PAGE.split(`\n## ${title}\n`);
  const [own = ''] = section.split('\n## ');
  return [...own.matchAll(/^\| \[([A-Z]+-\d{3})\]\(errors\/\1\.md\) \|/gm)].map(([, code = '']) => code);
}

t.test('the page of doctor names every check, and none that does not exist', (t) => {
  t.same(codesUnder('What is checked').toSorted(), ALL_CHECKS.toSorted());
  t.end();
});

t.test('every code of a group that doctor checks is a check, or the page says who tells it', (t) => {
  const groups = new Set(ALL_CHECKS.map(groupOf));
  const codes = Object.keys(ERROR_CODES).filter((code) => groups.has(code.replace(/-\d+$/, '')));
  const told = codesUnder('Other codes');

  t.same(
    told.filter((code) => ALL_CHECKS.some((check) => check === code)),
    [],
    'a check is no other code',
  );
  t.same(
    codes.filter((code) => !told.includes(code) && !ALL_CHECKS.some((check) => check === code)),
    [],
  );
  t.same(
    told.filter((code) => !Object.hasOwn(ERROR_CODES, code)),
    [],
  );
  t.end();
});
