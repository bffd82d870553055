import type { ArgumentsCamelCase, Argv, InferredOptionTypes, Options } from 'yargs';

import { endpointUrlOption, type GlobalOptions } from '../global-options.ts';

const options = {
  from: {
    type: 'string',
    requiresArg: true,
    demandOption: true,
    describe: 'Begin of the window: a time such as 2026-01-31T00:00:00Z, or a span such as 24h',
  },
  to: {
    type: 'string',
    requiresArg: true,
    default: '0s',
    defaultDescription: 'now',
    describe: 'End of the window, written in the same way',
  },
  'endpoint-url': endpointUrlOption,
} as const satisfies Record<string, Options>;

type AuditOptions = GlobalOptions & InferredOptionTypes<typeof options>;

export function builder(yargs: Argv<GlobalOptions>): Argv<AuditOptions> {
  return yargs.options(options);
}

export async function handler(argv: ArgumentsCamelCase<AuditOptions>): Promise<void> {
  const { showAudit } = await import('./show-audit.ts');
  process.exitCode = await showAudit(argv);
}
