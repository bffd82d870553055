import { setTimeout as delay } from 'node:timers/promises';

/** Time as an argument, so that tests bring their own. */
export interface Clock {
  /** Wall clock, epoch ms: for display and for AWS signatures, never for positions. */
  now(): number;
  /** Milliseconds that only grow. */
  monotonic(): number;
  /** Resolves after `ms`, or at once when the signal aborts; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) =>
    delay(ms, undefined, signal ? { signal } : {}).catch((error: unknown) => {
      if (!signal?.aborted) throw error;
    }),
};
