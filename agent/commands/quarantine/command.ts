import type { ArgumentsCamelCase, Argv, InferredOptionTypes, Options } from 'yargs';

import type { GlobalOptions } from '../global-options.ts';

const filters = {
  dest: {
    alias: 'destination',
    type: 'string',
    requiresArg: true,
    describe: 'Only what this destination refused',
  },
  account: {
    type: 'string',
    requiresArg: true,
    describe:
      'Only records of this account: the one that they are about, or the one whose log group they came from',
  },
  since: {
    type: 'string',
    requiresArg: true,
    describe: 'Only what was refused since then: 24h, 7d, or a time such as 2026-01-31T00:00:00Z',
  },
} as const satisfies Record<string, Options>;

const retryOptions = {
  ...filters,
  all: { type: 'boolean', default: false, describe: 'Everything that stands in quarantine' },
  to: {
    type: 'string',
    requiresArg: true,
    describe: 'Send to this destination instead of the one that refused',
  },
  timeout: {
    type: 'number',
    requiresArg: true,
    default: 300,
    describe: 'Seconds after which to give up (exit code 6)',
  },
} as const satisfies Record<string, Options>;

const exportOptions = {
  ...filters,
  out: { type: 'string', requiresArg: true, describe: 'Write to this new file instead of stdout' },
} as const satisfies Record<string, Options>;

const RETRY_EPILOGUE =
  'Each record is made anew from its original text, by the format, limits and filter that the configuration has now. ' +
  'What the destination takes is released; what it refuses stays, with the new reason. No agent is needed, and one ' +
  'may run meanwhile. Exit codes: 4 a destination is blocked, 6 time-out, 7 some records stay in quarantine.';

type FilterOptions = GlobalOptions & InferredOptionTypes<typeof filters>;
type ShowOptions = GlobalOptions & { id: string };
type RetryOptions = GlobalOptions & InferredOptionTypes<typeof retryOptions> & { ids: readonly string[] };
type ExportOptions = GlobalOptions & InferredOptionTypes<typeof exportOptions>;

export function builder(yargs: Argv<GlobalOptions>): Argv<GlobalOptions> {
  return yargs
    .command<FilterOptions>({
      command: 'list',
      describe: 'What stands in quarantine, the newest last',
      builder: (list) => list.options(filters),
      handler: list,
    })
    .command<ShowOptions>({
      command: 'show <id>',
      describe: 'Everything about one record, with its original text',
      builder: (show) =>
        show.positional('id', {
          type: 'string',
          demandOption: true,
          describe: 'As list shows it, or as much of its beginning as no other record has',
        }),
      handler: show,
    })
    .command<RetryOptions>({
      command: 'retry [ids..]',
      describe: 'Send records again; what is taken is released',
      builder: (retry) =>
        retry
          .positional('ids', { type: 'string', array: true, default: [], describe: 'Only these records' })
          .options(retryOptions)
          .epilogue(RETRY_EPILOGUE),
      handler: retry,
    })
    .command<ExportOptions>({
      command: 'export',
      describe: 'The records with their original texts as NDJSON',
      builder: (exporting) => exporting.options(exportOptions),
      handler: exportAll,
    })
    .demandCommand(1, 'Say what to do with quarantined records: list, show, retry or export.');
}

/** Only its sub-commands do something. */
export async function handler(): Promise<void> {}

async function list(argv: ArgumentsCamelCase<FilterOptions>): Promise<void> {
  const { listQuarantined } = await import('./list-quarantined.ts');
  process.exitCode = await listQuarantined(argv);
}

async function show(argv: ArgumentsCamelCase<ShowOptions>): Promise<void> {
  const { showQuarantined } = await import('./show-quarantined.ts');
  process.exitCode = await showQuarantined(argv);
}

async function retry(argv: ArgumentsCamelCase<RetryOptions>): Promise<void> {
  const { retryQuarantined } = await import('./retry-quarantined.ts');
  process.exitCode = await retryQuarantined(argv);
}

async function exportAll(argv: ArgumentsCamelCase<ExportOptions>): Promise<void> {
  const { exportQuarantined } = await import('./export-quarantined.ts');
  process.exitCode = await exportQuarantined(argv);
}
