import type { ArgumentsCamelCase, Argv, InferredOptionTypes, Options } from 'yargs';

import type { GlobalOptions } from '../global-options.ts';
import { spanOf } from '../instant.ts';

const options = {
  account: { type: 'string', requiresArg: true, describe: 'Only the sources of this account' },
  region: { type: 'string', requiresArg: true, describe: 'Only those in this region; * as in eu-*' },
  for: {
    type: 'string',
    requiresArg: true,
    coerce: (text: string): number => spanOf('for', text),
    describe: 'How long: 90m, 2h, 3d',
  },
  until: {
    type: 'string',
    requiresArg: true,
    describe: 'Until when, at most 30 days ahead: 2026-01-31T06:00:00Z',
  },
  reason: { type: 'string', requiresArg: true, describe: 'Why; status shows it' },
} as const satisfies Record<string, Options>;

type MuteOptions = GlobalOptions & InferredOptionTypes<typeof options>;

export function builder(yargs: Argv<GlobalOptions>): Argv<MuteOptions> {
  return yargs
    .options(options)
    .conflicts('for', 'until')
    .example('$0 mute --customer acme --region "eu-*" --for 2h --reason "new firewall"', '')
    .example('$0 mute', 'What is muted by hand');
}

export async function handler(argv: ArgumentsCamelCase<MuteOptions>): Promise<void> {
  const { listMutes, muteSources } = await import('./mute-sources.ts');
  const isList = argv.for === undefined && argv.until === undefined && argv.reason === undefined;
  process.exitCode = await (isList ? listMutes(argv) : muteSources(argv));
}
