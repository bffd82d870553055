import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';

import { destinationKinds } from '../support/destination-kinds.ts';

const ROOT = new URL('../../', import.meta.url);
const PAGES = new URL('docs/destinations/', ROOT);

/** What stands in backquotes, outside of examples. */
function codeIn(text: string): readonly string[] {
  return [...text.replaceAll(/^```.*?^```$/gms, '').matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
}

/** Names in the first column of the table of options. */
function optionsIn(page: string): readonly string[] {
  const [, table = ''] = /^\| option .*\n\|[-|]+\n((?:\|.*\n)+)/m.exec(page) ?? [];
  return table.split('\n').flatMap((row) => codeIn(row.split(' | ')[0] ?? ''));
}

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
    const code = codeIn(page).join('\n');
    const named = optionsIn(page).map((option) => option.replace(/\..*/, ''));

    const missing = options.filter((option) => !new RegExp(`\\b${option}\\b`).test(code));

    t.ok(named.length > 0, 'it has a table');
    t.same(missing, []);
    t.same(
      named.filter((option) => !options.includes(option)),
      [],
    );
  });
}
