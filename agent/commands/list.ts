import type { ArgumentsCamelCase, Argv } from 'yargs';

import type { GlobalOptions } from './global-options.ts';

/** A command's own module: its options and what it does. */
interface CommandModule<Options> {
  builder(yargs: Argv<GlobalOptions>): Argv<Options>;
  handler(argv: ArgumentsCamelCase<Options>): Promise<void>;
}

type AddCommand = (cli: Argv<GlobalOptions>) => Argv<GlobalOptions>;

/** Adds a command whose module is read only when it is named, so that `--help` is quick. */
function lazily<Options>(
  command: string | readonly string[],
  describe: string,
  load: () => Promise<CommandModule<Options>>,
): AddCommand {
  return (cli) =>
    cli.command<Options>({
      command,
      describe,
      builder: async (yargs) => (await load()).builder(yargs),
      handler: async (argv) => (await load()).handler(argv),
    });
}

/** Every command, in the order of the help text. One more: its module and one entry here. */
export const COMMANDS: readonly AddCommand[] = [
  lazily(
    'init',
    'Five questions, then a configuration for a first or one more customer',
    () => import('./init/command.ts'),
  ),
  lazily(
    'run',
    'The agent: tail the log groups of every source and ship new records',
    () => import('./run/command.ts'),
  ),
  lazily(
    ['status', 'health'],
    'State of every source and destination, problems first',
    () => import('./status/command.ts'),
  ),
  lazily(
    'mute',
    'Tell nobody of sources for a while; without an end: what is muted',
    () => import('./mute/command.ts'),
  ),
  lazily('unmute <id>', 'End what was muted by hand', () => import('./mute/unmute-command.ts')),
  lazily(
    'search <pattern>',
    "Delivered records: an account id, '*text*' with * and ?, or text",
    () => import('./search/command.ts'),
  ),
  lazily(
    'tail [pattern]',
    'Records as they arrive, or as destinations acknowledge them, until Ctrl-C',
    () => import('./tail/command.ts'),
  ),
  lazily(
    'top',
    'A dashboard on the terminal: problems, destinations, busiest customers, each second',
    () => import('./top/command.ts'),
  ),
  lazily(
    'tap <target>',
    'The bytes of a destination as they leave, or of a source as they come',
    () => import('./tap/command.ts'),
  ),
  lazily(
    'audit',
    'Read a window again and prove of each log event that it was delivered',
    () => import('./audit/command.ts'),
  ),
  lazily(
    'replay',
    'Ship a window of the log groups again, marked; checkpoints stay as they are',
    () => import('./replay/command.ts'),
  ),
  lazily(
    'backfill',
    'Ship the findings that GuardDuty still keeps, from before the collector was there',
    () => import('./backfill/command.ts'),
  ),
  lazily(
    'checkpoint',
    'How far each destination has finished each source: list, set, export, import',
    () => import('./checkpoint/command.ts'),
  ),
  lazily(
    'quarantine',
    'Records that a destination refused: list, show, retry, export',
    () => import('./quarantine/command.ts'),
  ),
  lazily(
    'demo',
    'See it work without AWS: three customers, real findings, one region broken on purpose',
    () => import('./demo/command.ts'),
  ),
  lazily(
    'doctor',
    'Check the way of an event in every region: credentials, rules, log group; with the fix',
    () => import('./doctor/command.ts'),
  ),
  lazily(
    'accounts',
    'GuardDuty members: lists of accounts, invitations, and what became of them',
    () => import('./accounts/command.ts'),
  ),
  lazily(
    'destinations',
    'Where records go: list, and test each step of the way with one record',
    () => import('./destinations/command.ts'),
  ),
  lazily(
    'notify',
    'How people are told: list channels and what lasts, send a sample, acknowledge',
    () => import('./notify/command.ts'),
  ),
  lazily(
    ['test', 'send-test'],
    'Send a test record, and follow it to the log group, every destination and the SIEM',
    () => import('./test/command.ts'),
  ),
  lazily(
    'validate',
    'Check the configuration file, without a network',
    () => import('./validate/command.ts'),
  ),
  lazily(
    'format [file]',
    'Show what any event becomes in a format, from a file or stdin',
    () => import('./format/command.ts'),
  ),
  lazily(
    'plan',
    'What deploy would do, and what watching costs, without doing it',
    () => import('./plan/command.ts'),
  ),
  lazily(
    'deploy [planfile]',
    "Create or update the collector in all regions of the customers' accounts",
    () => import('./deploy/command.ts'),
  ),
  lazily(
    'update [planfile]',
    'Bring what stands up to date, in place; makes nothing new',
    () => import('./deploy/update-command.ts'),
  ),
  lazily(
    'drift',
    'Whether the stacks are of this release and configuration, and as they were made',
    () => import('./drift/command.ts'),
  ),
  lazily(
    'destroy',
    'Remove what deploy has made for a customer; the log groups stay',
    () => import('./destroy/command.ts'),
  ),
  lazily(
    'template',
    'For other hands: CloudFormation templates, links that fill them in, IAM policies',
    () => import('./template/command.ts'),
  ),
  lazily(
    'support-bundle',
    'What a support engineer needs, in one file without secrets',
    () => import('./support-bundle/command.ts'),
  ),
  lazily(
    'hash-token',
    'Draw a token for the HTTP API, or ask for a password, and print the hash for http.auth',
    () => import('./hash-token/command.ts'),
  ),
  lazily(
    'completion <shell>',
    'Print what makes bash, zsh or fish complete commands, customers and regions',
    () => import('./completion/command.ts'),
  ),
  lazily('schema', 'Print the JSON Schema of the configuration file', () => import('./schema.ts')),
];
