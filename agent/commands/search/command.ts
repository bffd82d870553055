import type { ArgumentsCamelCase, Argv, InferredOptionTypes, Options } from 'yargs';

import { endpointUrlOption, type GlobalOptions } from '../global-options.ts';
import { spanOf } from '../instant.ts';

/** What `search` and `tail` both may be told of records. */
export const recordOptions = {
  account: {
    type: 'string',
    requiresArg: true,
    describe: 'Only records of this account, collecting or member',
  },
  region: { type: 'string', requiresArg: true, describe: 'Only records of this region; * and ? as in eu-*' },
  kind: {
    choices: ['finding', 'config-change', 'guardduty-event', 'unknown', 'unparsed', 'notice'],
    describe: 'Only records of this kind',
  },
  'min-severity': {
    type: 'number',
    requiresArg: true,
    describe: 'Only findings of this severity or above, and changes: medium is 4, high 7, critical 9',
  },
  type: {
    type: 'string',
    requiresArg: true,
    describe: "Only this finding type or API call; * and ? as in 'Recon:*'",
  },
  'endpoint-url': endpointUrlOption,
} as const satisfies Record<string, Options>;

const options = {
  since: {
    type: 'string',
    requiresArg: true,
    default: '7d',
    describe: 'Only records newer than this: 24h, 7d, or a time such as 2026-01-31T00:00:00Z',
  },
  until: { type: 'string', requiresArg: true, describe: 'Only records older than this, written likewise' },
  limit: { type: 'number', requiresArg: true, default: 50, describe: 'At most so many records, the newest' },
  ...recordOptions,
  from: {
    choices: ['index', 'cloudwatch'],
    default: 'index' as const,
    describe: 'index: what the agent delivered; cloudwatch: the log groups themselves, with no agent',
  },
  timeout: {
    type: 'string',
    requiresArg: true,
    default: '2m',
    coerce: (text: string): number => spanOf('timeout', text),
    describe: 'Stop reading log groups after this: 30s, 10m (exit code 6)',
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
    .options(options)
    .epilog('Exit codes: 6 --timeout was over, 7 some log groups could not be read.');
}

export async function handler(argv: ArgumentsCamelCase<SearchOptions>): Promise<void> {
  const { showRecords } = await import('./show-records.ts');
  process.exitCode = await showRecords(argv);
}
