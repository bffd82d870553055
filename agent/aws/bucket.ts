import type { Clock } from '../model/clock.ts';
import { createWaitingLine, type Rank, type Waiter, type WaitingLine } from './waiting-line.ts';

/** Paces the calls to one API in one account and region; slows down when AWS throttles. */
export interface Bucket {
  /**
   * Resolves when a call may be made, or when the signal aborts. Who must wait goes by rank; within one the log
   * groups take turns.
   */
  take(signal: AbortSignal, rank?: Rank, logGroup?: string): Promise<void>;
  /** AWS has throttled a call. */
  throttled(): void;
  ratePerSecond(): number;
}

const BURST_SECONDS = 2;
const FLOOR_PER_SECOND = 0.1;
const RAISE_EVERY_MS = 30_000;
const RAISE_SHARE = 0.05;
/** Calls that were under way together and are throttled together count once. */
const ONE_THROTTLING_MS = 1_000;

const AT_ONCE = Promise.resolve();

export function createBucket(maxPerSecond: number, clock: Clock): Bucket {
  return new AdaptiveBucket(maxPerSecond, clock);
}

/** There is one only while somebody waits. */
interface Queue {
  readonly line: WaitingLine;
  readonly serving: AbortController;
}

/** A class, because an agent has two for each account and region: without closures an idle one is small. */
class AdaptiveBucket implements Bucket {
  readonly #maxPerSecond: number;
  readonly #clock: Clock;
  #rate: number;
  #tokens: number;
  #filledAt: number;
  #changedAt: number;
  #throttledAt = Number.NEGATIVE_INFINITY;
  #queue: Queue | undefined;

  constructor(maxPerSecond: number, clock: Clock) {
    this.#maxPerSecond = maxPerSecond;
    this.#clock = clock;
    this.#rate = maxPerSecond;
    this.#tokens = this.#burst();
    this.#filledAt = clock.monotonic();
    this.#changedAt = this.#filledAt;
  }

  take(signal: AbortSignal, rank: Rank = 'poll', logGroup = ''): Promise<void> {
    if (signal.aborted || (!this.#queue && this.#takeToken())) return AT_ONCE;
    return new Promise((resolve) => {
      const leave = (): void => {
        signal.removeEventListener('abort', leave);
        this.#remove(waiter);
        resolve();
      };
      const waiter: Waiter = { rank, logGroup, leave };
      signal.addEventListener('abort', leave, { once: true });
      this.#enter(waiter);
    });
  }

  throttled(): void {
    this.#fill();
    if (this.#filledAt - this.#throttledAt < ONE_THROTTLING_MS) return;
    this.#throttledAt = this.#filledAt;
    this.#changedAt = this.#filledAt;
    this.#rate = Math.max(Math.min(FLOOR_PER_SECOND, this.#maxPerSecond), this.#rate / 2);
    this.#tokens = Math.min(this.#tokens, this.#burst());
  }

  ratePerSecond(): number {
    this.#fill();
    return this.#rate;
  }

  #burst(): number {
    return Math.max(1, this.#rate * BURST_SECONDS);
  }

  #fill(): void {
    const now = this.#clock.monotonic();
    const raises = Math.floor((now - this.#changedAt) / RAISE_EVERY_MS);
    this.#changedAt += raises * RAISE_EVERY_MS;
    this.#rate = Math.min(this.#maxPerSecond, this.#rate + raises * RAISE_SHARE * this.#maxPerSecond);
    this.#tokens = Math.min(this.#burst(), this.#tokens + (this.#rate * (now - this.#filledAt)) / 1000);
    this.#filledAt = now;
  }

  #takeToken(): boolean {
    this.#fill();
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  #enter(waiter: Waiter): void {
    const queue = this.#queue ?? { line: createWaitingLine(), serving: new AbortController() };
    queue.line.enter(waiter);
    if (this.#queue) return;
    this.#queue = queue;
    void this.#serve(queue);
  }

  #remove(waiter: Waiter): void {
    this.#queue?.line.remove(waiter);
    if (!this.#queue?.line.isEmpty) return;
    this.#queue.serving.abort();
    this.#queue = undefined;
  }

  async #serve({ line, serving: { signal } }: Queue): Promise<void> {
    while (!signal.aborted) {
      if (this.#takeToken()) line.next()?.leave();
      else await this.#clock.sleep(Math.ceil(((1 - this.#tokens) / this.#rate) * 1000), signal);
    }
  }
}
