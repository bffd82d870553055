import { Buffer } from 'node:buffer';

import { EXIT, GuardrelayError } from '../model/error.ts';
import type { QuarantineEntry, QuarantineRetry } from './quarantine.ts';
import { openQuarantine, quarantineFiles, reading } from './quarantine-files.ts';
import { type LinePlace, parseLine, type QuarantineLine, quarantineLines } from './quarantine-lines.ts';

/** A record in quarantine, without its text. */
export interface StandingRecord extends Omit<QuarantineEntry, 'raw'> {
  readonly id: string;
  /** UTF-8 bytes of the text. */
  readonly rawBytes: number;
  /** How often it was sent again and refused, and what was said the last time. */
  readonly refusals: number;
  readonly lastRefusal?: QuarantineRetry;
  /** Every file that has it; more than one only if the file was moved aside between two refusals. */
  readonly files: readonly string[];
  /** Where its newest entry stands. */
  readonly place: LinePlace;
}

/** One quarantine file. */
export interface ListedFile {
  readonly path: string;
  readonly bytes: number;
  /** Records that stand there. */
  readonly standing: number;
  /** Records that were released since they were written there. */
  readonly released: number;
  /** Lines that a crash cut short, or that a newer release wrote. */
  readonly unreadable: number;
}

/** Everything in quarantine. */
export interface QuarantineList {
  /** Oldest first. */
  readonly records: readonly StandingRecord[];
  readonly files: readonly ListedFile[];
}

/** Reads beside an agent that writes. `destination` absent: those of all, also of such as are configured no longer. */
export async function listQuarantine(folder: string, destination?: string): Promise<QuarantineList> {
  const records = new Map<string, StandingRecord>();
  const files: ListedFile[] = [];
  for (const path of await quarantineFiles(folder, destination)) {
    const listed = await listFile(path);
    if (!listed) continue;
    files.push(listed.file);
    for (const record of listed.records) records.set(record.id, joined(records.get(record.id), record));
  }
  return { records: [...records.values()].toSorted(byTime), files };
}

function byTime(one: StandingRecord, other: StandingRecord): number {
  return one.at.localeCompare(other.at);
}

function joined(one: StandingRecord | undefined, other: StandingRecord): StandingRecord {
  if (!one) return other;
  const [older, newer] = one.at < other.at ? [one, other] : [other, one];
  // The file of the newer entry first: `place` is there.
  const files = [...newer.files, ...older.files];
  return { ...older, ...newer, files, refusals: one.refusals + other.refusals };
}

interface ReadFile {
  readonly file: ListedFile;
  readonly records: readonly StandingRecord[];
}

async function listFile(path: string): Promise<ReadFile | undefined> {
  await using file = await openQuarantine(path);
  if (!file) return undefined;
  const standing = new Map<string, StandingRecord>();
  let [released, unreadable] = [0, 0];
  return await reading(path, async () => {
    for await (const { line, ...place } of quarantineLines(file, 0)) {
      if (line.kind === 'unreadable') unreadable += 1;
      if (line.kind === 'entry') standing.set(line.id, standingRecord(line, path, place));
      if (line.kind === 'retry' && noteRetry(standing, line.retry)) released += 1;
    }
    const { size: bytes } = await file.stat();
    const counts = { standing: standing.size, released, unreadable };
    return { file: { path, bytes, ...counts }, records: [...standing.values()] };
  });
}

function standingRecord(
  { id, entry }: Extract<QuarantineLine, { kind: 'entry' }>,
  path: string,
  place: LinePlace,
): StandingRecord {
  const { raw, ...known } = entry;
  return { ...known, id, rawBytes: Buffer.byteLength(raw), refusals: 0, files: [path], place };
}

/** Whether it released a record that stood there. */
function noteRetry(standing: Map<string, StandingRecord>, retry: QuarantineRetry): boolean {
  const record = standing.get(retry.id);
  if (retry.result === 'released') return standing.delete(retry.id);
  if (record) standing.set(retry.id, { ...record, refusals: record.refusals + 1, lastRefusal: retry });
  return false;
}

/** The whole entry, with its text. */
export async function readEntry({ id, files: [path = ''], place }: StandingRecord): Promise<QuarantineEntry> {
  await using file = await openQuarantine(path);
  const bytes = Buffer.alloc(place.length);
  if (file) await reading(path, () => file.read(bytes, 0, place.length, place.offset));
  const line = parseLine(bytes.toString());
  if (line.kind === 'entry' && line.id === id) return line.entry;
  throw new GuardrelayError(
    'AGT-001',
    `reading the quarantine file ${path}: ${id} is no longer where it was`,
    {
      exitCode: EXIT.failure,
      fix: 'Files were moved or removed meanwhile: run the command again.',
    },
  );
}
