import type { ArgumentsCamelCase, Argv, InferredOptionTypes, Options } from 'yargs';

import { deployerOptions, selectionOptions } from '../deploy/deployer-options.ts';
import type { GlobalOptions } from '../global-options.ts';

const { yes: _, ...readingOptions } = deployerOptions;
const options = {
  ...readingOptions,
  ...selectionOptions,
  detect: {
    type: 'boolean',
    default: false,
    describe: 'Also let CloudFormation compare what stands in AWS with the template: takes minutes',
  },
} as const satisfies Record<string, Options>;

const EPILOGUE = [
  'At once, by tags: whether each stack is of this release and configuration, missing, or more than the configuration wants. With --detect also what somebody has changed by hand. Nothing is written.',
  'The calls are made with your own credentials (environment, shared configuration, --profile), as with deploy.',
  'Exit code 3: something differs. 7: some stacks could not be looked at.',
].join('\n\n');

type DriftOptions = GlobalOptions & InferredOptionTypes<typeof options>;

export function builder(yargs: Argv<GlobalOptions>): Argv<DriftOptions> {
  return yargs.options(options).epilogue(EPILOGUE);
}

export async function handler(argv: ArgumentsCamelCase<DriftOptions>): Promise<void> {
  const { driftCustomers } = await import('./drift-customers.ts');
  process.exitCode = await driftCustomers(argv);
}
