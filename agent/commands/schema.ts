import type { Argv } from 'yargs';

import type { GlobalOptions } from './global-options.ts';

export function builder(yargs: Argv<GlobalOptions>): Argv<GlobalOptions> {
  return yargs;
}

export async function handler(): Promise<void> {
  const { configurationJsonSchema } = await import('../config/json-schema.ts');
  process.stdout.write(configurationJsonSchema());
}
