import { setTimeout as delay } from 'node:timers/promises';

import type { EncodedRecord } from '../../../agent/model/batch.ts';
import { systemClock } from '../../../agent/model/clock.ts';
import { silentLogger } from '../../../agent/model/logger.ts';
import { createShipper, type Shipper } from '../../../agent/ship/shipper.ts';
import { createSink, destinationOptions } from '../../../agent/ship/sinks/index.ts';
import { recordNamed, sinkDeps } from '../../support/ship-records.ts';
import type { CrashingReceiver } from './crashing-receiver.ts';
import { until } from './until.ts';

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

/** 2 KB, as a finding. */
const TEXT = 'x'.repeat(1_950);
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
  const quarantine = { write: async () => Promise.reject(new Error('nothing is refused here')) };
  const sink = createSink(destinationOptions.parse({ id: 'd', ...receiver.destination }), sinkDeps());
  const shipper = createShipper({
    ...{ destination: 'd', sink, quarantine, random, clock: systemClock, logger: silentLogger },
    maxInFlightBytes: MAX_IN_FLIGHT_BYTES,
  });
  const load = shipUnderLoad(shipper, (id) => sink.encode(recordNamed(id, TEXT)));
  await load.untilFinal(500 + Math.floor(random() * 4_000));
  await delay(random() * 200);
  const finalBefore = new Set(load.final);
  await fail(receiver, crash);
  load.stop();
  await load.untilFinal(load.submitted());
  await shipper.close(5_000);
  return toll(load, finalBefore, await receiver.written());
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

interface Load {
  /** Ids, in the order in which they became final. */
  readonly final: readonly string[];
  submitted(): number;
  untilFinal(count: number): Promise<void>;
  stop(): void;
}

function shipUnderLoad(shipper: Shipper, encode: (id: string) => EncodedRecord): Load {
  const final: string[] = [];
  const owner = {};
  let submitted = 0;
  let feeding = true;
  function feed(): void {
    while (feeding && shipper.room() > 0) {
      const id = `r${submitted}`;
      submitted += 1;
      shipper.submit({
        owner,
        record: encode(id),
        done(result) {
          if (result.kind === 'final') final.push(id);
          if (feeding && shipper.room() > MAX_IN_FLIGHT_BYTES / 8) setImmediate(feed);
        },
      });
    }
  }
  feed();
  return {
    final,
    submitted: () => submitted,
    untilFinal: (count) =>
      until(`${count} of ${submitted} records are final`, () => final.length >= count, {
        ...{ timeoutMs: 60_000, everyMs: 5 },
      }),
    stop() {
      feeding = false;
    },
  };
}

function toll({ final }: Load, finalBefore: ReadonlySet<string>, written: readonly string[]): Toll {
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
