import type { ArgumentsCamelCase, Argv, InferredOptionTypes, Options } from 'yargs';

import { endpointUrlOption, type GlobalOptions } from '../global-options.ts';

const testOptions = {
  'no-record': {
    type: 'boolean',
    default: false,
    describe: 'Send no test record: only connect and show the credentials',
  },
  timeout: {
    type: 'number',
    requiresArg: true,
    default: 30,
    describe: 'Seconds after which a destination is given up',
  },
  'endpoint-url': endpointUrlOption,
} as const satisfies Record<string, Options>;

const TEST_EPILOGUE = [
  'Goes the way of every record, step by step, with the code that ships records: the name, the connection (and the proxy), TLS, the credentials, and one record of kind notice and type destination.test, which then stands in the SIEM. Runs beside an agent and changes nothing of its state.',
  'Exit code 4: a destination failed.',
].join('\n\n');

type TestOptions = GlobalOptions &
  InferredOptionTypes<typeof testOptions> & { ids: readonly string[] | undefined };

export function builder(yargs: Argv<GlobalOptions>): Argv<GlobalOptions> {
  return yargs
    .command({ command: 'list', describe: 'A row per destination, as it is configured', handler: list })
    .command<TestOptions>({
      command: 'test [ids]',
      describe: 'Try them: DNS, TCP, TLS, credentials, one record and its acknowledgement',
      builder: (test) =>
        test
          .positional('ids', {
            type: 'string',
            coerce: (list: string) => list.split(',').map((id) => id.trim()),
            describe: 'Only these: ID[,ID]',
          })
          .options(testOptions)
          .epilogue(TEST_EPILOGUE),
      handler: test,
    })
    .demandCommand(1, 'Say what to do with destinations: list or test.');
}

/** Only its sub-commands do something. */
export async function handler(): Promise<void> {}

async function list(argv: ArgumentsCamelCase<GlobalOptions>): Promise<void> {
  const { listDestinations } = await import('./list-destinations.ts');
  process.exitCode = await listDestinations(argv);
}

async function test(argv: ArgumentsCamelCase<TestOptions>): Promise<void> {
  const { testDestinations } = await import('./test-destinations.ts');
  process.exitCode = await testDestinations({ ...argv, ids: argv.ids ?? [] });
}
