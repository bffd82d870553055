import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Test } from 'tap';

import type { Child, Ran } from '../peers/support/child.ts';
import { until } from '../peers/support/until.ts';
import type { Scene } from './agent-cli.ts';
import { runCli, startCli } from './cli.ts';

/** An agent in a process of its own, and commands that know where it listens. */
export interface LiveAgent {
  readonly url: string;
  readonly child: Child;
  guardrelay(...args: readonly string[]): Promise<Ran>;
  start(...args: readonly string[]): Promise<Child>;
}

/** Resolves when a process has written this. */
export async function written(child: Child, pattern: RegExp): Promise<string> {
  const text = (): string => child.stderr() + child.stdout();
  await until(`${pattern} in what it writes`, () => pattern.test(text()) || !child.running());
  const [found] = pattern.exec(text()) ?? [];
  if (found === undefined) throw new Error(`it ended before it wrote ${pattern}: ${text()}`);
  return found;
}

/** Has delivered the events of the scene, of which there must be some; ends with the test. */
export async function startLiveAgent(t: Test, { cwd, env, siem }: Scene): Promise<LiveAgent> {
  const child = await startCli(['run'], { cwd, env });
  t.teardown(() => child.end('SIGKILL'));
  const url = await written(child, /http:\/\/127\.0\.0\.1:\d+(?="})/);
  await siem.received(1);
  const file = join(cwd, 'guardrelay.yaml');
  const config = JSON.parse(await readFile(file, 'utf8'));
  const beside = { ...config, http: { ...config.http, listen: new URL(url).host } };
  await writeFile(join(cwd, 'beside.yaml'), JSON.stringify(beside));
  const named = { ...env, GUARDRELAY_CONFIG: 'beside.yaml' };
  return {
    url,
    child,
    guardrelay: (...args) => runCli(args, { cwd, env: named }),
    start: (...args) => startCli(args, { cwd, env: named }),
  };
}
