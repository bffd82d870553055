import { setTimeout as delay } from 'node:timers/promises';

import type { CrashingReceiver } from './crashing-receiver.ts';
import { startLoad } from './shipper-load.ts';

/** How a receiver fails, and how long it stays away. */
export const CRASHES = ['kill -9', 'SIGTERM', 'stop and kill', 'instant restart'] as const;
export type Crash = (typeof CRASHES)[number];

export interface Toll {
  readonly shipped: number;
  /** Reported final and not in the receiver's file. */
  readonly lost: number;
  /** In the file more than once. */
  readonly repeated: number;
  /** Of these, reported final before the crash: nothing may send them again. */
  readonly repeatedAfterFinal: number;
}

/** So much is under way that the receiver is busy at the crash. */
const MAX_IN_FLIGHT_BYTES = 16 * 1024 * 1024;
/** Longer than the settle time, which is a second: a receiver that is away for less may have gone unseen. */
const AWAY_MS = 1_500;
const FROZEN_MS = 1_000;

/** Ships without a pause, makes the receiver fail in the middle, and counts when everything is final. */
export async function crashTrial(
  receiver: CrashingReceiver,
  crash: Crash,
  random: () => number,
): Promise<Toll> {
  const { destination } = receiver;
  const load = startLoad({ destination, maxInFlightBytes: MAX_IN_FLIGHT_BYTES, random });
  await load.untilFinal(500 + Math.floor(random() * 4_000));
  await delay(random() * 200);
  const finalBefore = new Set(load.final);
  await fail(receiver, crash);
  await load.finish();
  return toll(load.final, finalBefore, await receiver.written());
}

async function fail(receiver: CrashingReceiver, crash: Crash): Promise<void> {
  if (crash === 'stop and kill') {
    receiver.pause();
    await delay(FROZEN_MS);
  }
  await receiver.end(crash === 'SIGTERM' ? 'SIGTERM' : 'SIGKILL');
  if (crash !== 'instant restart') await delay(AWAY_MS);
  await receiver.start();
}

function toll(final: readonly string[], finalBefore: ReadonlySet<string>, written: readonly string[]): Toll {
  const once = new Set<string>();
  const again = new Set<string>();
  for (const id of written) (once.has(id) ? again : once).add(id);
  return {
    shipped: final.length,
    lost: final.filter((id) => !once.has(id)).length,
    repeated: again.size,
    repeatedAfterFinal: [...again].filter((id) => finalBefore.has(id)).length,
  };
}
