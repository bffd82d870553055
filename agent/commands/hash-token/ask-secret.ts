import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

/** Asks for what nobody shall read on the screen. Without a terminal it is the first line of stdin. */
export async function askSecret(question: string, signal: AbortSignal): Promise<string> {
  const isTerminal = process.stdin.isTTY;
  if (isTerminal) process.stderr.write(question);
  // Readline repeats what is typed on its output.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: nowhere, terminal: isTerminal });
  terminal.once('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    return await terminal.question('', { signal });
  } catch (error) {
    if (signal.aborted) return '';
    throw error;
  } finally {
    terminal.close();
    if (isTerminal) process.stderr.write('\n');
  }
}
