/**
 * How many requests may be under way at once. A bucket bounds how often an account and region is asked, and a read
 * asks for one page at a time, with one ahead; so where AWS answers there are few. Where answers hang they pile up,
 * and must not take what others need: there are 256 places for all, a host (a service in one region) gets an eighth
 * of those that are free, and a caller (an account) no more than its host has left.
 */
export interface InFlight {
  /**
   * Resolves when there is a place, with what gives it back; when the signal aborts, at once. Of those for which
   * there is one, whoever came first goes first.
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
  const waiting = new Set<Waiter>();
  let all = 0;

  function hasPlace({ host, caller }: Place): boolean {
    const atHost = counts.get(host) ?? 0;
    const ofCaller = counts.get(callerAt(host, caller)) ?? 0;
    return atHost < (MAX - all) * HOST_SHARE && ofCaller < MAX * HOST_SHARE - atHost;
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
      for (const waiter of waiting) if (hasPlace(waiter.place)) waiter.enter();
    };
  }

  return {
    enter(place, signal) {
      if (hasPlace(place)) return Promise.resolve(admit(place));
      return new Promise((resolve) => {
        const leave = (giveBack: () => void): void => {
          waiting.delete(waiter);
          signal?.removeEventListener('abort', giveUp);
          resolve(giveBack);
        };
        const giveUp = (): void => leave(() => {});
        const waiter: Waiter = { place, enter: () => leave(admit(place)) };
        waiting.add(waiter);
        signal?.addEventListener('abort', giveUp, { once: true });
        if (signal?.aborted) giveUp();
      });
    },
  };
}

function callerAt(host: string, caller: string): string {
  return `${caller}@${host}`;
}
