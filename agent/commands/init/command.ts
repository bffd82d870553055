import type { ArgumentsCamelCase, Argv, InferredOptionTypes, Options } from 'yargs';

import { type GlobalOptions, yesOption } from '../global-options.ts';

const options = {
  account: {
    type: 'string',
    requiresArg: true,
    describe: 'AWS account where the findings arrive: 12 digits, dashes allowed',
  },
  organization: {
    type: 'boolean',
    describe: "That account is the GuardDuty administrator, and sees its members' findings too",
  },
  regions: {
    type: 'string',
    requiresArg: true,
    describe: 'enabled: all that are on in the account; all; or REGION[,REGION]',
  },
  dest: {
    type: 'string',
    requiresArg: true,
    describe:
      'SIEM: a URL such as https://splunk.example.com:8088 or syslog://siem.example.com, or the id of one there is',
  },
  out: {
    type: 'string',
    requiresArg: true,
    describe: 'Configuration file to write or add to (default: that of --config, else guardrelay.yaml)',
  },
  yes: { ...yesOption, alias: 'y', describe: 'Do not ask: what is not given keeps its default' },
} as const satisfies Record<string, Options>;

type InitOptions = GlobalOptions & InferredOptionTypes<typeof options>;

const EPILOGUE = [
  'Asks at most five questions; none is about a secret. The ExternalId of the reader role is made here, at random, and written to a file that only you can read.',
  'A file that exists is added to, never overwritten: comments and other customers stay as they are. Where it names a folder of customers (customersDir) the new one gets a file of its own there, ID.yaml, which an agent that is running takes within ten seconds.',
].join('\n\n');

export function builder(yargs: Argv<GlobalOptions>): Argv<InitOptions> {
  return yargs.options(options).epilogue(EPILOGUE);
}

export async function handler(argv: ArgumentsCamelCase<InitOptions>): Promise<void> {
  const { initCustomer } = await import('./init-customer.ts');
  process.exitCode = await initCustomer(argv);
}
