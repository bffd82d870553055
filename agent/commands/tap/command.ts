import type { ArgumentsCamelCase, Argv, InferredOptionTypes, Options } from 'yargs';

import { TAP_STAGES } from '../../model/tap.ts';
import type { GlobalOptions } from '../global-options.ts';

function fraction(text: string): number {
  const [, number = '0'] = /^1\/(\d{1,7})$/.exec(text) ?? [];
  if (Number(number) >= 1 && Number(number) <= 1_000_000) return Number(number);
  throw new Error('--sample must be a fraction such as 1/10');
}

function count(limit: number): number {
  if (Number.isInteger(limit) && limit >= 1) return limit;
  throw new Error('--limit must be a number, 1 or more');
}

const options = {
  stage: {
    choices: TAP_STAGES,
    describe:
      'raw: the original text; envelope: the record as guardrelay understands it; formatted: the bytes that a destination gets (default: raw of a source, formatted of a destination)',
  },
  limit: { type: 'number', requiresArg: true, coerce: count, describe: 'End after so many' },
  sample: { type: 'string', requiresArg: true, coerce: fraction, describe: 'Only one of so many: 1/10' },
} as const satisfies Record<string, Options>;

const EPILOGUE =
  'TARGET is the id of a destination, or sources by customer, customer/account or customer/account/region, where * stands for any characters. ' +
  'On a terminal control characters are written out; a pipe gets the exact bytes, of the stages raw and envelope with a line end after each. ' +
  'It asks the agent that runs on this host, until Ctrl-C.';

type TapOptions = GlobalOptions & InferredOptionTypes<typeof options> & { target: string };

export function builder(yargs: Argv<GlobalOptions>): Argv<TapOptions> {
  return yargs
    .positional('target', { type: 'string', demandOption: true, describe: 'A destination, or sources' })
    .options(options)
    .epilog(EPILOGUE);
}

export async function handler(argv: ArgumentsCamelCase<TapOptions>): Promise<void> {
  const { tapTarget } = await import('./tap-target.ts');
  process.exitCode = await tapTarget(argv);
}
