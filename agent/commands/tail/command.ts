import type { ArgumentsCamelCase, Argv, InferredOptionTypes, Options } from 'yargs';

import type { GlobalOptions } from '../global-options.ts';
import { recordOptions } from '../search/command.ts';

const options = {
  stage: {
    choices: ['in', 'out'],
    default: 'in' as const,
    describe: 'in: what arrives in the log groups; out: what destinations acknowledge, beside an agent',
  },
  ...recordOptions,
  raw: { type: 'boolean', default: false, describe: 'Print the original text of each record' },
} as const satisfies Record<string, Options>;

type TailOptions = GlobalOptions & InferredOptionTypes<typeof options> & { pattern: string | undefined };

export function builder(yargs: Argv<GlobalOptions>): Argv<TailOptions> {
  return yargs
    .positional('pattern', { type: 'string', describe: 'As for search; absent: every record' })
    .options(options)
    .epilog('--json and -o ndjson print a line of JSON for each record.');
}

export async function handler(argv: ArgumentsCamelCase<TailOptions>): Promise<void> {
  const { tailRecords } = await import('./tail-records.ts');
  process.exitCode = await tailRecords(argv);
}
