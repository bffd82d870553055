import type { ArgumentsCamelCase, Argv, InferredOptionTypes, Options } from 'yargs';

import { endpointUrlOption, type GlobalOptions } from '../global-options.ts';

const options = {
  from: {
    type: 'string',
    requiresArg: true,
    demandOption: true,
    describe: 'First event time: 24h or 7d ago, or a time such as 2026-01-31T00:00:00Z',
  },
  to: { type: 'string', requiresArg: true, default: '0s', describe: 'Last event time, written likewise' },
  dest: { type: 'string', requiresArg: true, describe: 'Only to the destination with this id' },
  'dry-run': { type: 'boolean', default: false, describe: 'Read and count; send nothing' },
  rate: {
    type: 'number',
    requiresArg: true,
    describe: 'At most so many records a second (default: as fast as the destinations take them)',
  },
  timeout: {
    type: 'number',
    requiresArg: true,
    describe: 'Seconds after which to give up (exit code 6; default: none)',
  },
  'endpoint-url': endpointUrlOption,
} as const satisfies Record<string, Options>;

type ReplayOptions = GlobalOptions & InferredOptionTypes<typeof options>;

export function builder(yargs: Argv<GlobalOptions>): Argv<ReplayOptions> {
  return yargs
    .options(options)
    .epilog(
      'Records in the format json are marked with "replay":true; raw ones go out as they came. ' +
        'Checkpoints stay as they are, so this may run beside an agent; it reads with a share of the AWS ' +
        'quota of its own. Exit codes: 4 a destination is blocked, 6 time-out, 7 some sources could not be ' +
        'read or some records not delivered.',
    );
}

export async function handler(argv: ArgumentsCamelCase<ReplayOptions>): Promise<void> {
  const { replayWindow } = await import('./replay-window.ts');
  process.exitCode = await replayWindow(argv);
}
