import type { ArgumentsCamelCase, Argv, InferredOptionTypes, Options } from 'yargs';

import type { GlobalOptions } from '../global-options.ts';

const options = {
  all: { type: 'boolean', default: false, describe: 'Also list the sources that are proven' },
  matrix: {
    type: 'boolean',
    default: false,
    describe: 'Customers by regions, with the age of the last heartbeat',
  },
  watch: {
    type: 'boolean',
    default: false,
    describe: 'Look again every two seconds until Ctrl-C; without a terminal, a line for each change',
  },
  'no-fail': { type: 'boolean', default: false, describe: 'End with exit code 0 whatever the state' },
} as const satisfies Record<string, Options>;

type StatusOptions = GlobalOptions & InferredOptionTypes<typeof options>;

export function builder(yargs: Argv<GlobalOptions>): Argv<StatusOptions> {
  return yargs.options(options);
}

export async function handler(argv: ArgumentsCamelCase<StatusOptions>): Promise<void> {
  const { showStatus } = await import('./show-status.ts');
  const exitCode = await showStatus(argv);
  process.exitCode = argv.noFail ? 0 : exitCode;
}
