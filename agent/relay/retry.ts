import type { Clock } from '../model/clock.ts';
import type { RenderableRec } from '../model/record.ts';
import type { QuarantineEntry, QuarantineRetry } from '../ship/quarantine.ts';
import { readEntry, type StandingRecord } from '../ship/quarantine-list.ts';
import type { Delivered } from '../ship/shipper.ts';
import type { Destination } from './destination.ts';
import { createDispatch } from './dispatch.ts';

export interface RetryOptions {
  readonly records: readonly StandingRecord[];
  /** Where a record goes now. Its shipper writes no quarantine of its own. */
  destinationOf(record: StandingRecord): Destination;
  /** What an entry's text makes today. */
  restore(entry: QuarantineEntry): readonly RenderableRec[];
  /** Resolves when it is durable in every file of the record. */
  note(record: StandingRecord, retry: QuarantineRetry): Promise<void>;
  readonly clock: Clock;
}

/** What came of one record. It stands in quarantine no longer only if it was released. */
export interface Retried {
  readonly record: StandingRecord;
  readonly to: string;
  readonly result: QuarantineRetry['result'] | 'kept';
  /** Why it stands there still. */
  readonly why?: string;
}

/** A record on its way. */
interface Attempt {
  readonly record: StandingRecord;
  /** What its text made and is not final. */
  open: number;
  /** The destination has said what becomes of it; resolves when that is noted. */
  ended?: Promise<Retried>;
}

/** Sends quarantined records again, each to one destination, and notes what came of them. A stop keeps the rest. */
export async function retry(options: RetryOptions, signal: AbortSignal): Promise<readonly Retried[]> {
  const byDestination = Map.groupBy(options.records, options.destinationOf);
  const groups = [...byDestination].map(([destination, records]) =>
    retryAt(destination, { ...options, records }, signal),
  );
  return (await Promise.all(groups)).flat();
}

async function retryAt(
  destination: Destination,
  options: RetryOptions,
  signal: AbortSignal,
): Promise<readonly Retried[]> {
  const dispatch = createDispatch([destination], options.clock);
  const attempts: Attempt[] = [];
  for (const record of options.records) {
    const entry = await readEntry(record);
    const wanted = options.restore(entry).filter((each) => destination.wants(each));
    const attempt: Attempt = { record, open: wanted.length };
    attempts.push(attempt);
    const told = (result: Delivered): void => note(attempt, result, { ...options, to: destination.id });
    for (const each of wanted) await dispatch.give(each, signal, told);
  }
  await dispatch.end(signal);
  return Promise.all(attempts.map((attempt) => attempt.ended ?? kept(attempt, destination)));
}

interface Noting extends Pick<RetryOptions, 'note' | 'clock'> {
  readonly to: string;
}

function note(attempt: Attempt, said: Delivered, noting: Noting): void {
  attempt.open -= 1;
  if (attempt.ended) return;
  const { record } = attempt;
  if (said.kind === 'quarantined') {
    const { kind: _, ...why } = said;
    attempt.ended = noted(record, { result: 'refused', ...why }, noting);
  } else if (attempt.open === 0) {
    attempt.ended = noted(record, { result: 'released' }, noting);
  }
}

async function noted(
  record: StandingRecord,
  outcome: Pick<QuarantineRetry, 'result' | 'why' | 'code'>,
  { note: write, clock, to }: Noting,
): Promise<Retried> {
  const { id, destination } = record;
  const at = new Date(clock.now()).toISOString();
  try {
    await write(record, { schema: 'guardrelay.quarantine-retry/v1', at, id, destination, to, ...outcome });
    return { record, to, ...outcome };
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    return { record, to, result: 'kept', why: `it was ${outcome.result}, but that cannot be noted: ${said}` };
  }
}

/** Nothing was said of it. */
async function kept({ record, open }: Attempt, { id: to, shipper }: Destination): Promise<Retried> {
  const { circuit, error } = shipper.status();
  const unsent = circuit !== 'closed' && error !== undefined ? error : 'it was not confirmed in time';
  return { record, to, result: 'kept', why: open === 0 ? `the filter of ${to} leaves it out` : unsent };
}
