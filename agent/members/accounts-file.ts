import { readFile } from 'node:fs/promises';

import { EXIT, GuardrelayError } from '../model/error.ts';
import { type AccountList, parseAccountsCsv } from './accounts-csv.ts';

/** The accounts of a CSV file in UTF-8, as it is uploaded to GuardDuty. */
export async function readAccountsFile(file: string): Promise<AccountList> {
  return parseAccountsCsv(textOf(file, await bytesOf(file)));
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
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw unreadable(file, 'Save the list as CSV in UTF-8; spreadsheets call it "CSV UTF-8".', error);
  }
}

function unreadable(file: string, fix: string, cause: unknown): GuardrelayError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new GuardrelayError('CFG-006', `Reading the list of accounts ${file} failed: ${reason}`, {
    exitCode: EXIT.usage,
    fix,
    cause,
  });
}
