import type { Clock } from '../model/clock.ts';

/** One alarm for all the times that something waits for. It may ring early, never late. */
export interface Alarm {
  /** `at`: milliseconds of the monotonic clock; undefined: for nothing. */
  ringBy(at: number | undefined): void;
  stop(): void;
}

export function createAlarm(clock: Clock, ring: () => void): Alarm {
  let armed: { readonly at: number; readonly sleeping: AbortController } | undefined;
  let stopped = false;

  async function arm(at: number): Promise<void> {
    armed?.sleeping.abort();
    const mine = { at, sleeping: new AbortController() };
    armed = mine;
    await clock.sleep(Math.max(0, at - clock.monotonic()), mine.sleeping.signal);
    if (armed !== mine) return;
    armed = undefined;
    ring();
  }

  return {
    ringBy(at) {
      if (at === undefined || stopped || (armed && armed.at <= at)) return;
      void arm(at);
    },
    stop() {
      stopped = true;
      armed?.sleeping.abort();
      armed = undefined;
    },
  };
}
