import type { ArgumentsCamelCase, Argv, InferredOptionTypes, Options } from 'yargs';

import { type GlobalOptions, yesOption } from '../global-options.ts';

const exportOptions = {
  file: { type: 'string', requiresArg: true, describe: 'Write to this file instead of stdout' },
} as const satisfies Record<string, Options>;

const importOptions = {
  replace: {
    type: 'boolean',
    default: false,
    describe: 'Overwrite sources that are further here than in the document, too',
  },
} as const satisfies Record<string, Options>;

const setOptions = {
  to: {
    type: 'string',
    requiresArg: true,
    demandOption: true,
    describe: 'The new position: a time such as 2026-01-31T00:00:00Z, a span before now such as -24h, or now',
  },
  dest: { type: 'string', requiresArg: true, describe: 'Only this destination (default: all of the source)' },
  yes: { ...yesOption, alias: 'y' },
} as const satisfies Record<string, Options>;

const SET_EPILOGUE =
  'Back: what the log group took from that time on is sent again to the destination, as far as the log group still ' +
  'keeps it. Forward: what it took before that time and has not sent is never sent, late events included; this ' +
  'asks for the account id to be typed. A source that an agent reads at this moment is refused.';

const EXPORT_EPILOGUE =
  'Holds the positions and the ids of finished events, so that another machine sends nothing again. Stop the agent ' +
  'first if another one is to go on: what it delivers after the export is sent again.';

const IMPORT_EPILOGUE =
  'A bad line changes nothing. A source that is further here is kept, unless --replace is given. Sources that are ' +
  'new here are read as soon as an agent starts whose configuration has them.';

type ExportOptions = GlobalOptions & InferredOptionTypes<typeof exportOptions>;
type ImportOptions = GlobalOptions &
  InferredOptionTypes<typeof importOptions> & { file?: string | undefined };
type SetOptions = GlobalOptions & InferredOptionTypes<typeof setOptions> & { source: string };

export function builder(yargs: Argv<GlobalOptions>): Argv<GlobalOptions> {
  return yargs
    .command({ command: 'list', describe: 'A row per source and destination', handler: list })
    .command<SetOptions>({
      command: 'set <source>',
      describe: 'Send events from a time on again, or skip those before it',
      builder: (set) =>
        set
          .positional('source', {
            type: 'string',
            demandOption: true,
            describe: 'Its whole key, or a part that no other source has, such as ACCOUNT/REGION',
          })
          .options(setOptions)
          .epilogue(SET_EPILOGUE),
      handler: set,
    })
    .command<ExportOptions>({
      command: 'export',
      describe: 'Write all that the checkpoints are as one document, beside a running agent, too',
      builder: (exporting) => exporting.options(exportOptions).epilogue(EXPORT_EPILOGUE),
      handler: exportAll,
    })
    .command<ImportOptions>({
      command: 'import [file]',
      describe: 'Put such a document into the store of this machine',
      builder: (importing) =>
        importing
          .positional('file', { type: 'string', describe: 'The document (default: stdin)' })
          .options(importOptions)
          .epilogue(IMPORT_EPILOGUE),
      handler: importAll,
    })
    .demandCommand(1, 'Say what to do with checkpoints: list, set, export or import.');
}

/** Only its sub-commands do something. */
export async function handler(): Promise<void> {}

async function list(argv: ArgumentsCamelCase<GlobalOptions>): Promise<void> {
  const { listCheckpoints } = await import('./show-checkpoints.ts');
  process.exitCode = await listCheckpoints(argv);
}

async function set(argv: ArgumentsCamelCase<SetOptions>): Promise<void> {
  const { setCheckpoint } = await import('./set-checkpoint.ts');
  process.exitCode = await setCheckpoint(argv);
}

async function exportAll(argv: ArgumentsCamelCase<ExportOptions>): Promise<void> {
  const { exportCheckpoints } = await import('./export-checkpoints.ts');
  process.exitCode = await exportCheckpoints(argv);
}

async function importAll(argv: ArgumentsCamelCase<ImportOptions>): Promise<void> {
  const { importCheckpoints } = await import('./import-checkpoints.ts');
  process.exitCode = await importCheckpoints(argv);
}
