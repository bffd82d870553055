import { type FileHandle, open, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { EXIT, GuardrelayError } from '../model/error.ts';

/** `siem.ndjson`, and files of it that were moved aside, such as `siem.2026-07.ndjson`; ids have no dots. */
const FILE_NAME = /^(?<destination>[^.]+)(\..+)?\.ndjson$/;

/** Paths of the quarantine files of one destination, or of all; none where nothing was ever refused. */
export async function quarantineFiles(folder: string, destination?: string): Promise<readonly string[]> {
  const names = await reading(folder, () => readdir(folder));
  return (names ?? [])
    .filter((name) => isOf(name, destination))
    .toSorted()
    .map((name) => join(folder, name));
}

function isOf(name: string, destination: string | undefined): boolean {
  const { destination: owner } = FILE_NAME.exec(name)?.groups ?? {};
  return owner !== undefined && (destination === undefined || owner === destination);
}

/** Whose file this is. */
export function destinationOf(path: string): string {
  return basename(path).replace(/\..*$/s, '');
}

/** Undefined: it is not there, or no longer. */
export async function openQuarantine(path: string): Promise<FileHandle | undefined> {
  return reading(path, () => open(path, 'r'));
}

/** Reads something of this path; undefined: it is not there. */
export async function reading<T>(path: string, read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): GuardrelayError {
  const said = error instanceof Error ? error.message : String(error);
  return new GuardrelayError('AGT-001', `reading the quarantine file ${path}: ${said}`, {
    exitCode: EXIT.usage,
    fix: 'Run this command as the user who runs the agent: the file is readable by its owner alone.',
    cause: error,
  });
}
