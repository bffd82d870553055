import type { ArgumentsCamelCase, Argv, InferredOptionTypes, Options } from 'yargs';

import type { GlobalOptions } from './global-options.ts';

const options = {
  since: {
    type: 'string',
    requiresArg: true,
    default: '7d',
    describe: 'Only records newer than this: 24h, 7d, or a time such as 2026-01-31T00:00:00Z',
  },
  limit: { type: 'number', default: 50, describe: 'At most so many records' },
  kind: {
    choices: ['finding', 'config-change', 'guardduty-event', 'unknown', 'unparsed', 'notice'],
    describe: 'Only records of this kind',
  },
  raw: { type: 'boolean', default: false, describe: 'Print the original text of each record' },
} as const satisfies Record<string, Options>;

type SearchOptions = GlobalOptions & InferredOptionTypes<typeof options> & { pattern: string };

export function builder(yargs: Argv<GlobalOptions>): Argv<SearchOptions> {
  return yargs
    .positional('pattern', {
      type: 'string',
      demandOption: true,
      describe: "12 digits: that account, collecting or member; '*123456789012*': anywhere in the record",
    })
    .options(options);
}

export async function handler(argv: ArgumentsCamelCase<SearchOptions>): Promise<void> {
  const { showRecords } = await import('./show-records.ts');
  process.exitCode = await showRecords(argv);
}
