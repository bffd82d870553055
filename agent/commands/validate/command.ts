import type { ArgumentsCamelCase, Argv, InferredOptionTypes, Options } from 'yargs';

import type { GlobalOptions } from '../global-options.ts';

const options = {
  'show-resolved': {
    type: 'boolean',
    default: false,
    describe: 'Print the configuration with all that customers inherit',
  },
  strict: { type: 'boolean', default: false, describe: 'End with exit code 3 if there are warnings' },
} as const satisfies Record<string, Options>;

type ValidateOptions = GlobalOptions & InferredOptionTypes<typeof options>;

export function builder(yargs: Argv<GlobalOptions>): Argv<ValidateOptions> {
  return yargs.options(options);
}

export async function handler(argv: ArgumentsCamelCase<ValidateOptions>): Promise<void> {
  const { checkConfig } = await import('./check-config.ts');
  process.exitCode = await checkConfig(argv);
}
