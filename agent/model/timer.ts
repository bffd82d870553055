import type { Clock } from './clock.ts';

export interface Timer extends Disposable {
  /** Aborts when the time is over or when the parent aborts. */
  readonly signal: AbortSignal;
  /** It was the time, not the parent. */
  readonly expired: boolean;
}

/** A limit on a wait, by the injected clock. Hold it with `using`: disposing it ends its sleep. */
export function startTimer(clock: Clock, ms: number, parent?: AbortSignal): Timer {
  const sleeping = new AbortController();
  const limit = new AbortController();
  let expired = false;
  const stop = (): void => {
    sleeping.abort();
    limit.abort();
  };
  const expire = (): void => {
    expired = true;
    limit.abort();
  };
  parent?.addEventListener('abort', stop, { once: true });
  if (parent?.aborted) stop();
  else if (ms <= 0) expire();
  else
    void clock.sleep(ms, sleeping.signal).then(() => {
      if (!sleeping.signal.aborted) expire();
    });
  return {
    signal: limit.signal,
    get expired() {
      return expired;
    },
    [Symbol.dispose]() {
      sleeping.abort();
      parent?.removeEventListener('abort', stop);
    },
  };
}

/** Acts when the signal aborts, at once if it has. Hold it with `using`: disposing it ends the waiting. */
export function onAbort(signal: AbortSignal, act: () => void): Disposable {
  if (signal.aborted) act();
  else signal.addEventListener('abort', act, { once: true });
  return { [Symbol.dispose]: () => signal.removeEventListener('abort', act) };
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
