import type { Clock } from '../../model/clock.ts';

/** What may go at once after a pause; more would find the buffer of the receiver full. */
const BURST_SECONDS = 0.02;

/** Holds messages back so that no more than some go in a second. */
export interface MessageRate {
  /** Resolves when one more may go, or when the signal aborts. */
  wait(signal: AbortSignal): Promise<void>;
}

export function createMessageRate(perSecond: number, clock: Clock): MessageRate {
  const most = Math.max(1, perSecond * BURST_SECONDS);
  let tokens = most;
  let filledAt = clock.monotonic();

  function fill(): void {
    const nowMs = clock.monotonic();
    tokens = Math.min(most, tokens + ((nowMs - filledAt) / 1_000) * perSecond);
    filledAt = nowMs;
  }

  return {
    async wait(signal) {
      fill();
      while (tokens < 1 && !signal.aborted) {
        await clock.sleep(Math.ceil(((1 - tokens) / perSecond) * 1_000), signal);
        fill();
      }
      tokens -= 1;
    },
  };
}
