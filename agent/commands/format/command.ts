import type { ArgumentsCamelCase, Argv, InferredOptionTypes, Options } from 'yargs';

import { FORMAT_NAMES } from '../../model/format.ts';
import type { GlobalOptions } from '../global-options.ts';

const options = {
  as: {
    choices: FORMAT_NAMES,
    requiresArg: true,
    demandOption: true,
    describe: 'The format, as a destination names it',
  },
  'max-bytes': {
    type: 'number',
    requiresArg: true,
    describe: 'Shrink each text to so many bytes, at least 2048 (default: as long as it is)',
  },
  'no-raw-data': {
    type: 'boolean',
    default: false,
    describe: 'Leave the original text out of ocsf and ecs, as rawData: false of a destination does',
  },
  account: {
    type: 'string',
    requiresArg: true,
    default: '000000000000',
    describe: 'Account of the log group, for events that name none',
  },
  region: {
    type: 'string',
    requiresArg: true,
    default: 'us-east-1',
    describe: 'Region of the log group, for events that name none',
  },
} as const satisfies Record<string, Options>;

type FormatOptions = GlobalOptions & InferredOptionTypes<typeof options> & { file: string | undefined };

export function builder(yargs: Argv<GlobalOptions>): Argv<FormatOptions> {
  return yargs
    .positional('file', {
      type: 'string',
      describe: 'One event, JSON Lines, or an export with a list of findings; without it, or with -: stdin',
    })
    .options(options)
    .epilog(
      'Prints the texts alone, one per line; what became of each record is told on stderr. --customer names ' +
        'the customer in texts that tell it (default: acme; with --config the first there, with its name and ' +
        'tags). Exit code 3: a record could not be read or mapped, and is printed as it came, which is how it ' +
        'would be sent.',
    );
}

export async function handler(argv: ArgumentsCamelCase<FormatOptions>): Promise<void> {
  const { showFormat } = await import('./show-format.ts');
  process.exitCode = await showFormat(argv);
}
