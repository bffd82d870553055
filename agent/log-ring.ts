import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Keeps the last lines of a log on disk. */
export interface LogRing {
  /** Never throws: a log must not stop what it tells of. */
  write(line: string): void;
}

const MAX_FILE_BYTES = 512 * 1024;

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

function open(path: string): number {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
