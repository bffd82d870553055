import type { LogEvent } from '../model/log-event.ts';

/**
 * AWS's clock as its answers show it: the agent's own may be wrong by any amount. Readings are of
 * `clock.monotonic()`, times are epoch ms.
 */
export class ServiceClock {
  #offset: number | undefined;

  /** An answer has come at this reading. `serviceTime`: its `Date` header. */
  answered(readingMs: number, serviceTime: number | undefined, events: readonly LogEvent[]): void {
    // AWS has taken these events, so it cannot be earlier; without a header that is all there is to know.
    const known = serviceTime ?? readingMs + (this.#offset ?? Number.NEGATIVE_INFINITY);
    const time = events.reduce((latest, { ingestionTime }) => Math.max(latest, ingestionTime), known);
    if (Number.isFinite(time)) this.#offset = time - readingMs;
  }

  /** AWS's time at this reading; undefined until an answer told the time. */
  at(readingMs: number): number | undefined {
    return this.#offset === undefined ? undefined : Math.round(readingMs + this.#offset);
  }
}
