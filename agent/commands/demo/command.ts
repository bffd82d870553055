import type { ArgumentsCamelCase, Argv, InferredOptionTypes, Options } from 'yargs';

import type { GlobalOptions } from '../global-options.ts';

const options = {
  port: { type: 'number', default: 8686, describe: 'Port of the page on 127.0.0.1' },
  once: { type: 'boolean', default: false, describe: 'Stop when every finding is delivered' },
} as const satisfies Record<string, Options>;

type DemoOptions = GlobalOptions & InferredOptionTypes<typeof options>;

export function builder(yargs: Argv<GlobalOptions>): Argv<DemoOptions> {
  return yargs.options(options);
}

export async function handler(argv: ArgumentsCamelCase<DemoOptions>): Promise<void> {
  const { showDemo } = await import('./show-demo.ts');
  process.exitCode = await showDemo(argv);
}
