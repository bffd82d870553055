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
  let current: Line | undefined;
  let turn: Promise<unknown> = Promise.resolve();

  async function line(signal: AbortSignal): Promise<Line> {
    if (!current || current.broken) current = await open(signal);
    return current;
  }

  /** Queues behind earlier calls, whatever became of them. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = turn.then(work);
    turn = result.catch(() => {});
    return result;
  }

  return {
    write: (bytes, signal) =>
      inTurn(async () => {
        const open = await line(signal);
        await open.write(bytes, signal);
        return open;
      }),
    line: (signal) => inTurn(() => line(signal)),
    async close(signal) {
      const last = current;
      current = undefined;
      await last?.finish(signal).catch(() => {});
      last?.destroy();
    },
  };
}
