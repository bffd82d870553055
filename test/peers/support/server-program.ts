import { type Child, type Command, startChild } from './child.ts';

/** A server that a test starts, ends, and starts again on the same port and files. */
export interface ServerProgram {
  /** Returns once it is ready. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Ends it at once, without a word to its peers. */
  kill(): Promise<void>;
}

export function serverProgram(command: Command, untilReady: () => Promise<void>): ServerProgram {
  let child: Child | undefined;

  async function end(signal: NodeJS.Signals): Promise<void> {
    await child?.end(signal);
    child = undefined;
  }

  return {
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    async start() {
      child = await startChild(command);
      try {
        await untilReady();
      } catch (error) {
        const said = child.stdout() + child.stderr();
        await end('SIGKILL');
        throw new Error(`${command.command} does not start: ${said}`, { cause: error });
      }
    },
  };
}
