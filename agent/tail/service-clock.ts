import type { Clock } from '../model/clock.ts';
import type { LogEvent } from '../model/log-event.ts';

/** AWS's clock as its answers show it: the agent's own may be wrong by any amount. */
export interface ServiceClock {
  /** An answer has just come. `serviceTime`: its `Date` header, epoch ms. */
  answered(serviceTime: number | undefined, events: readonly LogEvent[]): void;
  /** AWS's time at a reading of `clock.monotonic()`; undefined until an answer told the time. */
  at(monotonicMs: number): number | undefined;
}

export function createServiceClock(clock: Clock): ServiceClock {
  let offset: number | undefined;

  return {
    answered(serviceTime, events) {
      const now = clock.monotonic();
      // AWS has taken these events, so it cannot be earlier; without a header that is all there is to know.
      const known = serviceTime ?? now + (offset ?? Number.NEGATIVE_INFINITY);
      const time = events.reduce((latest, { ingestionTime }) => Math.max(latest, ingestionTime), known);
      if (Number.isFinite(time)) offset = time - now;
    },
    at: (monotonicMs) => (offset === undefined ? undefined : Math.round(monotonicMs + offset)),
  };
}
