import { stat } from 'node:fs/promises';

import type { Config } from './config.ts';
import type { ConfigPath } from './mistake.ts';
import { secretsIn } from './secrets-in.ts';

/** A file with a secret that more people may read or change than need to. */
export interface OpenSecretFile {
  /** Where it is configured. */
  readonly path: ConfigPath;
  readonly file: string;
  /** In octal, such as 0644. */
  readonly mode: string;
}

const GROUP_READS = 0o040;
const NOT_OWNER = 0o077;

/** Files that cannot be looked at are for whoever reads them to tell of. */
export async function openSecretFiles(config: Config): Promise<readonly OpenSecretFile[]> {
  const files = secretsIn(config).flatMap(({ path, reference }) =>
    reference.startsWith('file:') ? [{ path, file: reference.slice('file:'.length) }] : [],
  );
  const checked = await Promise.all(
    files.map(async (named) => {
      const mode = await openMode(named.file);
      return mode === undefined ? [] : [{ ...named, mode }];
    }),
  );
  return checked.flat();
}

/** As PostgreSQL judges its keys: the group may read what belongs to root, which is how orchestrators hand out secrets. */
async function openMode(file: string): Promise<string | undefined> {
  if (process.platform === 'win32') return undefined;
  const { mode, uid } = await stat(file).catch(() => ({ mode: 0, uid: 0 }));
  const refused = uid === 0 ? NOT_OWNER & ~GROUP_READS : NOT_OWNER;
  return (mode & refused) === 0 ? undefined : (mode & 0o7777).toString(8).padStart(4, '0');
}
