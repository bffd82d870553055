import { globSync, readFileSync } from 'node:fs';
import t from 'tap';
import { z } from 'zod';

const ROOT = new URL('../../', import.meta.url);
const PAGE = read('docs/aws-permissions.md');

const oneOrMany = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());
const policy = z.object({
  Statement: z.array(
    z.object({
      Sid: z.string(),
      Action: oneOrMany,
      Resource: oneOrMany,
      Condition: z.record(z.string(), z.record(z.string(), oneOrMany)).default({}),
    }),
  ),
});

function read(path: string): string {
  return readFileSync(new URL(path, ROOT), 'utf8');
}

function inCode(words: readonly string[]): string {
  return words.map((word) => `\`${word}\``).join(' ');
}

/** A statement as the page shows it, without the reason. */
function rowOf({ Sid, Action, Resource, Condition }: z.output<typeof policy>['Statement'][number]): string {
  const conditions = Object.values(Condition)
    .flatMap((keys) => Object.entries(keys))
    .map(([key, values]) => ` if \`${key}\` is ${values.map((value) => `\`${value}\``).join(' or ')}`);
  return `| \`${Sid}\` | … | ${inCode(Action)} | ${inCode(Resource)}${conditions.join('')} |`;
}

/** The section of the page about a file: from its name to the next heading. */
function sectionOf(file: string): string {
  const [, section = ''] = PAGE.split(`\`${file}\``);
  return section.split('\n## ')[0] ?? '';
}

/** The reasons are a matter of taste, but there has to be one. */
function rowsIn(section: string): readonly string[] {
  return [...section.matchAll(/^\| `\w+` \|.*\|$/gm)].map(([row]) =>
    row.replace(/^(\| `\w+` \|) [^|]{8,} \|/, '$1 … |'),
  );
}

const FILES = globSync('templates/*-policy*.json', { cwd: ROOT }).map((path) =>
  path.replace('templates/', ''),
);

for (const file of FILES) {
  t.test(`the page shows every statement of ${file} as it is, and no other`, async (t) => {
    const { Statement } = policy.parse(JSON.parse(read(`templates/${file}`)));

    t.same(rowsIn(sectionOf(file)), Statement.map(rowOf));
  });
}

t.test('the README and the page of onboarding link to it', async (t) => {
  t.match(read('docs/onboarding.md'), '(aws-permissions.md)');
  t.match(read('README.md'), '(docs/aws-permissions.md)');
});
