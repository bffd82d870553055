import { createKept } from './kept.ts';
import type { Line } from './line.ts';

/** One connection that is kept from batch to batch, and opened again when it broke. */
export interface KeptLine {
  /** Calls write one after the other, in the order of the calls. */
  write(bytes: Buffer, signal: AbortSignal): Promise<Line>;
  /** The open connection, or a new one. */
  line(signal: AbortSignal): Promise<Line>;
  close(signal: AbortSignal): Promise<void>;
}

export function createKeptLine(open: (signal: AbortSignal) => Promise<Line>): KeptLine {
  const kept = createKept(open, (line) => !line.broken);
  let turn: Promise<unknown> = Promise.resolve();

  /** Queues behind earlier calls, whatever became of them. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = turn.then(work);
    turn = result.catch(() => {});
    return result;
  }

  return {
    async write(bytes, signal) {
      // Not in turn: when no connection comes about, all who wait for it are told together.
      const line = await kept.get(signal);
      await inTurn(() => line.write(bytes, signal));
      return line;
    },
    line: (signal) => kept.get(signal),
    async close(signal) {
      const last = await kept.close();
      await last?.finish(signal).catch(() => {});
      last?.destroy();
    },
  };
}
