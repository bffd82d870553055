import { createInterface } from 'node:readline/promises';

import { EXIT, GuardrelayError } from '../model/error.ts';

/** Asks a person; whoever stops the command says nothing. Without a terminal there is nobody to ask: an error of usage. */
export async function ask(question: string, signal: AbortSignal): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new GuardrelayError('CLI-001', `There is no terminal to ask: ${question.trim()}`, {
      exitCode: EXIT.usage,
      fix: 'Read what stands above, then add --yes.',
    });
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  // In its raw mode the terminal sends Ctrl-C to readline instead of the process.
  terminal.once('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    return (await terminal.question(question, { signal })).trim();
  } catch (error) {
    if (signal.aborted) return '';
    throw error;
  } finally {
    terminal.close();
  }
}
