import { once } from 'node:events';
import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/load.ts';
import { printable } from '../../console/terminal/printable.ts';
import { screenFor } from '../../console/terminal/screen.ts';
import { createLogger } from '../../log.ts';
import type { AccountDirectory } from '../../model/account-names.ts';
import { systemClock } from '../../model/clock.ts';
import { EXIT, type ExitCode } from '../../model/error.ts';
import type { RecordQuery } from '../../model/record-query.ts';
import { tailGroups } from '../../relay/group-tail.ts';
import type { IndexedRecord } from '../../search/search-index.ts';
import { readAccountNames } from '../account-names.ts';
import type { RunArguments } from '../run/run-agent.ts';
import { headLine, recordLines } from '../search/record-lines.ts';
import { groupConfig, sourcesIn } from '../search/search-in-groups.ts';
import { openIndex } from '../search/search-in-index.ts';
import { type RecordWishes, recordQuery } from '../search/wishes.ts';
import { selectCustomers } from '../select-customers.ts';
import { openOneOff } from '../session/one-off-session.ts';
import { stopSignal } from '../stop-signal.ts';
import { neverRan } from '../store/read-store.ts';

export interface TailArguments extends Omit<RunArguments, 'timeout'>, RecordWishes {
  readonly stage: 'in' | 'out';
  readonly raw: boolean;
  readonly quiet: boolean;
}

interface Tail {
  readonly argv: TailArguments;
  readonly config: Config;
  readonly query: Omit<RecordQuery, 'limit'>;
  readonly stop: AbortSignal;
}

type Show = (records: readonly IndexedRecord[]) => Promise<void>;

const LOOK_EVERY_MS = 1_000;

/** Shows records as they come, until Ctrl-C or until nobody reads them any more. */
export async function tailRecords(argv: TailArguments): Promise<ExitCode> {
  const config = selectCustomers(await loadConfig(argv.config, process.env), argv.customer);
  const query = recordQuery(argv, config);
  const interrupted = stopSignal();
  const closed = closing(process.stdout);
  const tail = { argv, config, query, stop: AbortSignal.any([interrupted, closed]) };
  await (argv.stage === 'in' ? tailIn(tail) : tailOut(tail));
  return interrupted.aborted ? EXIT.interrupted : EXIT.done;
}

/** What arrives in the log groups, read by this process. */
async function tailIn(tail: Tail): Promise<void> {
  const { argv, config, query, stop } = tail;
  const { customers, ...rest } = groupConfig({ config, query });
  await using session = await openOneOff({ customers, ...rest }, argv.endpointUrl);
  const { sources, leftOut } = await session.discover(stop);
  for (const { code, reason } of leftOut) say(argv, `${code} ${reason}`);
  const chosen = sourcesIn(sources, query);
  say(argv, `Waiting for records of ${chosen.length} log groups.`);
  const show = createShow(tail, session.accountNames, false);
  await tailGroups(
    {
      ...{ ...session, customers, query, sources: chosen },
      show: (records) => show(records.map((record) => ({ ...record, acked: [] }))),
      failed: (_, { code, error }) => say(argv, `${code} ${error}`),
    },
    stop,
  );
}

/** What destinations acknowledge, from the search index of the agent that runs beside this. */
async function tailOut(tail: Tail): Promise<void> {
  const { argv, config, query, stop } = tail;
  const index = openIndex(config);
  if (!index) throw neverRan(config.agent.dataDir);
  const logger = createLogger({ level: config.agent.logLevel, format: config.agent.logFormat });
  const show = createShow(tail, await readAccountNames(config.customers, logger), true);
  let { place } = await index.follow(query);
  say(argv, 'Waiting for records that destinations acknowledge.');
  while (!stop.aborted) {
    const followed = await index.follow(query, place);
    await show(followed.records);
    if (followed.place === place) await systemClock.sleep(LOOK_EVERY_MS, stop);
    place = followed.place;
  }
}

function createShow({ argv, stop }: Tail, accountNames: AccountDirectory, withAcked: boolean): Show {
  const screen = screenFor(argv, process.env, process.stdout);
  const head = headLine(screen);
  if (head !== undefined) process.stdout.write(`${head}\n`);
  const lineOf = recordLines({ screen, accountNames, raw: argv.raw, withAcked });
  return async (records) => {
    for (const record of records) {
      if (stop.aborted) return;
      const hasRoom = process.stdout.write(`${lineOf(record)}\n`);
      // It ends the other way when the reader has gone.
      if (!hasRoom) await once(process.stdout, 'drain', { signal: stop }).catch(() => {});
    }
  };
}

function say({ quiet }: TailArguments, line: string): void {
  if (!quiet) process.stderr.write(`${printable(line)}\n`);
}

/** Aborts when the reader of a pipe has gone, which is no fault. */
function closing(stream: NodeJS.WriteStream): AbortSignal {
  const closed = new AbortController();
  stream.on('error', () => closed.abort());
  return closed.signal;
}
