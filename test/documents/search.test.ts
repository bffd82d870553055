import { readFileSync } from 'node:fs';
import t from 'tap';

import { createMatcher, searchableOf } from '../../agent/search/matching.ts';

const PAGE = readFileSync(new URL('../../docs/search.md', import.meta.url), 'utf8');
const [, SECTION = ''] = PAGE.split('## Patterns');
const [PATTERNS = ''] = SECTION.split('## Narrowing');

const ROWS = [...PATTERNS.matchAll(/^\| `(.+?)` \| .* \| (account )?`(.+?)` \| `(.+?)` \|$/gm)];

function isFound(pattern: string, raw: string, account = '999988887777'): boolean {
  const place = { customer: 'acme', account, region: 'eu-west-1', source: 's', eventId: 'e' };
  const record = { ...place, time: 1, kind: 'finding', what: '', key: 'k', raw } as const;
  return createMatcher({ pattern })(searchableOf(record));
}

t.test('each pattern of the page finds what the page says, and not the other text', async (t) => {
  t.equal(ROWS.length, 6);
  for (const [, pattern = '', isAccount, found = '', other = ''] of ROWS) {
    t.ok(isAccount ? isFound(pattern, '', found) : isFound(pattern, found), `${pattern} finds ${found}`);
    t.notOk(isFound(pattern, other), `${pattern} does not find ${other}`);
  }
});
