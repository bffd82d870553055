import { randomUUID } from 'node:crypto';

import { importDocument } from '../../checkpoint/transfer/import.ts';
import { type CheckpointDocument, readDocument } from '../../checkpoint/transfer/read.ts';
import { loadConfig } from '../../config/load.ts';
import { type ScreenWishes, screenFor } from '../../console/terminal/screen.ts';
import { systemClock } from '../../model/clock.ts';
import { EXIT, type ExitCode } from '../../model/error.ts';
import { selectCustomers } from '../select-customers.ts';
import { changeStore, heldByAgent } from '../store/change-store.ts';
import { openDocument } from './document-file.ts';
import { printImport } from './import-report.ts';

export interface ImportArguments extends ScreenWishes {
  readonly config?: string | undefined;
  readonly customer?: readonly string[] | undefined;
  /** Absent or `-`: stdin. */
  readonly file?: string | undefined;
  readonly replace: boolean;
}

/** Puts a checkpoint document into the store of this machine. */
export async function importCheckpoints(argv: ImportArguments): Promise<ExitCode> {
  const config = await loadConfig(argv.config, process.env);
  selectCustomers(config, argv.customer);
  using file = await openDocument(argv.file);
  const document = ofCustomers(readDocument(file.descriptor), argv.customer);
  const owner = `${config.agent.id}-import-${randomUUID()}`;
  const result = await changeStore(config.agent.dataDir, (store) =>
    importDocument(store, document, { owner, clock: systemClock, replace: argv.replace }),
  );
  if (result.kind === 'held') throw heldByAgent(result.holders);
  const screen = screenFor(argv, process.env, process.stdout);
  printImport({ document, sources: result.sources, config, now: systemClock.now() }, screen);
  return result.sources.some((each) => each.result === 'kept' || each.result === 'taken')
    ? EXIT.partly
    : EXIT.done;
}

function ofCustomers(document: CheckpointDocument, ids: readonly string[] | undefined): CheckpointDocument {
  if (!ids) return document;
  return { ...document, checkpoints: document.checkpoints.filter(({ spec }) => ids.includes(spec.customer)) };
}
