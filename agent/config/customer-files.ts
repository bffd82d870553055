import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { EXIT, GuardrelayError } from '../model/error.ts';

/** One customer's own file, beside the configuration file. */
export interface CustomerFile {
  readonly file: string;
  readonly text: string;
}

/** Every `*.yaml` and `*.yml` of the folder, by name; those that begin with a dot are not meant. */
export async function readCustomerFiles(folder: string): Promise<readonly CustomerFile[]> {
  try {
    const names = (await readdir(folder)).filter((name) => /^[^.].*\.ya?ml$/.test(name)).toSorted();
    return await Promise.all(
      names.map(async (name) => {
        const file = join(folder, name);
        return { file, text: await readFile(file, 'utf8') };
      }),
    );
  } catch (error) {
    throw unreadable(folder, error);
  }
}

function unreadable(folder: string, cause: unknown): GuardrelayError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new GuardrelayError('CFG-006', `Reading the customers' files in ${folder} failed: ${reason}`, {
    exitCode: EXIT.usage,
    fix: 'Name a readable folder as customersDir; it is looked for beside the configuration file.',
    cause,
  });
}
