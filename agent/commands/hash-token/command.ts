import type { ArgumentsCamelCase, Argv, InferredOptionTypes, Options } from 'yargs';

import type { GlobalOptions } from '../global-options.ts';

const options = {
  password: {
    type: 'boolean',
    default: false,
    describe: 'Hash a password for http.auth of the type basic; it is asked for',
  },
} as const satisfies Record<string, Options>;

type HashOptions = GlobalOptions & InferredOptionTypes<typeof options>;

const EPILOGUE = [
  'Without --password it draws a token, shows it once on stderr, and prints its hash, for http.auth of the type token.',
  'The hash goes into a file or variable that the configuration names: guardrelay hash-token > /etc/guardrelay/soc.hash',
].join('\n\n');

export function builder(yargs: Argv<GlobalOptions>): Argv<HashOptions> {
  return yargs.options(options).epilogue(EPILOGUE);
}

export async function handler(argv: ArgumentsCamelCase<HashOptions>): Promise<void> {
  const { printHash } = await import('./print-hash.ts');
  process.exitCode = await printHash(argv);
}
