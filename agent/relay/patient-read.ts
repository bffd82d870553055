import type { Clock } from '../model/clock.ts';
import type { ReadCause } from '../model/source-facts.ts';
import { backoffMs } from '../tail/backoff.ts';
import type { CompleteRead, GroupFacts, ReadFailure } from '../tail/read.ts';

/** How a read that somebody asked for came out. */
export type ReadEnd = CompleteRead | ReadFailure | 'stopped';

interface Patience {
  readonly clock: Clock;
  /** From 0 to 1, for the jitter. */
  readonly random: () => number;
}

const DAY_MS = 24 * 3_600_000;
const MAX_TRIES = 4;
const PASSING: readonly ReadCause[] = ['throttled', 'unreachable', 'service', 'token'];

/** Reads again, a few times, what has failed for a cause that passes. */
export async function readPatiently(
  readOnce: () => Promise<ReadEnd>,
  { clock, random }: Patience,
  signal: AbortSignal,
): Promise<ReadEnd> {
  for (let tries = 1; ; tries += 1) {
    const end = await readOnce();
    if (end === 'stopped' || end.kind === 'complete') return end;
    if (tries === MAX_TRIES || !PASSING.includes(end.cause)) return end;
    await clock.sleep(backoffMs(tries, end.retryAfterMs, random), signal);
  }
}

/** Since when the group keeps events, epoch ms; empty: for ever. */
export function keptSince({ retentionDays, serviceNow }: GroupFacts): { readonly keptSince?: number } {
  return retentionDays === undefined ? {} : { keptSince: serviceNow - retentionDays * DAY_MS };
}
