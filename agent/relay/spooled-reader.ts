import { GuardrelayError } from '../model/error.ts';
import type { LogEvent } from '../model/log-event.ts';
import type { SourceSpool } from '../spool/segments.ts';
import type { Read, ReadKind, Wanted, WindowPlan } from '../tail/read.ts';
import { type Reader, wantedOf } from '../tail/reader.ts';

const RETRY_MS = 1_000;
/** The reads that a destination begins with: what is found late is found in the log group. */
const KINDS: readonly ReadKind[] = ['poll', 'catch-up'];

/**
 * A reader that gives what the spool holds of a window before the log group's own pages. Both may hold an event: the
 * ledger knows by its id that it was handed out. Floors do not follow these pages, only those of the log group.
 */
export function spooledReader(reader: Reader, spool: SourceSpool): Reader {
  async function* both(plan: WindowPlan, wanted: Wanted, signal: AbortSignal): AsyncGenerator<Read> {
    const isOver = yield* pagesOf(spool, { plan, wanted, signal });
    if (!isOver) yield* reader.read(plan, wanted, signal);
  }

  return {
    describe: (signal) => reader.describe(signal),
    serviceNow: () => reader.serviceNow(),
    read: (plan, ...rest) =>
      spool.bytes > 0 && KINDS.includes(plan.what) ? both(plan, ...rest) : reader.read(plan, ...rest),
  };
}

interface Reading {
  readonly plan: WindowPlan;
  readonly wanted: Wanted;
  readonly signal: AbortSignal;
}

/** True: the read is over with them. */
async function* pagesOf(
  spool: SourceSpool,
  { plan, wanted, signal }: Reading,
): AsyncGenerator<Read, boolean> {
  const { what } = plan;
  try {
    for await (const events of spool.read(plan)) {
      if (signal.aborted) return true;
      if (wanted.room() <= 0) {
        yield { kind: 'paused', what };
        return true;
      }
      if (events.length > 0) yield await pageOf(events, wanted);
    }
    return signal.aborted;
  } catch (error) {
    if (!(error instanceof GuardrelayError)) throw error;
    // What is lost is told as a gap when the read begins again.
    yield {
      kind: 'failed',
      what,
      cause: 'service',
      code: 'AGT-007',
      error: error.message,
      retryAfterMs: RETRY_MS,
    };
    return true;
  }
}

async function pageOf(events: readonly LogEvent[], wanted: Wanted): Promise<Read> {
  const bytes = events.reduce((sum, { message }) => sum + message.length, 0);
  return { kind: 'page', events: await wantedOf(events, wanted), bytes };
}
