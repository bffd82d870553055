import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';

import { EXIT, GuardrelayError } from '../model/error.ts';
import { isJsonObject } from '../model/json.ts';
import type { Config, ResolvedCustomer } from './config.ts';
import { type CustomerFile, readCustomerFiles } from './customer-files.ts';
import type { Environment } from './environment.ts';
import type { ConfigCode, Mistake, Place } from './mistake.ts';
import { parseConfig } from './parse.ts';
import { readYaml } from './yaml-text.ts';

const SEARCHED = ['guardrelay.yaml', '/etc/guardrelay/guardrelay.yaml'] as const;

interface ConfigText {
  readonly file: string;
  readonly text: string;
}

/** The configuration as it was written: the file itself, and the customers that have files of their own. */
export interface ConfigSource extends ConfigText {
  readonly customerFiles: readonly CustomerFile[];
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function unreadable(file: string, cause: unknown): GuardrelayError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new GuardrelayError('CFG-006', `Reading the configuration ${file} failed: ${reason}`, {
    exitCode: EXIT.usage,
    fix: 'Name a readable file with --config FILE or GUARDRELAY_CONFIG.',
    cause,
  });
}

async function readNamed(file: string): Promise<ConfigText> {
  try {
    return { file, text: await readFile(file, 'utf8') };
  } catch (error) {
    throw unreadable(file, error);
  }
}

/** The file named by `path`, else by GUARDRELAY_CONFIG, else the first that exists of the usual places. */
async function readConfigText(path: string | undefined, env: Environment): Promise<ConfigText> {
  const named = path ?? env.GUARDRELAY_CONFIG;
  if (named !== undefined && named !== '') return await readNamed(named);
  for (const file of SEARCHED) {
    try {
      return { file, text: await readFile(file, 'utf8') };
    } catch (error) {
      if (!isMissing(error)) throw unreadable(file, error);
    }
  }
  throw new GuardrelayError(
    'CFG-006',
    `There is no configuration file: looked for ${SEARCHED.join(' and ')}`,
    {
      exitCode: EXIT.usage,
      fix: 'Name the file with --config FILE or GUARDRELAY_CONFIG; config/guardrelay.example.yaml shows every option.',
    },
  );
}

/** The same, with the files of `customersDir`. */
export async function readConfigSource(path: string | undefined, env: Environment): Promise<ConfigSource> {
  const main = await readConfigText(path, env);
  const folder = customersFolder(main);
  return { ...main, customerFiles: folder === undefined ? [] : await readCustomerFiles(folder) };
}

/** Where customers have files of their own; undefined: nowhere. */
export function customersFolder({ file, text }: ConfigText): string | undefined {
  const folder = customersDirIn(text);
  if (folder === undefined || isAbsolute(folder)) return folder;
  return join(dirname(file), folder);
}

/** Needed before the text can be judged as a whole, which of hundreds of customers takes a while to read. */
function customersDirIn(text: string): string | undefined {
  if (!text.includes('customersDir')) return undefined;
  const yaml = readYaml(text);
  const values = 'values' in yaml && isJsonObject(yaml.values) ? yaml.values : {};
  return typeof values.customersDir === 'string' && values.customersDir !== ''
    ? values.customersDir
    : undefined;
}

/** One mistake as a line: place, path, sentence. */
export function mistakeText({ code, text, ...place }: Mistake): string {
  const mark = code === 'CFG-001' ? '' : ` (${code})`;
  return `${placeText(place)} ${text}${mark}`;
}

/** File, line, column and path: what a sentence about it begins with. */
export function placeText({ file, line, column, path }: Place): string {
  const where = [...(file === undefined ? [] : [file]), ...(line === undefined ? [] : [line, column ?? 1])];
  const subject = path === '' ? 'the file' : path;
  return where.length === 0 ? subject : `${where.join(':')} ${subject}`;
}

/** All mistakes of a file as one error, under the code that they share, else CFG-001. */
export function mistakesError(file: string, mistakes: readonly Mistake[]): GuardrelayError {
  const codes = new Set<ConfigCode>(mistakes.map(({ code }) => code));
  const [shared = 'CFG-001'] = codes.size === 1 ? codes : [];
  const count = mistakes.length === 1 ? '1 mistake' : `${mistakes.length} mistakes`;
  const lines = mistakes.map((mistake) => `\n  ${mistakeText(mistake)}`).join('');
  return new GuardrelayError(shared, `The configuration ${file} has ${count}:${lines}`, {
    exitCode: EXIT.usage,
    fix: `Correct ${mistakes.some((mistake) => mistake.file) ? 'the files' : 'the file'}, then run: guardrelay validate -c ${file}`,
  });
}

/** Paths in a configuration are relative to its own folder. */
export function besideFile(file: string, config: Config): Config {
  const folder = dirname(resolve(file));
  const placed = (customer: ResolvedCustomer): ResolvedCustomer => {
    const { file: written } = customer.accounts;
    if (written === undefined) return customer;
    return { ...customer, accounts: { ...customer.accounts, file: resolve(folder, written) } };
  };
  return { ...config, customers: config.customers.map(placed) };
}

/** Finds, reads and checks the configuration; every mistake in it is told at once. */
export async function loadConfig(path: string | undefined, env: Environment): Promise<Config> {
  const { file, text, customerFiles } = await readConfigSource(path, env);
  const parsed = parseConfig(text, env, customerFiles);
  if (parsed.kind === 'mistaken') throw mistakesError(file, parsed.mistakes);
  return besideFile(file, parsed.config);
}
