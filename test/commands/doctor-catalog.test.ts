import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';

import { ALL_CHECKS, groupName, groupOf } from '../../agent/commands/doctor-catalog.ts';
import { ERROR_CODES } from '../../agent/model/error.ts';

/** Codes of the groups of doctor that no check of their own stands for, and who tells of them. */
const TOLD_BY_OTHERS: Readonly<Record<string, readonly string[]>> = {
  'every command, before it does anything': [
    ...['CFG-001', 'CFG-002', 'CFG-003', 'CFG-004', 'CFG-005', 'CFG-006', 'CFG-007'],
  ],
  'AUTH-006, as the cause': ['REG-001'],
  'LOG-004, as the cause': ['LOG-005'],
  'plan, deploy and destroy': ['CFN-001', 'CFN-012', 'CFN-013'],
  'a destination, as the cause': ['DST-007'],
  'the running agent': ['AGT-005', 'AGT-006', 'AGT-007'],
};

t.test('every code of the groups of doctor is a check, or told of by somebody else', (t) => {
  const groups = new Set(ALL_CHECKS.map(groupOf));

  const codes = Object.keys(ERROR_CODES).filter((code) => groups.has(code.replace(/-\d+$/, '')));

  t.same(codes.sort(), [...ALL_CHECKS, ...Object.values(TOLD_BY_OTHERS).flat()].sort());
  for (const group of groups) t.not(groupName(group), group, `${group} has a name for people`);
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
