import { mkdir, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

import { EXIT, GuardrelayError } from '../model/error.ts';
import { type AccountList, parseAccountsCsv } from './accounts-csv.ts';

/** The accounts of a CSV file in UTF-8, as it is uploaded to GuardDuty. */
export async function readAccountsFile(file: string): Promise<AccountList> {
  return parseAccountsCsv(await accountsText(file));
}

/** The text of such a file, with its byte order mark if it has one. */
async function accountsText(file: string): Promise<string> {
  return textOf(file, await bytesOf(file));
}

/** The same of a file that need not be there yet. */
export async function accountsTextIfAny(file: string): Promise<string> {
  try {
    return await accountsText(file);
  } catch (error) {
    if (isMissing(error)) return '';
    throw error;
  }
}

/** The file is there with all of the text, or as it was. */
export async function writeAccountsFile(file: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true });
    const target = await realpath(file).catch(() => file);
    const mode = (await stat(target).catch(() => undefined))?.mode ?? 0o644;
    await replaceFile(target, text, mode & 0o777);
  } catch (error) {
    const fix = 'Name a file in accounts.file that you may write, in a folder that you may write to.';
    throw unusable(`Writing the list of accounts ${file} failed`, fix, error);
  }
}

async function replaceFile(target: string, text: string, mode: number): Promise<void> {
  const draft = `${target}.${process.pid}.new`;
  try {
    await using handle = await open(draft, 'wx', mode);
    await handle.writeFile(text);
    await handle.sync();
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  const cause = error instanceof GuardrelayError ? error.cause : error;
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
}

async function bytesOf(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    const fix =
      'Name a readable file in accounts.file, or leave it out: it only gives the accounts their names.';
    throw unreadable(file, fix, error);
  }
}

function textOf(file: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw unreadable(file, 'Save the list as CSV in UTF-8; spreadsheets call it "CSV UTF-8".', error);
  }
}

function unreadable(file: string, fix: string, cause: unknown): GuardrelayError {
  return unusable(`Reading the list of accounts ${file} failed`, fix, cause);
}

function unusable(what: string, fix: string, cause: unknown): GuardrelayError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new GuardrelayError('CFG-006', `${what}: ${reason}`, { exitCode: EXIT.usage, fix, cause });
}
