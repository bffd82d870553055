import type { ArgumentsCamelCase, Argv, InferredOptionTypes, Options } from 'yargs';

import { endpointUrlOption, type GlobalOptions } from '../global-options.ts';

const testOptions = {
  event: {
    type: 'string',
    requiresArg: true,
    default: 'source.silent',
    describe: 'The type of event whose sample is sent',
  },
  'endpoint-url': endpointUrlOption,
} as const satisfies Record<string, Options>;

const TEST_EPILOGUE =
  'Sends with the options of the channel, whatever it listens to, and shows what the far side answered. No agent is ' +
  'needed, and one may run meanwhile. Exit codes: 4 the far side cannot be reached, 5 it refuses.';

type TestOptions = GlobalOptions & InferredOptionTypes<typeof testOptions> & { id: string };
type AckOptions = GlobalOptions & { key: string };

export function builder(yargs: Argv<GlobalOptions>): Argv<GlobalOptions> {
  return yargs
    .command({
      command: 'list',
      describe: 'A row per channel: what it listens to, how it fared, and what it was told that lasts',
      handler: list,
    })
    .command<TestOptions>({
      command: 'test <id>',
      describe: 'Send a sample by one channel, and show the answer',
      builder: (test) =>
        test
          .positional('id', { type: 'string', demandOption: true, describe: 'Channel' })
          .options(testOptions)
          .epilogue(TEST_EPILOGUE),
      handler: test,
    })
    .command<AckOptions>({
      command: 'ack <key>',
      describe: 'Somebody takes care of it: it is not repeated any more, and its end is told',
      builder: (ack) =>
        ack.positional('key', { type: 'string', demandOption: true, describe: 'As list shows it' }),
      handler: acknowledge,
    })
    .demandCommand(1, 'Say what to do with channels: list, test or ack.');
}

/** Only its sub-commands do something. */
export async function handler(): Promise<void> {}

async function list(argv: ArgumentsCamelCase<GlobalOptions>): Promise<void> {
  const { listChannels } = await import('./list-channels.ts');
  process.exitCode = await listChannels(argv);
}

async function test(argv: ArgumentsCamelCase<TestOptions>): Promise<void> {
  const { testChannel } = await import('./test-channel.ts');
  process.exitCode = await testChannel(argv);
}

async function acknowledge(argv: ArgumentsCamelCase<AckOptions>): Promise<void> {
  const { acknowledgeNotice } = await import('./acknowledge-notice.ts');
  process.exitCode = await acknowledgeNotice(argv);
}
