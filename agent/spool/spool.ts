import { hash } from 'node:crypto';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

import type { Logger } from '../model/logger.ts';
import { createSegments, type SourceSpool, type SpoolRoom } from './segments.ts';

const MEGABYTE = 1_000_000;
const MAX_NAME = 32;

/** The second buffer of the relay, behind the log groups: on the agent's own disk. */
export interface Spool {
  /** Of all sources, on disk. */
  bytes(): number;
  of(source: string): SourceSpool;
  /** A write succeeded, or something failed: that is logged once until the next write succeeds. */
  told(failure?: { readonly source: string; readonly error: unknown }): void;
}

export interface SpoolOptions {
  readonly dir: string;
  readonly maxMegabytes: number;
}

/** A folder that cannot be used is told and changes nothing else: the relay goes on without a second buffer. */
export async function openSpool({ dir, maxMegabytes }: SpoolOptions, logger: Logger): Promise<Spool> {
  const held = new Map<string, number>();
  const sources = new Map<string, SourceSpool>();
  let isFailing = false;
  const bytes = (): number => held.values().reduce((sum, each) => sum + each, 0);
  const room: SpoolRoom = {
    left: () => maxMegabytes * MEGABYTE - bytes(),
    holds: (folder, size) => held.set(folder, size),
  };

  function of(source: string): SourceSpool {
    const known = sources.get(source);
    if (known) return known;
    const folder = join(dir, hash('sha256', source).slice(0, MAX_NAME));
    const made = createSegments({ folder, room, logger });
    sources.set(source, made);
    return made;
  }

  function told(failure?: { readonly source: string; readonly error: unknown }): void {
    if (failure && !isFailing) {
      const { source, error } = failure;
      logger.error('the spool cannot be used', { code: 'AGT-007', source, dir, error: String(error) });
    }
    isFailing = failure !== undefined;
  }

  await measure(dir, room).catch((error: unknown) => told({ source: '', error }));
  return { bytes, of, told };
}

/** Also what belongs to sources that are no longer configured takes room. */
async function measure(dir: string, room: SpoolRoom): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const folders = (await readdir(dir, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  for (const { name } of folders) {
    const folder = join(dir, name);
    const sizes = (await readdir(folder)).map(async (file) => (await stat(join(folder, file))).size);
    room.holds(
      folder,
      (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0),
    );
  }
}
