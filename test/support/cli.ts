import { fileURLToPath } from 'node:url';

import { type Child, type Command, type Ran, runChild, startChild } from '../peers/support/child.ts';

// Types are stripped and modules compiled once for all tests: half the time of a start.
const COMPILE_CACHE = fileURLToPath(new URL('../../node_modules/.cache/guardrelay-tests', import.meta.url));

const MAIN = fileURLToPath(new URL('../../agent/main.ts', import.meta.url));

interface CliOptions extends Pick<Command, 'cwd' | 'env' | 'input'> {
  /** For Node itself. */
  readonly nodeOptions?: readonly string[];
}

function cliCommand(args: readonly string[], { nodeOptions = [], env, ...options }: CliOptions): Command {
  const cached = { NODE_COMPILE_CACHE: COMPILE_CACHE, ...env };
  return { command: process.execPath, args: [...nodeOptions, MAIN, ...args], env: cached, ...options };
}

/** Where an agent listens, as its log says last. */
export function listeningUrl(agent: Child): string {
  const url = [...agent.stderr().matchAll(/"url":"(http:[^"]+)"/g)].at(-1)?.[1];
  if (url === undefined) throw new Error('it does not say where it listens');
  return url;
}

/** The real command line in a process of its own. */
export function runCli(args: readonly string[], options: CliOptions = {}): Promise<Ran> {
  return runChild(cliCommand(args, options));
}

/** The same, for the test to end. */
export function startCli(args: readonly string[], options: CliOptions = {}): Promise<Child> {
  return startChild(cliCommand(args, options));
}
