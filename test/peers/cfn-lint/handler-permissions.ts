// Compares test/fixtures/handler-permissions.json with the resource schemas that cfn-lint brings, which are AWS's own.
// usage: node handler-permissions.ts FOLDER_OF_CFN_LINT [--write]
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';

import { parseTemplate } from '../../../agent/localaws/cloudformation/template/template.ts';

const ROOT = new URL('../../../', import.meta.url);
const FIXTURE = new URL('test/fixtures/handler-permissions.json', ROOT);
const REGION = 'us-east-1';

const schema = z.object({
  handlers: z.record(z.string(), z.object({ permissions: z.array(z.string()) })),
  tagging: z.object({ permissions: z.array(z.string()).default([]) }).prefault({}),
});

/** What the handlers of a type need to make, read, change and delete a resource and its tags; lists are for imports. */
function permissionsOf(file: string): Readonly<Record<string, readonly string[]>> {
  const { handlers, tagging } = schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  const { list: _, ...used } = handlers;
  const named = Object.entries(used).map(([name, { permissions }]) => [name, permissions.toSorted()]);
  return Object.fromEntries([...named, ['tagging', tagging.permissions.toSorted()]]);
}

const [folder = '', option] = process.argv.slice(2);
const [data] = globSync('lib/python*/site-packages/cfnlint/data/schemas', { cwd: folder });
if (data === undefined) throw new Error(`there is no cfn-lint in ${folder}`);
const schemas = `${folder}/${data}`;
const files = z
  .record(z.string(), z.string())
  .parse(JSON.parse(readFileSync(`${schemas}/providers/${REGION}.json`, 'utf8')));
const templates = globSync('templates/*.yaml', { cwd: ROOT }).map((path) =>
  readFileSync(new URL(path, ROOT), 'utf8'),
);
const types = templates
  .flatMap((body) => [...parseTemplate(body).Resources.values()])
  .map(({ Type }) => Type);
const found = Object.fromEntries(
  [...new Set(types)].sort().map((type) => [type, permissionsOf(`${schemas}/resources/${files[type]}.json`)]),
);

if (option === '--write') writeFileSync(FIXTURE, `${JSON.stringify(found, null, 2)}\n`);
if (!isDeepStrictEqual(JSON.parse(readFileSync(FIXTURE, 'utf8')), found)) {
  throw new Error(`${FIXTURE.pathname} is not what the schemas say: run this with --write, then test/deploy`);
}
process.stdout.write(
  `handler permissions of ${Object.keys(found).length} resource types are as AWS documents them\n`,
);
