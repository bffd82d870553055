import type { ArgumentsCamelCase, Argv, InferredOptionTypes, Options } from 'yargs';

import type { GlobalOptions } from './global-options.ts';

const options = {
  for: {
    choices: ['stack', 'reader-role'],
    default: 'stack',
    describe: 'stack: the collector of one region; reader-role: the role that reads it, once per account',
  },
} as const satisfies Record<string, Options>;

type TemplateOptions = GlobalOptions & InferredOptionTypes<typeof options>;

export function builder(yargs: Argv<GlobalOptions>) {
  return yargs.positional('what', { choices: ['print'], demandOption: true }).options(options);
}

/** The template goes to stdout as it is, its checksum to stderr. */
export async function handler(argv: ArgumentsCamelCase<TemplateOptions>): Promise<void> {
  const { loadTemplate } = await import('../deploy/template.ts');
  const { body, version, sha256 } = await loadTemplate(argv.for === 'stack' ? 'regional' : 'reader-role');
  process.stdout.write(body);
  process.stderr.write(`template ${version}, sha256 ${sha256}\n`);
}
