import type { Clock } from '../../model/clock.ts';

const TICK_MS = 50;

/**
 * How long something took, without the time in which this process was too busy to hear of its end: ticks that fall
 * due meanwhile come as one. Down to the tick, milliseconds.
 */
export async function timeAwake<T>(
  clock: Clock,
  work: Promise<T>,
): Promise<{ readonly value: T; readonly awakeMs: number }> {
  const over = new AbortController();
  let ticks = 0;
  async function count(): Promise<void> {
    for (;;) {
      await clock.sleep(TICK_MS, over.signal);
      if (over.signal.aborted) return;
      ticks += 1;
    }
  }
  void count();
  try {
    const value = await work;
    return { value, awakeMs: ticks * TICK_MS };
  } finally {
    over.abort();
  }
}
