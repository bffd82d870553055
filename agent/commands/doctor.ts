import type { ArgumentsCamelCase, Argv, InferredOptionTypes, Options } from 'yargs';

import { endpointUrlOption, type GlobalOptions } from './global-options.ts';

const options = {
  account: { type: 'string', requiresArg: true, describe: 'Only this account' },
  region: {
    type: 'string',
    requiresArg: true,
    describe: 'Only these regions: a name or a pattern such as eu-*',
  },
  only: {
    type: 'string',
    requiresArg: true,
    coerce: (list: string): readonly string[] => list.split(',').map((code) => code.trim().toUpperCase()),
    describe: 'Only these checks: CODE[,CODE]',
  },
  strict: {
    type: 'boolean',
    default: false,
    describe: 'End with exit code 3 after a warning or a check that had to be skipped',
  },
  'endpoint-url': endpointUrlOption,
} as const satisfies Record<string, Options>;

const EPILOGUE = [
  'Asks AWS with the credentials that read the log groups, and changes nothing. What they may not ask is skipped, with the right that is missing: the reader role has them all with AllowDoctor.',
  'Exit code 4: a check failed. A warning changes the exit code with --strict only.',
].join('\n\n');

type DoctorOptions = GlobalOptions & InferredOptionTypes<typeof options>;

export function builder(yargs: Argv<GlobalOptions>): Argv<DoctorOptions> {
  return yargs.options(options).epilogue(EPILOGUE);
}

export async function handler(argv: ArgumentsCamelCase<DoctorOptions>): Promise<void> {
  const { showExamination } = await import('./doctor-run.ts');
  process.exitCode = await showExamination(argv);
}
