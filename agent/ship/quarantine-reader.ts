import { Buffer } from 'node:buffer';
import type { FileHandle } from 'node:fs/promises';

import { eventKey } from '../model/event-key.ts';
import { sourceKey } from '../model/source.ts';
import type { QuarantineEntry, QuarantineRetry } from './quarantine.ts';
import { openQuarantine, quarantineFiles, reading } from './quarantine-files.ts';
import { quarantineLines } from './quarantine-lines.ts';

/** What stands in the quarantine files of one destination. */
export interface QuarantineReader {
  /** Reads what the files have gained since the last time; files that are not there hold nothing. */
  refresh(): Promise<void>;
  /** Whether a record of this log event stands there, or was released to another destination only. */
  holds(source: string, key: Uint8Array): boolean;
  /** Records that stand there; of these customers, or of all. */
  standing(customers?: readonly string[]): number;
}

/** What was read of one file so far. */
interface ReadFile {
  offset: number;
  /** Ids of records. */
  readonly standing: Set<string>;
  /** By record id: the log event that it comes from. */
  readonly events: Map<string, string>;
  /** By log event: the records of it that the destination does not have. */
  readonly held: Map<string, Set<string>>;
}

/** Reads beside an agent that writes, and beside people who move files aside or remove them. */
export function createQuarantineReader(folder: string, destination: string): QuarantineReader {
  /** By inode: a file that is moved aside stays the same one. */
  let files: ReadonlyMap<number, ReadFile> = new Map();
  let turn: Promise<unknown> = Promise.resolve();

  async function readOn(): Promise<void> {
    const found = new Map<number, ReadFile>();
    for (const path of await quarantineFiles(folder, destination)) {
      await using file = await openQuarantine(path);
      if (!file) continue;
      const { ino, size } = await file.stat();
      const known = files.get(ino);
      const state = known && known.offset <= size ? known : newFile();
      found.set(ino, state);
      if (state.offset < size) await reading(path, () => readFile(file, state));
    }
    files = found;
  }

  return {
    refresh() {
      const read = turn.then(readOn);
      turn = read.catch(() => {});
      return read;
    },
    holds(source, key) {
      const event = nameOf(source, key);
      return files.values().some(({ held }) => held.has(event));
    },
    standing(customers) {
      return new Set(files.values().flatMap((file) => standingOf(file, customers))).size;
    },
  };
}

function standingOf(
  { standing, events }: ReadFile,
  customers: readonly string[] | undefined,
): Iterable<string> {
  if (!customers) return standing;
  const isTheirs = (id: string): boolean =>
    customers.some((customer) => events.get(id)?.startsWith(`${customer}/`));
  return standing.values().filter(isTheirs);
}

function newFile(): ReadFile {
  return { offset: 0, standing: new Set(), events: new Map(), held: new Map() };
}

async function readFile(file: FileHandle, state: ReadFile): Promise<void> {
  for await (const { line, offset, length } of quarantineLines(file, state.offset)) {
    if (line.kind === 'entry') noteEntry(state, line.id, line.entry);
    if (line.kind === 'retry') noteRetry(state, line.retry);
    state.offset = offset + length + 1;
  }
}

function noteEntry({ standing, events, held }: ReadFile, id: string, { origin }: QuarantineEntry): void {
  standing.add(id);
  if (!origin) return;
  const event = nameOf(sourceKey(origin.source), eventKey(origin.stream, origin.eventId));
  events.set(id, event);
  const records = held.get(event);
  if (records) records.add(id);
  else held.set(event, new Set([id]));
}

function noteRetry(state: ReadFile, { id, result, destination, to }: QuarantineRetry): void {
  if (result !== 'released') return;
  state.standing.delete(id);
  const event = state.events.get(id);
  if (event === undefined || to !== destination) return;
  const records = state.held.get(event);
  records?.delete(id);
  if (records?.size === 0) state.held.delete(event);
}

function nameOf(source: string, key: Uint8Array): string {
  return `${source} ${Buffer.from(key).toString('base64')}`;
}
