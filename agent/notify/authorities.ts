import { readFile } from 'node:fs/promises';

import { UnfitError } from './unfit.ts';

/** The authorities to trust, read anew for each connection; absent: the public ones. */
export async function authoritiesOf(caFile: string | undefined): Promise<{ readonly ca?: Buffer }> {
  if (caFile === undefined) return {};
  const ca = await readFile(caFile).catch((error: unknown) => {
    throw new UnfitError(`caFile ${caFile} cannot be read`, { cause: error });
  });
  return { ca };
}
