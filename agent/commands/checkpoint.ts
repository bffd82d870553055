import type { ArgumentsCamelCase, Argv } from 'yargs';

import type { GlobalOptions } from './global-options.ts';

const ACTIONS = ['list', 'export'] as const;

type CheckpointOptions = GlobalOptions & { action: (typeof ACTIONS)[number] };

export function builder(yargs: Argv<GlobalOptions>): Argv<CheckpointOptions> {
  return yargs
    .positional('action', {
      choices: ACTIONS,
      demandOption: true,
      describe: 'list: a row per source and destination; export: everything as one JSON document',
    })
    .epilogue(
      'Both only read, beside a running agent or without one. The ids of finished events are in neither: ' +
        'without them every event that late-event sweeps find again, from up to 14 days back, would be sent ' +
        'once more. To move an agent, stop it and take its data directory along.',
    );
}

export async function handler(argv: ArgumentsCamelCase<CheckpointOptions>): Promise<void> {
  const { exportCheckpoints, listCheckpoints } = await import('./show-checkpoints.ts');
  process.exitCode = await (argv.action === 'list' ? listCheckpoints(argv) : exportCheckpoints(argv));
}
