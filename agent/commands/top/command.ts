import type { ArgumentsCamelCase, Argv } from 'yargs';

import type { GlobalOptions } from '../global-options.ts';

const EPILOGUE =
  'Keys: q ends, s or the arrows sort, up and down scroll, / filters, ? explains. It asks the agent that runs on this host. ' +
  'Without a terminal: guardrelay status --watch.';

export function builder(yargs: Argv<GlobalOptions>): Argv<GlobalOptions> {
  return yargs.epilog(EPILOGUE);
}

export async function handler(argv: ArgumentsCamelCase<GlobalOptions>): Promise<void> {
  const { runTop } = await import('./run-top.ts');
  process.exitCode = await runTop(argv);
}
