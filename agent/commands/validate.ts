import type { ArgumentsCamelCase, Argv, InferredOptionTypes, Options } from 'yargs';

import type { GlobalOptions } from './global-options.ts';

const options = {
  'show-resolved': {
    type: 'boolean',
    default: false,
    describe: 'Print the configuration with everything that customers inherit',
  },
  strict: { type: 'boolean', default: false, describe: 'Warnings end with exit code 3' },
} as const satisfies Record<string, Options>;

export const command = 'validate';
export const describe = 'Check the configuration file, without a network';

export function builder(
  yargs: Argv<GlobalOptions>,
): Argv<GlobalOptions & InferredOptionTypes<typeof options>> {
  return yargs.options(options);
}

export async function handler(argv: ArgumentsCamelCase<GlobalOptions>): Promise<void> {
  const { loadConfig } = await import('../config/load.ts');
  await loadConfig(argv.config, process.env);
}
