import type { ArgumentsCamelCase, Argv, InferredOptionTypes, Options } from 'yargs';

import { EXIT, GuardrelayError } from '../../model/error.ts';
import { deployerOptions, selectionOptions } from '../deploy/deployer-options.ts';
import type { GlobalOptions } from '../global-options.ts';

const options = {
  ...deployerOptions,
  ...selectionOptions,
  'keep-logs': {
    type: 'boolean',
    default: true,
    describe:
      'Keep the log groups, with what is in them, for the next deploy. --keep-logs=false: delete them too, except those that were there before guardrelay',
  },
} as const satisfies Record<string, Options>;

const EPILOGUE = [
  'Prints what will go and asks for the customer id to be typed. Removes the stacks of all regions, the StackSet and the reader role, with your own credentials as deploy does.',
  'With --account or --region only those stacks go; the reader role goes from an account that loses all of its stacks.',
  'What could not be removed is named with the reason and the next step, and the exit code is 7. A second run goes on where one was stopped.',
].join('\n\n');

type DestroyOptions = GlobalOptions & InferredOptionTypes<typeof options>;

export function builder(yargs: Argv<GlobalOptions>): Argv<DestroyOptions> {
  return yargs.options(options).epilogue(EPILOGUE);
}

export async function handler(argv: ArgumentsCamelCase<DestroyOptions>): Promise<void> {
  if (argv.customer === undefined) {
    throw new GuardrelayError('CLI-001', 'destroy needs to be told whose stacks to remove', {
      exitCode: EXIT.usage,
      fix: 'Name one with --customer ID.',
    });
  }
  if (!argv.keepLogs && (argv.account ?? argv.region) !== undefined) {
    throw new GuardrelayError(
      'CLI-001',
      'log groups are deleted with all stacks of a customer, or not at all',
      {
        exitCode: EXIT.usage,
        fix: 'Leave --keep-logs=false out, and delete the log groups of what was removed; or remove everything.',
      },
    );
  }
  const { destroyCustomers } = await import('./destroy-customers.ts');
  process.exitCode = await destroyCustomers(argv);
}
