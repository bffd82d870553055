import { constants } from 'node:fs';
import { access, mkdir, stat, statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

import { EXIT, GuardrelayError } from '../model/error.ts';

/** `f_type` of statfs(2): where SQLite's locks and shared memory cannot be relied on. */
const NETWORK_FILE_SYSTEMS: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xfe534d42, 'SMB2'],
  [0xff534d42, 'CIFS'],
  [0x01021997, '9P'],
  [0x65735546, 'FUSE'],
  [0x00c36400, 'Ceph'],
  [0x0bd00bd0, 'Lustre'],
]);

/** The part of `node:fs/promises` statfs that is used. */
export type Statfs = (path: string) => Promise<{ readonly type: number }>;

/** Makes the directory (0700) where it is missing, and refuses one that cannot hold the store safely. */
export async function prepareDataDirectory(
  directory: string,
  statFileSystem: Statfs = statfs,
): Promise<void> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await access(directory, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw unwritable(directory, error);
  }
  refuseNetwork(directory, await statFileSystem(directory));
}

/** What can be known of the directory without making it. Throws what making it would. */
export async function inspectDataDirectory(
  directory: string,
): Promise<{ readonly exists: boolean; readonly freeBytes: number }> {
  const found = await nearest(resolve(directory));
  try {
    await access(found, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw unwritable(directory, error);
  }
  const facts = await statfs(found);
  refuseNetwork(directory, facts);
  return { exists: found === resolve(directory), freeBytes: facts.bavail * facts.bsize };
}

/** The directory itself, or the first one above it that is there. */
async function nearest(path: string): Promise<string> {
  const above = dirname(path);
  const isThere = await stat(path).then(
    () => true,
    () => false,
  );
  return isThere || above === path ? path : nearest(above);
}

function refuseNetwork(directory: string, { type }: { readonly type: number }): void {
  // f_type is a signed word on some platforms.
  const network = NETWORK_FILE_SYSTEMS.get(type >>> 0);
  if (network === undefined) return;
  throw refused(`preparing the data directory ${directory}: it lies on a network file system (${network})`, {
    fix: 'Name a directory on a local disk or a block volume in agent.dataDir: SQLite loses data on network storage.',
  });
}

function unwritable(directory: string, cause: unknown): GuardrelayError {
  return refused(`preparing the data directory ${directory}: ${String(cause)}`, {
    fix: `Let the user that runs guardrelay write to ${directory}, or name another directory in agent.dataDir.`,
    cause,
  });
}

function refused(message: string, { fix, cause }: { fix: string; cause?: unknown }): GuardrelayError {
  return new GuardrelayError('AGT-001', message, { exitCode: EXIT.usage, fix, cause });
}
