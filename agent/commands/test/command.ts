import type { ArgumentsCamelCase, Argv, InferredOptionTypes, Options } from 'yargs';

import { deployerOptions, selectionOptions } from '../deploy/deployer-options.ts';
import { endpointUrlOption, type GlobalOptions } from '../global-options.ts';
import { spanOf } from '../instant.ts';

const options = {
  via: {
    choices: ['agent', 'events', 'guardduty'],
    default: 'events',
    describe:
      'agent: straight to the destinations; events: by event bus, findings rule and log group; guardduty: a sample finding, by all of it',
  },
  dest: { type: 'string', requiresArg: true, describe: 'Only this destination' },
  ...selectionOptions,
  timeout: {
    type: 'string',
    requiresArg: true,
    default: '10m',
    coerce: (text: string): number => spanOf('timeout', text),
    describe: 'Give up waiting after this: 90s, 10m (exit code 6)',
  },
  'no-verify': { type: 'boolean', default: false, describe: 'Do not look for the record in the SIEM' },
  strict: {
    type: 'boolean',
    default: false,
    describe: 'End with exit code 3 where nobody could look into the SIEM',
  },
  type: {
    type: 'string',
    requiresArg: true,
    default: 'Recon:EC2/Portscan',
    describe: 'With --via guardduty: type of the sample finding',
  },
  profile: {
    ...deployerOptions.profile,
    describe: 'With --via guardduty: profile of the shared AWS configuration that may make sample findings',
  },
  'endpoint-url': endpointUrlOption,
} as const satisfies Record<string, Options>;

const EPILOGUE = [
  'Without --region one region is tested, and named. events and guardduty need a running agent: guardrelay run.',
  'guardduty works with your own credentials, as deploy does, because the reader role may not make findings: guardduty:ListDetectors and guardduty:CreateSampleFindings.',
  'Exit codes: 0 it came through, 3 not verified in the SIEM (with --strict), 4 it did not come through, 5 credentials were refused, 6 time-out, 7 some came through, 130 stopped.',
].join('\n\n');

type TestOptions = GlobalOptions & InferredOptionTypes<typeof options>;

export function builder(yargs: Argv<GlobalOptions>): Argv<TestOptions> {
  return yargs.options(options).epilogue(EPILOGUE);
}

export async function handler(argv: ArgumentsCamelCase<TestOptions>): Promise<void> {
  const { runTest } = await import('./run-test.ts');
  process.exitCode = await runTest(argv);
}
