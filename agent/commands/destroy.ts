import type { ArgumentsCamelCase, Argv, InferredOptionTypes } from 'yargs';

import { EXIT, GuardrelayError } from '../model/error.ts';
import { deployerOptions } from './deployer-options.ts';
import type { GlobalOptions } from './global-options.ts';

const EPILOGUE =
  'Prints what will go and asks for the customer id to be typed. Removes the stacks of all regions, the StackSet and the reader role, with your own credentials as deploy does. The log groups and what is in them are kept.';

type DestroyOptions = GlobalOptions & InferredOptionTypes<typeof deployerOptions>;

export function builder(yargs: Argv<GlobalOptions>): Argv<DestroyOptions> {
  return yargs.options(deployerOptions).epilogue(EPILOGUE);
}

export async function handler(argv: ArgumentsCamelCase<DestroyOptions>): Promise<void> {
  if (argv.customer === undefined) {
    throw new GuardrelayError('CLI-001', 'destroy needs to be told whose stacks to remove', {
      exitCode: EXIT.usage,
      fix: 'Name one with --customer ID.',
    });
  }
  const { destroyCustomers } = await import('./destroy-customers.ts');
  process.exitCode = await destroyCustomers(argv);
}
