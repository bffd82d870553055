import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';

import { destinationKinds } from '../support/destination-kinds.ts';
import { optionDifference } from '../support/option-page.ts';

const ROOT = new URL('../../', import.meta.url);
const PAGES = new URL('docs/destinations/', ROOT);

t.test('every kind of destination has its page, and every page its kind', async (t) => {
  const pages = readdirSync(PAGES).filter((name) => name !== 'README.md');

  t.same(pages.toSorted(), [...destinationKinds().keys()].map((kind) => `${kind}.md`).toSorted());
});

t.test('the README links to every page', async (t) => {
  const readme = readFileSync(new URL('README.md', ROOT), 'utf8');

  t.same(
    [...destinationKinds().keys()].filter((kind) => !readme.includes(`(docs/destinations/${kind}.md)`)),
    [],
  );
});

for (const [kind, options] of destinationKinds()) {
  t.test(`the page of ${kind} names every option, and none that does not exist`, async (t) => {
    const page = readFileSync(new URL(`${kind}.md`, PAGES), 'utf8');
    const { named, missing, unknown } = optionDifference(page, options);

    t.ok(named > 0, 'it has a table');
    t.same({ missing, unknown }, { missing: [], unknown: [] });
  });
}
