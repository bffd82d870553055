import type { Argv, InferredOptionTypes, Options } from 'yargs';

const GROUP = 'Global options:';

/** An empty list stays one empty id, which no customer has: it must not come to mean all. */
function idsOf(list: string): readonly string[] {
  return list.split(',').map((id) => id.trim());
}

const options = {
  config: {
    alias: 'c',
    type: 'string',
    requiresArg: true,
    group: GROUP,
    describe: 'Configuration file (default: ./guardrelay.yaml, then /etc/guardrelay/guardrelay.yaml)',
  },
  output: {
    alias: 'o',
    choices: ['auto', 'table', 'plain', 'json', 'ndjson'],
    group: GROUP,
    describe: 'auto: a table on a terminal, tab-separated text otherwise',
  },
  json: { type: 'boolean', default: false, group: GROUP, describe: 'The same as --output json' },
  customer: {
    type: 'string',
    requiresArg: true,
    coerce: idsOf,
    group: GROUP,
    describe: 'Only these customers: ID[,ID]',
  },
  'no-color': { type: 'boolean', default: false, group: GROUP, describe: 'No colours (also: NO_COLOR)' },
  quiet: { type: 'boolean', default: false, group: GROUP, describe: 'Say only what was asked for' },
  verbose: { alias: 'v', type: 'count', group: GROUP, describe: 'Say more; with errors the stack' },
} as const satisfies Record<string, Options>;

/** What every command understands; handlers get the names in camelCase. */
export type GlobalOptions = InferredOptionTypes<typeof options>;

export function withGlobalOptions(yargs: Argv): Argv<GlobalOptions> {
  return yargs.options(options);
}

/** For commands that ask before they change something. */
export const yesOption = {
  type: 'boolean',
  default: false,
  describe: 'Do not ask',
} as const satisfies Options;

/** For commands that call AWS. */
export const endpointUrlOption = {
  type: 'string',
  requiresArg: true,
  describe: 'Send all AWS calls to this URL, for emulators',
} as const satisfies Options;
