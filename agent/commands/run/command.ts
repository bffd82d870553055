import type { ArgumentsCamelCase, Argv, InferredOptionTypes, Options } from 'yargs';

import { endpointUrlOption, type GlobalOptions } from '../global-options.ts';

const options = {
  once: {
    type: 'boolean',
    default: false,
    describe: 'One pass: stop when every source was read and everything is delivered',
  },
  timeout: {
    type: 'number',
    default: 300,
    describe: 'With --once: seconds after which to give up (exit code 6)',
  },
  'endpoint-url': endpointUrlOption,
} as const satisfies Record<string, Options>;

type RunOptions = GlobalOptions & InferredOptionTypes<typeof options>;

export function builder(yargs: Argv<GlobalOptions>): Argv<RunOptions> {
  return yargs.options(options);
}

export async function handler(argv: ArgumentsCamelCase<RunOptions>): Promise<void> {
  const { runOnce, runOn } = await import('./run-agent.ts');
  process.exitCode = await (argv.once ? runOnce(argv) : runOn(argv));
}
