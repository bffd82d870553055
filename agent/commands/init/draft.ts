import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Config } from '../../config/config.ts';
import { type CustomerFile, readCustomerFiles } from '../../config/customer-files.ts';
import { type ConfigSource, customersFolder, mistakesError } from '../../config/load.ts';
import type { Mistake } from '../../config/mistake.ts';
import { parseConfig } from '../../config/parse.ts';
import {
  addCustomer,
  addCustomerFile,
  type DestinationChoice,
  type StarterCustomer,
} from '../../config/starter/starter.ts';
import { EXIT, GuardrelayError } from '../../model/error.ts';
import { unusable } from './files.ts';

/** The configuration before `init` adds to it. */
export interface Written extends ConfigSource {
  /** Where customers have files of their own; it need not be there yet. */
  readonly folder?: string;
}

/** The configuration with one more customer, on paper. */
export interface Drawn extends ConfigSource {
  /** The file of the new customer, where customers have their own. */
  readonly own?: CustomerFile;
}

/** Undefined: there is none yet. What is not valid is told now, and stays as it is. */
export async function readWritten(file: string): Promise<Written | undefined> {
  const text = await textOf(file);
  if (text === undefined) return undefined;
  const folder = customersFolder({ file, text });
  const customerFiles = folder !== undefined && existsSync(folder) ? await readCustomerFiles(folder) : [];
  const written = { file, text, customerFiles, ...(folder !== undefined && { folder }) };
  const mistakes = mistakesIn(written);
  if (mistakes.length > 0) throw mistakesError(file, mistakes);
  return written;
}

/** A folder waits for its first customer: that there is none is no mistake here. */
function mistakesIn({ text, folder, customerFiles }: Written): readonly Mistake[] {
  const parsed = parseConfig(text, process.env, customerFiles);
  if (parsed.kind === 'valid') return [];
  const isWaiting = folder !== undefined && customerFiles.length === 0;
  return parsed.mistakes.filter(({ path }) => !(isWaiting && path === 'customers'));
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw unusable(file, error);
  }
}

/** Adds the customer: in a file of his own where there is a folder for these. */
export function drawUp(before: Written, customer: StarterCustomer, choice: DestinationChoice): Drawn {
  const { text, folder, ...rest } = before;
  if (folder === undefined) return { ...rest, text: addCustomer(text, customer, choice) };
  const file = join(folder, `${customer.id}.yaml`);
  if (before.customerFiles.some((each) => each.file === file)) throw taken(file);
  const drawn = addCustomerFile(text, customer, choice);
  return { ...rest, text: drawn.text, own: { file, text: drawn.customerText } };
}

/** The configuration as it would be, if all of it is valid. */
export function judgeDrawn({ file, text, customerFiles, own }: Drawn, id: string): Config {
  // The new file last: a clash with somebody else is then its mistake.
  const parsed = parseConfig(text, process.env, own ? [...customerFiles, own] : customerFiles);
  if (parsed.kind === 'valid') return parsed.config;
  const { code, message } = mistakesError(`${file}, with ${id} added,`, parsed.mistakes);
  throw new GuardrelayError(code, message, {
    exitCode: EXIT.usage,
    fix: 'Nothing was written. Run it again with other answers.',
  });
}

function taken(file: string): GuardrelayError {
  return new GuardrelayError('CLI-001', `Writing ${file} failed: it is there already`, {
    exitCode: EXIT.usage,
    fix: 'Nothing was written. Give the customer another id, or edit that file.',
  });
}
