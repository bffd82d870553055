import type { Clock } from '../model/clock.ts';

/** How long a stopping agent waits for what is in flight. With what is told to people, less than the ten seconds of `docker stop`. */
export const DRAIN_MS = 5_000;

/** That an agent is to stop, and what it leaves to what is in flight. */
export interface Stop {
  readonly signal: AbortSignal;
  /** Milliseconds of the drain time: it begins with the signal, and is the same for all that has to end. */
  leftMs(): number;
}

export function stopOn(signal: AbortSignal, clock: Clock): Stop {
  let endsAt = Number.POSITIVE_INFINITY;
  const begin = (): void => {
    endsAt = clock.monotonic() + DRAIN_MS;
  };
  if (signal.aborted) begin();
  signal.addEventListener('abort', begin, { once: true });
  return { signal, leftMs: () => Math.max(0, Math.min(DRAIN_MS, endsAt - clock.monotonic())) };
}
