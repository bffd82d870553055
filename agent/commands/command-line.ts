import yargs from 'yargs';

import { completeValue } from './completion/complete.ts';
import type { FailureView } from './failure.ts';
import { withGlobalOptions } from './global-options.ts';
import { COMMANDS } from './list.ts';
import { readVersion } from './version.ts';

/** Known before the arguments are parsed, because that may be what fails. */
function failureView(args: readonly string[]): FailureView {
  const line = ` ${args.join(' ')} `;
  const asked = /\s(--json|(-o|--output)[ =]?(nd)?json)\s/.test(line);
  const usual = /^(nd)?json$/.test(process.env.GUARDRELAY_OUTPUT ?? '');
  return { json: asked || usual, verbose: /\s(-v+|--verbose)\s/.test(line) };
}

async function runCommand(args: readonly string[]): Promise<void> {
  let misuse: string | undefined;
  const cli = COMMANDS.reduce((each, add) => add(each), withGlobalOptions(yargs([...args])))
    .scriptName('guardrelay')
    .usage('$0 <command>\n\nRelays Amazon GuardDuty findings to any SIEM, and proves that they arrived.')
    .version(readVersion())
    .demandCommand(1, 'Name a command.')
    .strict()
    .recommendCommands()
    .completion('complete', false)
    .alias('help', 'h')
    .locale('en')
    .parserConfiguration({ 'boolean-negation': false, 'duplicate-arguments-array': false })
    .wrap(Math.min(100, process.stdout.columns || 80))
    .exitProcess(false)
    .fail((message, error) => {
      if (error === undefined || error === null || error.name === 'YError') misuse = message;
      throw error ?? new Error(message);
    });
  try {
    await cli.parseAsync();
  } catch (error) {
    // From a lazy builder a YError comes past `fail`.
    if (error instanceof Error && error.name === 'YError') misuse ??= error.message;
    if (misuse === undefined) throw error;
    const { usageError } = await import('./usage-error.ts');
    throw usageError(misuse, await cli.getHelp());
  }
}

/** Read only when something has failed. */
async function tell(error: unknown, view: FailureView): Promise<number> {
  const { tellFailure } = await import('./failure.ts');
  return tellFailure(error, view);
}

/** From the arguments to the exit code, which it leaves in `process`. */
export async function runCommandLine(args: readonly string[]): Promise<void> {
  const view = failureView(args);
  process.on('uncaughtException', (error) => void tell(error, view).then((code) => process.exit(code)));
  // The reader of a pipe has gone: nobody is left to tell.
  process.stdout.on('error', () => process.exit());
  try {
    if (await completeValue(args)) return;
    await runCommand(args);
  } catch (error) {
    process.exitCode = await tell(error, view);
  }
}
