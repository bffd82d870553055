import { setTimeout as delay } from 'node:timers/promises';

export interface Patience {
  readonly timeoutMs?: number;
  readonly everyMs?: number;
}

/** Asks until the answer is yes; fails with the words of `what` when time is up. */
export async function until(
  what: string,
  ask: () => boolean | Promise<boolean>,
  { timeoutMs = 120_000, everyMs = 50 }: Patience = {},
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await ask())) {
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs / 1000} s: ${what}`);
    await delay(everyMs);
  }
}
