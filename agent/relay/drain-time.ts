import type { Clock } from '../model/clock.ts';

/** How long a stopping agent waits for what is in flight. With what is told to people, less than the ten seconds of `docker stop`. */
export const DRAIN_MS = 5_000;

/** Milliseconds that are left of it: it begins with the stop, and is the same for all that has to end. */
export function drainTime(stop: AbortSignal, clock: Clock): () => number {
  let endsAt = Number.POSITIVE_INFINITY;
  const begin = (): void => {
    endsAt = clock.monotonic() + DRAIN_MS;
  };
  if (stop.aborted) begin();
  stop.addEventListener('abort', begin, { once: true });
  return () => Math.max(0, Math.min(DRAIN_MS, endsAt - clock.monotonic()));
}
