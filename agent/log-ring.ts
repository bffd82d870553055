import { appendFileSync, closeSync, mkdirSync, openSync, readSync, renameSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Keeps the last lines of a log on disk. */
export interface LogRing {
  /** Never throws: a log must not stop what it tells of. */
  write(line: string): void;
}

const MAX_FILE_BYTES = 512 * 1024;
const LINE_END = 0x0a;

/** Where an agent with this data directory keeps its last lines. */
export function logRingPath(dataDir: string): string {
  return join(dataDir, 'logs', 'agent.log');
}

/** The files of a ring, the older one first; either may be missing. */
export function logRingFiles(path: string): readonly string[] {
  return [`${path}.1`, path];
}

/** Two files, readable by their owner alone; the full one takes the place of the older. */
export function createLogRing(path: string, maxFileBytes = MAX_FILE_BYTES): LogRing {
  let bytes: number | undefined;
  return {
    write(line) {
      try {
        bytes ??= open(path);
        if (bytes >= maxFileBytes) {
          renameSync(path, `${path}.1`);
          bytes = 0;
        }
        // At once, so that the last words before a crash are kept.
        appendFileSync(path, `${line}\n`, { mode: 0o600 });
        bytes += Buffer.byteLength(line) + 1;
      } catch {
        // The disk is full or gone, which others tell of.
        bytes = undefined;
      }
    },
  };
}

/** Its size. A crash or a full disk may have cut the last line short: the next one begins anew. */
function open(path: string): number {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (bytes === 0 || lastByte(path, bytes) === LINE_END) return bytes;
  appendFileSync(path, '\n');
  return bytes + 1;
}

function lastByte(path: string, bytes: number): number | undefined {
  const file = openSync(path, 'r');
  try {
    const last = Buffer.alloc(1);
    readSync(file, last, 0, 1, bytes - 1);
    return last[0];
  } finally {
    closeSync(file);
  }
}
