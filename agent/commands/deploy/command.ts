import type { ArgumentsCamelCase, Argv, InferredOptionTypes, Options } from 'yargs';
import type { GlobalOptions } from '../global-options.ts';
import { collectorOptions, deployerOptions, selectionOptions, waitingOptions } from './deployer-options.ts';

const options = {
  ...deployerOptions,
  ...selectionOptions,
  ...collectorOptions,
  ...waitingOptions,
} as const satisfies Record<string, Options>;

/** What deploy and update are told. */
export type DeployArguments = GlobalOptions &
  InferredOptionTypes<typeof options> & { planfile: string | undefined };

const EPILOGUE = [
  'The calls are made with your own credentials (environment, shared configuration, --profile), never with those that read the logs. Their account administers the StackSet; plain stacks are made in that account. The administration role there and the execution role in each target account must exist: docs/errors/CFN-001.md.',
  'A second run changes only what is left to do. Ctrl-C leaves a running operation to AWS, and the next run waits for it.',
  'When the stacks stand, their sources are read as the agent will read them until an event has come from each: within 10 minutes, or --timeout for the whole command.',
  'Exit codes: 7 some stacks failed, each is named with its reason; 6 time is up; 5 a source cannot be read; 4 a reader role lets in whoever asks.',
].join('\n\n');

export function builder(yargs: Argv<GlobalOptions>): Argv<DeployArguments> {
  return yargs
    .options(options)
    .positional('planfile', { type: 'string', describe: 'Do what this saved plan says, and nothing else' })
    .epilogue(EPILOGUE);
}

export async function handler(argv: ArgumentsCamelCase<DeployArguments>): Promise<void> {
  const { deployCustomers } = await import('./deploy-customers.ts');
  process.exitCode = await deployCustomers(argv);
}
