import { readFile } from 'node:fs/promises';

import { readFrom } from './arrivals.ts';
import { type Patience, until } from './until.ts';

/** The whole lines that a server has written; none while it has not made the file. */
export async function readLines(file: string): Promise<readonly string[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.split('\n').slice(0, -1);
}

/** Reads a file that grows, each part once: what came since the last time, up to a line that must be the last. */
export function followLines(file: string) {
  let offset = 0;
  return async (isLast: (line: string) => boolean, patience: Patience = {}): Promise<readonly string[]> => {
    let bytes = Buffer.alloc(0);
    const lines = (): readonly string[] => bytes.toString().split('\n').slice(0, -1);
    const ask = async (): Promise<boolean> => {
      const added = await readFrom(file, offset);
      offset += added.length;
      bytes = Buffer.concat([bytes, added]);
      return added.length > 0 && isLast(lines().at(-1) ?? '');
    };
    // Lines that are missing are for the caller to see.
    await until(`the last line stands in ${file}`, ask, { timeoutMs: 30_000, ...patience }).catch(() => {});
    return lines();
  };
}
