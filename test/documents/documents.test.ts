import { existsSync, readdirSync, readFileSync } from 'node:fs';
import t from 'tap';

import { SOURCE_STATES } from '../../agent/health/states.ts';
import { ERROR_CODES } from '../../agent/model/error.ts';
import { EVENT_TYPES, HAPPENING, LASTING } from '../../agent/notify/event-types.ts';

const ROOT = new URL('../../', import.meta.url);

function read(path: string): string {
  return readFileSync(new URL(path, ROOT), 'utf8');
}

/** Paths in backquotes that begin with a folder of the project; placeholders such as <kind> stand for any name. */
function pathsIn(text: string): readonly string[] {
  const paths = text.matchAll(/`((?:agent|test|docs|config|templates|\.ci)\/[\w<>./-]*)`/g);
  return [...new Set([...paths].map(([, path = '']) => path))];
}

for (const document of ['ARCHITECTURE.md', 'CONTRIBUTING.md', 'README.md']) {
  t.test(`every path that ${document} names exists`, async (t) => {
    const paths = pathsIn(read(document));
    const missing = paths.filter((path) => !existsSync(new URL(path.replace(/<.*$/, ''), ROOT)));

    t.ok(paths.length > 0, 'it names paths');
    t.same(missing, []);
  });
}

t.test('every error code has its page, and every page its code', async (t) => {
  const pages = readdirSync(new URL('docs/errors/', ROOT)).map((name) => name.replace(/\.md$/, ''));

  t.same(pages.toSorted(), Object.keys(ERROR_CODES).toSorted());
});

for (const code of Object.keys(ERROR_CODES)) {
  t.test(`the page of ${code} says what happened and what to do`, async (t) => {
    const page = read(`docs/errors/${code}.md`);

    t.match(page, new RegExp(`^# ${code}`));
    t.match(page, /what to do/i);
  });
}

t.test('every state of a source stands on the page of status, worst first', async (t) => {
  const rows = [...read('docs/status.md').matchAll(/^\| \S `(\w+)` \|/gm)].map(([, state]) => state);

  t.same(rows, SOURCE_STATES);
});

t.test('every event that people may be told of stands on its page with its severity', async (t) => {
  const rows = [...read('docs/notifications.md').matchAll(/^\| (`[a-z.-]+`(?:, `[a-z.-]+`)*) \| (\w+)/gm)];
  const told = rows.flatMap(([, names = '', severity]) =>
    [...names.matchAll(/`([a-z.-]+)`/g)].map(([, name]) => [name, severity] as const),
  );
  const events = told.filter(([name]) => EVENT_TYPES.some((type) => type === name));

  t.same(
    Object.fromEntries(events),
    Object.fromEntries([
      ...Object.entries(LASTING).map(([type, { severity }]) => [type, severity]),
      ...Object.entries(HAPPENING),
    ]),
  );
});

t.test('every dependency has a reason', async (t) => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json'));
  const named = [...read('docs/dependencies.md').matchAll(/^\| (`[^|]*) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name),
  );

  t.same(named.toSorted(), [...Object.keys(dependencies), ...Object.keys(devDependencies)].toSorted());
});
