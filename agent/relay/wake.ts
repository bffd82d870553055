import type { Clock } from '../model/clock.ts';

/** Lets one loop wait until something happened or a time has passed, without a promise per event. */
export interface Wake {
  /** Cheap: many calls before the next wait count as one. */
  notify(): void;
  /** Resolves at once if `notify` was called since the last wait. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

export function createWake(clock: Clock): Wake {
  let notified = false;
  let interrupt: (() => void) | undefined;

  return {
    notify() {
      notified = true;
      interrupt?.();
    },
    async wait(ms, signal) {
      if (!notified) {
        const controller = new AbortController();
        interrupt = () => controller.abort();
        await clock.sleep(ms, AbortSignal.any([signal, controller.signal]));
        interrupt = undefined;
      }
      notified = false;
    },
  };
}
