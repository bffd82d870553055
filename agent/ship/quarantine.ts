import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';

import type { Origin, RecKind } from '../model/record.ts';

/** Large enough for thousands of records; a person should have looked long before. */
const MAX_BYTES = 256 * 1024 * 1024;

/** A record that a destination will never take, with all that is needed to send it again by hand. */
export interface QuarantineEntry {
  readonly schema: 'guardrelay.quarantine/v1';
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly destination: string;
  readonly why: string;
  readonly code?: string;
  /** The record's key. */
  readonly key: string;
  readonly kind: RecKind;
  /** Absent for notices, which the agent makes itself. */
  readonly origin?: Origin;
  /** The original text of the log event. */
  readonly raw: string;
}

/** Where refused records go. */
export interface Quarantine {
  /** Resolves when the entry is durable; rejects when it is not, and then the record stays where it was. */
  write(entry: QuarantineEntry): Promise<void>;
}

/** A file of JSON lines that only grows, readable by its owner alone. */
export function createQuarantine(path: string, maxBytes = MAX_BYTES): Quarantine {
  let turn: Promise<unknown> = Promise.resolve();

  return {
    write(entry) {
      const written = turn.then(() => append(path, entry, maxBytes));
      turn = written.catch(() => {});
      return written;
    },
  };
}

async function append(path: string, entry: QuarantineEntry, maxBytes: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await using file = await open(path, 'a+', 0o600);
  const { size } = await file.stat();
  // A write that a full disk or a crash cut short has no line end.
  const mend = (await endsInsideLine(file, size)) ? '\n' : '';
  const line = Buffer.from(`${mend}${JSON.stringify(entry)}\n`);
  if (size + line.length > maxBytes) throw new Error(`the file would exceed ${maxBytes} bytes`);
  await file.writeFile(line);
  await file.sync();
  if (size === 0) await syncFolder(dirname(path));
}

async function endsInsideLine(file: FileHandle, size: number): Promise<boolean> {
  if (size === 0) return false;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0] !== 0x0a;
}

/** A new file survives a power cut only when its folder is durable too. */
async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, 'r');
  await handle.sync();
}
