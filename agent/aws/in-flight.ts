/**
 * How many requests may be under way at once. A bucket bounds how often an account and region is asked, and a read
 * asks for one page at a time, with one ahead; so where AWS answers there are few. Where answers hang they pile up,
 * and must not take what others need: there are 256 places for all, a host (a service in one region) gets an eighth
 * of those that are free, and a caller (an account) no more than its host has left.
 */
export interface InFlight {
  /**
   * Resolves when there is a place, with what gives it back; when the signal aborts, at once. At a host, of those
   * for which there is one, whoever came first goes first.
   */
  enter(place: Place, signal?: AbortSignal): Promise<() => void>;
}

export interface Place {
  readonly host: string;
  /** Who signed the request. */
  readonly caller: string;
}

interface Waiter {
  readonly place: Place;
  enter(): void;
}

const MAX = 256;
/** Alone, a host gets 29 places; ten that hang get 14 or 15 each, and leave 112 to the others. */
const HOST_SHARE = 1 / 8;

export function createInFlight(): InFlight {
  const counts = new Map<string, number>();
  /** By host: thousands may wait for one, and a place that is given back must not have to look at each. */
  const waiting = new Map<string, Set<Waiter>>();
  let all = 0;

  function hostHasPlace(host: string): boolean {
    return (counts.get(host) ?? 0) < (MAX - all) * HOST_SHARE;
  }

  function callerHasPlace({ host, caller }: Place): boolean {
    return (counts.get(callerAt(host, caller)) ?? 0) < MAX * HOST_SHARE - (counts.get(host) ?? 0);
  }

  function count({ host, caller }: Place, by: 1 | -1): void {
    all += by;
    for (const name of [host, callerAt(host, caller)]) {
      const now = (counts.get(name) ?? 0) + by;
      if (now > 0) counts.set(name, now);
      else counts.delete(name);
    }
  }

  function admit(place: Place): () => void {
    count(place, 1);
    return () => {
      count(place, -1);
      for (const [host, waiters] of waiting) admitWaiting(host, waiters);
    };
  }

  function admitWaiting(host: string, waiters: ReadonlySet<Waiter>): void {
    for (const waiter of waiters) {
      if (!hostHasPlace(host)) return;
      if (callerHasPlace(waiter.place)) waiter.enter();
    }
  }

  function wait(waiter: Waiter): void {
    const { host } = waiter.place;
    const waiters = waiting.get(host) ?? new Set();
    waiting.set(host, waiters.add(waiter));
  }

  function stopWaiting(waiter: Waiter): void {
    const { host } = waiter.place;
    const waiters = waiting.get(host);
    waiters?.delete(waiter);
    if (waiters?.size === 0) waiting.delete(host);
  }

  return {
    enter(place, signal) {
      if (hostHasPlace(place.host) && callerHasPlace(place)) return Promise.resolve(admit(place));
      return new Promise((resolve) => {
        const leave = (giveBack: () => void): void => {
          stopWaiting(waiter);
          signal?.removeEventListener('abort', giveUp);
          resolve(giveBack);
        };
        const giveUp = (): void => leave(() => {});
        const waiter: Waiter = { place, enter: () => leave(admit(place)) };
        wait(waiter);
        signal?.addEventListener('abort', giveUp, { once: true });
        if (signal?.aborted) giveUp();
      });
    },
  };
}

function callerAt(host: string, caller: string): string {
  return `${caller}@${host}`;
}
