import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';

import { runChild } from './support/child.ts';

const MAIN = fileURLToPath(new URL('../../agent/main.ts', import.meta.url));
const COMPLETED: Readonly<Record<string, readonly string[]>> = {
  'guardrelay sta': ['status'],
  'guardrelay template ': ['link', 'policy', 'print'],
  'guardrelay plan --progress ': ['bar', 'events', 'none'],
  'guardrelay status --customer a': ['acme', 'apex'],
  'guardrelay status --customer acme,': ['acme,apex'],
  'guardrelay test --region eu-': ['eu-west-1'],
  'guardrelay status --config g': ['guardrelay.yaml'],
};

/** A folder with a configuration of two customers, and guardrelay in the path. */
async function scene(t: Test): Promise<{ cwd: string; env: Record<string, string> }> {
  const cwd = t.testdir({ bin: {} });
  const customers = ['acme', 'apex'].map((id, at) => ({
    ...{ id, auth: { type: 'default' }, regions: ['eu-west-1', 'us-east-1'], destinations: ['siem'] },
    accounts: { collect: [`${at}`.repeat(12)] },
  }));
  const siem = { id: 'siem', type: 'webhook', url: 'https://siem.example.com' };
  await writeFile(
    join(cwd, 'guardrelay.yaml'),
    JSON.stringify({ version: 1, customers, destinations: [siem] }),
  );
  await mkdir(join(cwd, 'home'));
  await writeFile(join(cwd, 'bin', 'guardrelay'), `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`, {
    mode: 0o755,
  });
  await symlink(process.execPath, join(cwd, 'bin', 'node'));
  return { cwd, env: { PATH: `${join(cwd, 'bin')}:${process.env.PATH}`, HOME: join(cwd, 'home') } };
}

for (const shell of ['bash', 'zsh', 'fish']) {
  t.test(`${shell} completes commands, options, customers, regions and files`, async (t) => {
    const { cwd, env } = await scene(t);
    const input = Object.keys(COMPLETED).join('\n').concat('\n');

    const ran = await runChild({
      command: shell,
      args: [fileURLToPath(new URL(`completion/drive.${shell}`, import.meta.url))],
      cwd,
      env,
      input,
    });

    const found = ran.stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split('|'));
    const completed = Object.fromEntries(
      found.map(([line, words = '']) => [line, words.split(' ').toSorted()]),
    );
    t.strictSame(completed, COMPLETED, { stderr: ran.stderr });
  });
}
