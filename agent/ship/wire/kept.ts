import { onAbort } from '../../model/timer.ts';
import { STOPPED, WireError } from './fault.ts';

/** One of something that takes a while to open, kept until it is of no more use. */
export interface Kept<T> {
  readonly current: T | undefined;
  /** The kept one, else a new one. Whoever waits for it meanwhile shares it, or its failure. */
  get(signal: AbortSignal): Promise<T>;
  /** Keeps it no longer. */
  release(): T | undefined;
  /** Opens no more; hands back the last one. */
  close(): Promise<T | undefined>;
}

export function createKept<T>(
  open: (signal: AbortSignal) => Promise<T>,
  isUsable: (one: T) => boolean,
): Kept<T> {
  const stop = new AbortController();
  let current: T | undefined;
  let opening: Promise<T> | undefined;

  async function renew(): Promise<T> {
    try {
      current = await open(stop.signal);
      return current;
    } finally {
      opening = undefined;
    }
  }

  function release(): T | undefined {
    const last = current;
    current = undefined;
    return last;
  }

  return {
    get current() {
      return current;
    },
    async get(signal) {
      if (current !== undefined && isUsable(current)) return current;
      opening ??= renew();
      const { promise: stopped, reject } = Promise.withResolvers<never>();
      using _waiting = onAbort(signal, () => reject(new WireError(STOPPED)));
      return await Promise.race([opening, stopped]);
    },
    release,
    async close() {
      stop.abort();
      await opening?.catch(() => {});
      return release();
    },
  };
}
