import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

import t from 'tap';

const root = new URL('../../', import.meta.url);
const dockerfiles = ['Dockerfile', 'config/compose/rsyslog/Dockerfile'] as const;

interface Instruction {
  readonly name: string;
  readonly value: string;
}

function instructionsOf(text: string): readonly Instruction[] {
  const lines = text.replace(/\\\n/g, ' ').split('\n');
  return lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ name: line.split(' ', 1)[0] ?? '', value: line.slice(line.indexOf(' ') + 1).trim() }));
}

async function read(file: string): Promise<readonly Instruction[]> {
  return instructionsOf(await readFile(new URL(file, root), 'utf8'));
}

function valuesOf(instructions: readonly Instruction[], name: string): readonly string[] {
  return instructions.filter((instruction) => instruction.name === name).map(({ value }) => value);
}

/** Exec form: a JSON array of words, so that no shell stands between the signal and the program. */
function words(value: string): unknown {
  return JSON.parse(value.slice(value.indexOf('[')));
}

for (const file of dockerfiles) {
  t.test(`${file} builds with any builder and leaves nothing to chance`, async (t) => {
    const text = await readFile(new URL(file, root), 'utf8');

    const instructions = instructionsOf(text);

    t.notMatch(text, /^# *syntax=/m, 'no frontend to download');
    t.notMatch(text, /--mount|--chmod/, 'nothing that only BuildKit knows');
    t.same(valuesOf(instructions, 'ADD'), [], 'COPY does what it says, ADD does more');
    const images = [...valuesOf(instructions, 'ARG'), ...valuesOf(instructions, 'FROM')];
    for (const image of images) t.notMatch(image, /latest/, image);
    t.match(images[0], /^[A-Z]+_IMAGE=[a-z]+:[\w.-]+$/, 'the base image has a tag and can be replaced');
  });

  t.test(`${file} runs as an ordinary user`, async (t) => {
    const instructions = await read(file);

    const users = valuesOf(instructions, 'USER');

    t.equal(users.length, 1);
    t.notMatch(users[0], /^(root|0)\b/);
    const lastRoot = instructions.findLastIndex(({ name }) => name === 'RUN' || name === 'COPY');
    t.ok(
      instructions.findIndex(({ name }) => name === 'USER') > lastRoot,
      'and owns nothing it could change',
    );
  });
}

t.test('the agent is the first program of its container and gets its signals', async (t) => {
  const instructions = await read('Dockerfile');

  const [entrypoint] = valuesOf(instructions, 'ENTRYPOINT').map(words);
  const [command] = valuesOf(instructions, 'CMD').map(words);

  t.same(entrypoint, ['node', 'agent/main.ts']);
  t.same(command, ['run']);
});

t.test('the health check asks /livez', async (t) => {
  const [healthcheck = ''] = valuesOf(await read('Dockerfile'), 'HEALTHCHECK');

  const command = words(healthcheck);

  t.match(healthcheck, /--interval=\d+s .*--timeout=\d+s/);
  t.match(command, ['node', '--eval', "fetch('http://127.0.0.1:8686/livez')"]);
});

t.test('the data directory is the only volume', async (t) => {
  t.same(valuesOf(await read('Dockerfile'), 'VOLUME'), ['/var/lib/guardrelay']);
});

t.test(
  'dependencies and console are made in stages of their own, and nothing of development is in the image',
  async (t) => {
    const instructions = await read('Dockerfile');

    const stages = valuesOf(instructions, 'FROM');
    const handedOn = valuesOf(instructions, 'COPY').filter((value) => value.startsWith('--from'));

    t.match(stages, [/ AS dependencies$/, / AS console$/, /^\S+$/]);
    t.match(valuesOf(instructions, 'RUN')[0], /^npm ci --omit=dev --ignore-scripts/);
    t.same(handedOn, [
      '--from=dependencies /app/node_modules ./node_modules',
      '--from=console /app/dist/web ./dist/web',
    ]);
  },
);

t.test('what the Dockerfile copies exists, and only that gets into the build', async (t) => {
  const copied = valuesOf(await read('Dockerfile'), 'COPY')
    .filter((value) => !value.startsWith('--from'))
    .flatMap((value) => value.split(' ').slice(0, -1));
  const patterns = (await readFile(new URL('.dockerignore', root), 'utf8')).split('\n');

  const letIn = patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => pattern.slice(1));

  t.equal(
    patterns.find((pattern) => !pattern.startsWith('#')),
    '**',
    'everything is kept out first',
  );
  t.same([...letIn].sort(), [...new Set(copied)].sort());
  for (const path of letIn) t.ok(existsSync(new URL(path, root)), `${path} exists`);
});
