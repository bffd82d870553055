import { fileURLToPath } from 'node:url';

import { type Command, type Ran, runChild } from '../peers/support/child.ts';

const MAIN = fileURLToPath(new URL('../../agent/main.ts', import.meta.url));

interface CliOptions extends Pick<Command, 'cwd' | 'env'> {
  /** For Node itself. */
  readonly nodeOptions?: readonly string[];
}

/** The real command line in a process of its own. */
export function runCli(
  args: readonly string[],
  { nodeOptions = [], ...options }: CliOptions = {},
): Promise<Ran> {
  return runChild({ command: process.execPath, args: [...nodeOptions, MAIN, ...args], ...options });
}
