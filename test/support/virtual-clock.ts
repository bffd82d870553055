import { setImmediate } from 'node:timers/promises';

import type { Clock } from '../../agent/model/clock.ts';

interface Sleeper {
  readonly dueAt: number;
  wake(): void;
}

export interface VirtualClock extends Clock {
  /** Moves time forward, waking sleepers in the order of their times. */
  advance(ms: number): Promise<void>;
  /** Moves the wall clock while nobody sleeps, as over a long outage of the agent. */
  jump(ms: number): void;
  /** Somebody sets the wall clock; nobody sleeps longer for it. */
  setWall(changeMs: number): void;
}

/** Let pending promises and socket events run before time moves on. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await setImmediate();
}

/** A clock that stands still until it is advanced. `rest` waits for what a step of time has set off. */
export function createVirtualClock(startMs = Date.UTC(2026, 0, 1), rest = settle): VirtualClock {
  let nowMs = startMs;
  let wallMs = 0;
  const sleepers = new Set<Sleeper>();

  function nextDue(untilMs: number): Sleeper | undefined {
    let first: Sleeper | undefined;
    for (const sleeper of sleepers) {
      if (sleeper.dueAt <= untilMs && (!first || sleeper.dueAt < first.dueAt)) first = sleeper;
    }
    return first;
  }

  return {
    // Whole milliseconds, as the wall clock has them; jitter makes waits that are not.
    now: () => Math.floor(nowMs + wallMs),
    monotonic: () => nowMs - startMs,
    sleep(ms, signal) {
      if (signal?.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const wake = (): void => {
          sleepers.delete(sleeper);
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        const sleeper: Sleeper = { dueAt: nowMs + Math.max(0, ms), wake };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', wake, { once: true });
      });
    },
    jump(ms) {
      if (sleepers.size > 0) throw new Error('somebody sleeps: advance instead');
      nowMs += ms;
    },
    setWall(changeMs) {
      wallMs += changeMs;
    },
    async advance(ms) {
      const untilMs = nowMs + ms;
      await rest();
      for (let next = nextDue(untilMs); next; next = nextDue(untilMs)) {
        nowMs = Math.max(nowMs, next.dueAt);
        next.wake();
        await rest();
      }
      nowMs = untilMs;
      await rest();
    },
  };
}

/** Lets virtual time pass until the work has ended. */
export async function finish<T>(clock: VirtualClock, work: Promise<T>): Promise<T> {
  let ended = false;
  const end = (): void => {
    ended = true;
  };
  work.then(end, end);
  while (!ended) await clock.advance(250);
  return work;
}
