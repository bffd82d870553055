import { open, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { printable, printableJson } from '../../console/terminal/printable.ts';
import { EXIT, type ExitCode, GuardrelayError } from '../../model/error.ts';
import { readEntry, type StandingRecord } from '../../ship/quarantine-list.ts';
import { type QuarantineFilters, selectQuarantined } from './select-quarantined.ts';

interface ExportArguments extends QuarantineFilters {
  readonly out?: string | undefined;
  readonly quiet: boolean;
}

/** Writes the records as they stand in their files, with their ids: a line each. */
export async function exportQuarantined({ out, quiet, ...filters }: ExportArguments): Promise<ExitCode> {
  const { records } = await selectQuarantined(filters);
  const lines = Readable.from(linesOf(records));
  if (out === undefined) await pipeline(lines, process.stdout, { end: false });
  else await writeNew(out, lines);
  if (out !== undefined && !quiet) {
    process.stderr.write(
      `${records.length} records written to ${printable(out)}. They stand in quarantine still.\n`,
    );
  }
  return EXIT.done;
}

async function* linesOf(records: readonly StandingRecord[]): AsyncGenerator<string> {
  for (const record of records) yield `${printableJson({ id: record.id, ...(await readEntry(record)) })}\n`;
}

/** The file is new and has all of it, or there is none. */
async function writeNew(path: string, lines: Readable): Promise<void> {
  const file = await open(path, 'wx', 0o600).catch((error: unknown) => {
    throw unwritten(path, error, EXIT.usage);
  });
  try {
    await pipeline(lines, file.createWriteStream({ flush: true }));
  } catch (error) {
    await rm(path, { force: true });
    throw error instanceof GuardrelayError ? error : unwritten(path, error, EXIT.failure);
  }
}

function unwritten(path: string, error: unknown, exitCode: ExitCode): GuardrelayError {
  const said = error instanceof Error ? error.message : String(error);
  return new GuardrelayError('CLI-001', `writing the export ${path}: ${said}`, {
    exitCode,
    fix: 'Name a new file, in a directory that you may write to, on a disk that has room.',
    cause: error,
  });
}
