import type { ArgumentsCamelCase, Argv, InferredOptionTypes, Options } from 'yargs';

import { collectorOptions, deployerOptions, selectionOptions } from '../deploy/deployer-options.ts';
import type { GlobalOptions } from '../global-options.ts';

const { yes: _, ...readingOptions } = deployerOptions;
const options = {
  ...readingOptions,
  ...selectionOptions,
  ...collectorOptions,
  out: {
    type: 'string',
    requiresArg: true,
    describe: 'Save the plan; "guardrelay deploy FILE" then does that and nothing else',
  },
  'detailed-exitcode': {
    type: 'boolean',
    default: false,
    describe: 'Exit code 3 when something would change',
  },
} as const satisfies Record<string, Options>;

const EPILOGUE = [
  'What "guardrelay deploy" would create and update, what it would leave alone and why, and what watching costs. Nothing is written.',
  'The calls are made with your own credentials (environment, shared configuration, --profile), as with deploy.',
].join('\n\n');

export function builder(
  yargs: Argv<GlobalOptions>,
): Argv<GlobalOptions & InferredOptionTypes<typeof options>> {
  return yargs.options(options).epilogue(EPILOGUE);
}

export async function handler(
  argv: ArgumentsCamelCase<GlobalOptions & InferredOptionTypes<typeof options>>,
): Promise<void> {
  const { planCustomers } = await import('./plan-customers.ts');
  process.exitCode = await planCustomers(argv);
}
