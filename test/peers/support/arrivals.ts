import { open } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

import { type Patience, until } from './until.ts';

/** Each time that a record came in, by the clock of `performance.now()`. */
type Arrivals = ReadonlyMap<string, readonly number[]>;

/** Follows a file that grows by one message a line, and keeps when each record's id came in. */
export interface ArrivalLog {
  readonly arrivals: Arrivals;
  /** Reads what was written since the last time; answers with how many bytes that were. */
  readOn(): Promise<number>;
}

export function followArrivals(file: string, idOf: (line: string) => string): ArrivalLog {
  const arrivals = new Map<string, number[]>();
  let offset = 0;
  let partial = Buffer.alloc(0);

  return {
    arrivals,
    async readOn() {
      const added = await readFrom(file, offset);
      const now = performance.now();
      offset += added.length;
      const text = Buffer.concat([partial, added]);
      const end = text.lastIndexOf('\n') + 1;
      partial = text.subarray(end);
      for (const line of text.toString('utf8', 0, end).split('\n').slice(0, -1)) {
        const id = idOf(line);
        arrivals.set(id, [...(arrivals.get(id) ?? []), now]);
      }
      return added.length;
    },
  };
}

/** Returns once so many different records have come in. */
export async function untilArrived(log: ArrivalLog, count: number, patience: Patience = {}): Promise<void> {
  const ask = async (): Promise<boolean> => {
    await log.readOn();
    return log.arrivals.size >= count;
  };
  await until(`${count} records arrive`, ask, patience);
}

/** Returns once the receiver has written what had reached it. */
export async function untilQuiet(log: ArrivalLog): Promise<void> {
  for (let added = 1; added > 0; ) {
    await delay(100);
    added = await log.readOn();
  }
}

/** What stands in the file behind the first `offset` bytes. */
export async function readFrom(file: string, offset: number): Promise<Buffer> {
  const handle = await open(file).catch(() => undefined);
  if (!handle) return Buffer.alloc(0);
  try {
    const { size } = await handle.stat();
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - offset), 0, size - offset, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
