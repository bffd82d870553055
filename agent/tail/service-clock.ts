import type { LogEvent } from '../model/log-event.ts';

const DAY_MS = 24 * 3_600_000;

/** One moment by the agent's clocks. */
export interface AgentTime {
  /** `clock.monotonic()`. */
  readonly readingMs: number;
  /** `clock.now()`, epoch ms. */
  readonly wallMs: number;
}

/**
 * AWS's clock as its answers show it: the agent's own may be wrong by any amount. Readings are of
 * `clock.monotonic()`, times are epoch ms.
 */
export class ServiceClock {
  #offset: number | undefined;
  /** Of any event: AWS's clock has been there. */
  #ingestedAt = Number.NEGATIVE_INFINITY;

  /** An answer has come. `serviceTime`: its `Date` header. */
  answered(
    { readingMs, wallMs }: AgentTime,
    serviceTime: number | undefined,
    events: readonly LogEvent[],
  ): void {
    for (const { ingestionTime } of events) this.#ingestedAt = Math.max(this.#ingestedAt, ingestionTime);
    const isKnown = serviceTime !== undefined && this.#isPlausible(serviceTime, wallMs);
    const told = isKnown ? serviceTime : readingMs + (this.#offset ?? Number.NEGATIVE_INFINITY);
    // It cannot be earlier than an event that AWS has taken; without a header that is all there is to know.
    const time = Math.max(told, this.#ingestedAt);
    if (Number.isFinite(time)) this.#offset = time - readingMs;
  }

  /** AWS's time at this reading; undefined until an answer told the time. */
  at(readingMs: number): number | undefined {
    return this.#offset === undefined ? undefined : Math.round(readingMs + this.#offset);
  }

  /**
   * A wrong date would put the next sweeps years ahead. A proxy that makes one up and an agent whose clock has never
   * been set cannot be told apart, so a date needs a second witness: the agent's clock, or an event.
   */
  #isPlausible(serviceTime: number, wallMs: number): boolean {
    return [wallMs, this.#ingestedAt].some((witness) => Math.abs(serviceTime - witness) <= DAY_MS);
  }
}
