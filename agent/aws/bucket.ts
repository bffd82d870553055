import type { Clock } from '../model/clock.ts';

/** Paces the calls to one API in one account and region; slows down when AWS throttles. */
export interface Bucket {
  /** Resolves when a call may be made, first come, first served; or when the signal aborts. */
  take(signal: AbortSignal): Promise<void>;
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

export function createBucket(maxPerSecond: number, clock: Clock): Bucket {
  let rate = maxPerSecond;
  let tokens = burst();
  let filledAt = clock.monotonic();
  let changedAt = filledAt;
  let throttledAt = Number.NEGATIVE_INFINITY;
  const queue = new Set<() => void>();
  let serving: AbortController | undefined;

  function burst(): number {
    return Math.max(1, rate * BURST_SECONDS);
  }

  function fill(): void {
    const now = clock.monotonic();
    const raises = Math.floor((now - changedAt) / RAISE_EVERY_MS);
    changedAt += raises * RAISE_EVERY_MS;
    rate = Math.min(maxPerSecond, rate + raises * RAISE_SHARE * maxPerSecond);
    tokens = Math.min(burst(), tokens + (rate * (now - filledAt)) / 1000);
    filledAt = now;
  }

  async function serve(signal: AbortSignal): Promise<void> {
    for (let first = next(queue); first && !signal.aborted; first = next(queue)) {
      fill();
      if (tokens < 1) {
        await clock.sleep(Math.ceil(((1 - tokens) / rate) * 1000), signal);
        continue;
      }
      tokens -= 1;
      first();
    }
  }

  function enter(leave: () => void): void {
    queue.add(leave);
    if (serving) return;
    serving = new AbortController();
    void serve(serving.signal);
  }

  function forget(leave: () => void): void {
    queue.delete(leave);
    if (queue.size > 0) return;
    serving?.abort();
    serving = undefined;
  }

  return {
    take(signal) {
      if (signal.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const leave = (): void => {
          signal.removeEventListener('abort', leave);
          forget(leave);
          resolve();
        };
        signal.addEventListener('abort', leave, { once: true });
        enter(leave);
      });
    },
    throttled() {
      fill();
      if (filledAt - throttledAt < ONE_THROTTLING_MS) return;
      throttledAt = filledAt;
      changedAt = filledAt;
      rate = Math.max(Math.min(FLOOR_PER_SECOND, maxPerSecond), rate / 2);
      tokens = Math.min(tokens, burst());
    },
    ratePerSecond() {
      fill();
      return rate;
    },
  };
}

function next<T>(queue: ReadonlySet<T>): T | undefined {
  for (const first of queue) return first;
  return undefined;
}
