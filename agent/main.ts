#!/usr/bin/env node
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';

import * as demo from './commands/demo.ts';
import * as deploy from './commands/deploy.ts';
import * as destroy from './commands/destroy.ts';
import { type FailureView, tellFailure } from './commands/failure.ts';
import { withGlobalOptions } from './commands/global-options.ts';
import * as run from './commands/run.ts';
import * as schema from './commands/schema.ts';
import * as search from './commands/search.ts';
import * as status from './commands/status.ts';
import * as template from './commands/template.ts';
import { usageError } from './commands/usage-error.ts';
import * as validate from './commands/validate.ts';
import { readVersion } from './commands/version.ts';

const OLDEST_NODE = [24, 12] as const;

function isTooOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1]);
}

/** Known before the arguments are parsed, because that may be what fails. */
function failureView(args: readonly string[]): FailureView {
  const line = ` ${args.join(' ')} `;
  const asked = /\s(--json|(-o|--output)[ =]?(nd)?json)\s/.test(line);
  const usual = /^(nd)?json$/.test(process.env.GUARDRELAY_OUTPUT ?? '');
  return { json: asked || usual, verbose: /\s(-v+|--verbose)\s/.test(line) };
}

async function runCommand(args: readonly string[]): Promise<void> {
  let misuse: string | undefined;
  const cli = withGlobalOptions(yargs([...args]))
    .scriptName('guardrelay')
    .usage('$0 <command>\n\nRelays Amazon GuardDuty findings to any SIEM, and proves that they arrived.')
    .version(readVersion())
    .command(run)
    .command(status)
    .command(search)
    .command(demo)
    .command(validate)
    .command(deploy)
    .command(destroy)
    .command(template)
    .command(schema)
    .demandCommand(1, 'Name a command.')
    .strict()
    .recommendCommands()
    .completion('completion', 'Print the completion script for bash or zsh')
    .alias('help', 'h')
    .locale('en')
    .parserConfiguration({ 'boolean-negation': false, 'duplicate-arguments-array': false })
    .wrap(Math.min(100, process.stdout.columns ?? 80))
    .exitProcess(false)
    .fail((message, error) => {
      if (error === undefined || error === null || error.name === 'YError') misuse = message;
      throw error ?? new Error(message);
    });
  try {
    await cli.parseAsync();
  } catch (error) {
    throw misuse === undefined ? error : usageError(misuse, await cli.getHelp());
  }
}

async function main(args: readonly string[]): Promise<void> {
  const view = failureView(args);
  process.on('uncaughtException', (error) => process.exit(tellFailure(error, view)));
  // The reader of a pipe has gone: nobody is left to tell.
  process.stdout.on('error', () => process.exit());
  try {
    await runCommand(args);
  } catch (error) {
    process.exitCode = tellFailure(error, view);
  }
}

if (isTooOld(process.versions.node)) {
  process.stderr.write(
    `guardrelay needs Node.js ${OLDEST_NODE.join('.')} or newer; this is ${process.version}\n`,
  );
  process.exitCode = 1;
} else {
  await main(hideBin(process.argv));
}
