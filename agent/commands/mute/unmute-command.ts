import type { ArgumentsCamelCase, Argv } from 'yargs';

import type { GlobalOptions } from '../global-options.ts';

type UnmuteOptions = GlobalOptions & { id: string };

export function builder(yargs: Argv<GlobalOptions>): Argv<UnmuteOptions> {
  return yargs.positional('id', {
    type: 'string',
    demandOption: true,
    describe: 'As `guardrelay mute` lists it',
  });
}

export async function handler(argv: ArgumentsCamelCase<UnmuteOptions>): Promise<void> {
  const { unmuteSources } = await import('./mute-sources.ts');
  process.exitCode = await unmuteSources(argv);
}
