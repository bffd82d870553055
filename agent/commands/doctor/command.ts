import type { ArgumentsCamelCase, Argv, InferredOptionTypes, Options } from 'yargs';

import { deployerOptions } from '../deploy/deployer-options.ts';
import { endpointUrlOption, type GlobalOptions } from '../global-options.ts';

function seconds(value: number): number {
  if (value >= 1) return value;
  throw new Error('--interval must be a number of seconds, 1 or more');
}

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
    describe: 'Only these checks or groups of them: CODE[,CODE], such as GD,EB-001',
  },
  send: {
    type: 'boolean',
    default: false,
    describe: 'Also send a test record to each destination, which then stands in the SIEM (DST-005)',
  },
  fix: { type: 'boolean', default: false, describe: 'Repair what can be repaired, after asking' },
  yes: {
    ...deployerOptions.yes,
    describe: 'With --fix: do not ask about what is safe; what costs money is asked about all the same',
  },
  profile: {
    ...deployerOptions.profile,
    describe: 'With --fix: profile of the shared AWS configuration whose credentials repair',
  },
  watch: { type: 'boolean', default: false, describe: 'Look again until all is ok' },
  interval: {
    type: 'number',
    requiresArg: true,
    default: 15,
    coerce: seconds,
    describe: 'With --watch: seconds between two looks',
  },
  strict: {
    type: 'boolean',
    default: false,
    describe: 'End with exit code 3 after a warning or a check that had to be skipped',
  },
  'endpoint-url': endpointUrlOption,
} as const satisfies Record<string, Options>;

const EPILOGUE = [
  'Looks at the agent, asks AWS with the credentials that read the log groups, and connects to the destinations. It changes nothing, but with --fix. What it may not ask is skipped, with the right that is missing: the reader role has them all with AllowDoctor.',
  '--fix works with credentials that may deploy, those of --profile or of the AWS SDK, in the account that they belong to; for other accounts it prints the commands.',
  'Exit code 4: a check failed. 5: AWS or the SIEM refuses the credentials, and nothing else failed. A warning changes the exit code with --strict only.',
].join('\n\n');

type DoctorOptions = GlobalOptions & InferredOptionTypes<typeof options>;

export function builder(yargs: Argv<GlobalOptions>): Argv<DoctorOptions> {
  return yargs.options(options).epilogue(EPILOGUE);
}

export async function handler(argv: ArgumentsCamelCase<DoctorOptions>): Promise<void> {
  const { showExamination } = await import('./run-doctor.ts');
  process.exitCode = await showExamination(argv);
}
