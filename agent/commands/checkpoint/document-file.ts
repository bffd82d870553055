import { closeSync, createReadStream, createWriteStream, openSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { EXIT, GuardrelayError } from '../../model/error.ts';

const STDIN = '-';

/** An open file, closed when it is disposed. */
export interface DocumentFile extends Disposable {
  readonly descriptor: number;
}

/** Opens a document; one from a pipe (stdin: `-`, or no name) is stored first, because it is read twice. */
export async function openDocument(name = STDIN): Promise<DocumentFile> {
  if (name === STDIN && process.stdin.isTTY) {
    throw new GuardrelayError('CLI-001', 'There is no document to import: stdin is a terminal', {
      exitCode: EXIT.usage,
      fix: 'Name a file: guardrelay checkpoint import FILE',
    });
  }
  try {
    if (name === STDIN) return await storeAndOpen(process.stdin);
    return (await stat(name)).isFile() ? openFile(name) : await storeAndOpen(createReadStream(name));
  } catch (error) {
    throw new GuardrelayError('AGT-006', `opening the checkpoint document ${name}: ${String(error)}`, {
      exitCode: EXIT.usage,
      fix: 'Name a file that you may read.',
      cause: error,
    });
  }
}

/** Its name goes at once, so nothing is left behind whatever happens. */
async function storeAndOpen(stream: Readable): Promise<DocumentFile> {
  const directory = await mkdtemp(join(tmpdir(), 'guardrelay-import-'));
  try {
    const path = join(directory, 'document');
    await pipeline(stream, createWriteStream(path, { mode: 0o600 }));
    return openFile(path);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function openFile(path: string): DocumentFile {
  const descriptor = openSync(path, 'r');
  return { descriptor, [Symbol.dispose]: () => closeSync(descriptor) };
}
