import { randomBytes } from 'node:crypto';
import { link, mkdir, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { EXIT, GuardrelayError } from '../../model/error.ts';

/** A new file: whole or not at all, and never over one that is there. */
export async function createFile(file: string, text: string): Promise<void> {
  // Begins with a dot, so that no agent takes it for a customer.
  const draft = join(dirname(file), `.${basename(file)}.${process.pid}.new`);
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(draft, text, { flag: 'wx' });
    await link(draft, file);
  } catch (error) {
    throw unusable(file, error);
  } finally {
    await rm(draft, { force: true }).catch(() => undefined);
  }
}

/** A file that is there, with another text: whole or not at all. */
export async function replaceFile(file: string, text: string): Promise<void> {
  try {
    const target = await realpath(file);
    const { mode } = await stat(target);
    const draft = `${target}.${process.pid}.new`;
    await writeFile(draft, text, { flag: 'wx', mode: mode & 0o777 });
    await rename(draft, target);
  } catch (error) {
    throw unusable(file, error);
  }
}

/** A random secret for its owner alone. False: there is one, which the customer's role may demand already. */
export async function createSecret(file: string): Promise<boolean> {
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(file, `${randomBytes(16).toString('hex')}\n`, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw unusable(file, error);
  }
}

/** Of a file of `init` that cannot be read or written. */
export function unusable(file: string, cause: unknown): GuardrelayError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new GuardrelayError('CFG-006', `Writing ${file} failed: ${why}`, {
    exitCode: EXIT.usage,
    fix: 'Make sure that you may write to its folder, or name another configuration with --out FILE.',
    cause,
  });
}
