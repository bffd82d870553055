import type { ArgumentsCamelCase, Argv, InferredOptionTypes, Options } from 'yargs';

import { endpointUrlOption, type GlobalOptions, yesOption } from '../global-options.ts';

const options = {
  out: {
    type: 'string',
    requiresArg: true,
    describe: 'Write to this new file (default: guardrelay-support-TIME.tgz here)',
  },
  doctor: {
    type: 'boolean',
    default: false,
    describe: 'With the checks of doctor that ask AWS and the destinations, too',
  },
  yes: { ...yesOption, alias: 'y' },
  'endpoint-url': endpointUrlOption,
} as const satisfies Record<string, Options>;

const EPILOGUE =
  'Works beside a running agent and without one. It holds account ids, ARNs, host names and the last lines of the log; ' +
  'no secret, no value of an environment variable, and no finding. You see the list of files before anything is written.';

type BundleOptions = GlobalOptions & InferredOptionTypes<typeof options>;

export function builder(yargs: Argv<GlobalOptions>): Argv<BundleOptions> {
  return yargs.options(options).epilogue(EPILOGUE);
}

export async function handler(argv: ArgumentsCamelCase<BundleOptions>): Promise<void> {
  const { writeBundle } = await import('./write-bundle.ts');
  process.exitCode = await writeBundle(argv);
}
