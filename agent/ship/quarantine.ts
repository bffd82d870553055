import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import type { Origin, RecKind } from '../model/record.ts';

/** Large enough for thousands of records; a person should have looked long before. */
export const MAX_QUARANTINE_BYTES = 256 * 1024 * 1024;

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
  /** Finding type, API call or the like. */
  readonly what?: string;
  /** The account that the record is about. */
  readonly account?: string;
  readonly region?: string;
  /** Absent for notices, which the agent makes itself. */
  readonly origin?: Origin;
  /** It was sent by `guardrelay replay`. */
  readonly replay?: true;
  /** It was sent by `guardrelay backfill`. */
  readonly backfill?: true;
  /** The original text of the record. */
  readonly raw: string;
}

/** What came of sending a quarantined record again. */
export interface QuarantineRetry {
  readonly schema: 'guardrelay.quarantine-retry/v1';
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly id: string;
  /** The destination that refused it first. */
  readonly destination: string;
  /** The one that it was sent to now. */
  readonly to: string;
  readonly result: 'released' | 'refused';
  /** Of a refusal. */
  readonly why?: string;
  readonly code?: string;
}

/** Where refused records go. */
export interface Quarantine {
  /** Resolves when the entry is durable; rejects when it is not, and then the record stays where it was. */
  write(entry: QuarantineEntry): Promise<void>;
}

/** The same, and what became of its records since. */
export interface QuarantineFile extends Quarantine {
  /** As durable as an entry. A full file takes it: it makes room for nobody, but nothing must keep it out. */
  note(retry: QuarantineRetry): Promise<void>;
}

/** The folder of all quarantine files of a data directory. */
export function quarantineFolder(dataDir: string): string {
  return join(dataDir, 'quarantine');
}

/** Where the records go that this destination refuses. */
export function quarantinePath(dataDir: string, destination: string): string {
  return join(quarantineFolder(dataDir), `${destination}.ndjson`);
}

/** A file of JSON lines that only grows, readable by its owner alone. Several processes may write to it. */
export function createQuarantine(path: string, maxBytes = MAX_QUARANTINE_BYTES): QuarantineFile {
  let turn: Promise<unknown> = Promise.resolve();

  function inTurn(line: QuarantineEntry | QuarantineRetry, most: number): Promise<void> {
    const written = turn.then(() => append(path, line, most));
    turn = written.catch(() => {});
    return written;
  }

  return {
    write: (entry) => inTurn(entry, maxBytes),
    note: (retry) => inTurn(retry, Number.POSITIVE_INFINITY),
  };
}

async function append(path: string, value: object, maxBytes: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await using file = await open(path, 'a+', 0o600);
  const { size } = await file.stat();
  // A write that a full disk or a crash cut short has no line end.
  const mend = (await endsInsideLine(file, size)) ? '\n' : '';
  const line = Buffer.from(`${mend}${JSON.stringify(value)}\n`);
  if (size + line.length > maxBytes) throw new Error(`the file would exceed ${maxBytes} bytes`);
  // In one call, so that no other process writes between its parts.
  const { bytesWritten } = await file.write(line);
  if (bytesWritten < line.length) throw new Error('ENOSPC: the disk took a part of the entry only');
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
