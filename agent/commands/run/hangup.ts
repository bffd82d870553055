import type { Clock } from '../../model/clock.ts';

/** Waits that SIGHUP ends; a hang-up between two of them ends the next. */
export interface Hangup extends Disposable {
  until(ms: number, signal: AbortSignal): Promise<void>;
}

/** From now on SIGHUP no longer ends the process. */
export function listenToHangup(clock: Clock): Hangup {
  let heard = new AbortController();
  const hear = (): void => heard.abort();
  process.on('SIGHUP', hear);
  return {
    async until(ms, signal) {
      await clock.sleep(ms, AbortSignal.any([signal, heard.signal]));
      heard = new AbortController();
    },
    [Symbol.dispose]: () => void process.off('SIGHUP', hear),
  };
}
