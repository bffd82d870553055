import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import type { StoredCheckpoint } from '../../checkpoint/store.ts';
import { writeDocument } from '../../checkpoint/transfer/write.ts';
import { loadConfig } from '../../config/load.ts';
import { printable } from '../../console/terminal/printable.ts';
import { systemClock } from '../../model/clock.ts';
import { EXIT, type ExitCode, GuardrelayError } from '../../model/error.ts';
import { selectCustomers } from '../select-customers.ts';
import { readStore } from '../store/read-store.ts';

export interface ExportArguments {
  readonly config?: string | undefined;
  readonly customer?: readonly string[] | undefined;
  readonly file?: string | undefined;
  readonly quiet: boolean;
}

/** Writes all that the checkpoints are as one document; changes nothing. */
export async function exportCheckpoints({
  config,
  customer,
  file,
  quiet,
}: ExportArguments): Promise<ExitCode> {
  const { agent } = selectCustomers(await loadConfig(config, process.env), customer);
  const header = { generatedAt: new Date(systemClock.now()).toISOString(), agentId: agent.id };
  await readStore(agent.dataDir, async (store) => {
    const text = Readable.from(writeDocument(ofCustomers(store.snapshot(), customer), header));
    if (file === undefined) await pipeline(text, process.stdout, { end: false });
    else await writeWhole(file, text);
  });
  if (file !== undefined && !quiet) process.stderr.write(`Written: ${printable(file)}. ${ADVICE}\n`);
  return EXIT.done;
}

const ADVICE =
  'Before another agent goes on from it, stop this one: what it still delivers would be sent again.';

async function* ofCustomers(
  checkpoints: AsyncIterable<StoredCheckpoint>,
  customers: readonly string[] | undefined,
): AsyncGenerator<StoredCheckpoint> {
  for await (const checkpoint of checkpoints) {
    if (!customers || customers.includes(checkpoint.spec.customer)) yield checkpoint;
  }
}

/** The file is there with all of it, or as it was. */
async function writeWhole(file: string, text: Readable): Promise<void> {
  const draft = `${file}.part`;
  try {
    await pipeline(text, createWriteStream(draft, { mode: 0o600, flush: true }));
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    if (error instanceof GuardrelayError) throw error;
    throw new GuardrelayError('AGT-006', `writing the checkpoint document ${file}: ${String(error)}`, {
      exitCode: EXIT.failure,
      fix: 'Name a file in a directory that you may write to, on a disk that has room.',
      cause: error,
    });
  }
}
