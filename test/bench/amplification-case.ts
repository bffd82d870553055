import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';

import { createReadMeter } from '../../agent/health/read-meter.ts';
import { createFarSiem } from '../support/far-siem.ts';
import { createRandom } from '../support/random.ts';
import { createRelayWorld } from '../support/relay-world.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';
import { createDenseGroup } from './dense-group.ts';
import { readCountsIn } from './read-counts.ts';
import { report } from './scene.ts';

// The real tail, relay and store on a dense log group, for days of virtual time. What is read for each byte depends
// on windows alone, so a slow group of large events stands for a fast one.

export interface AmplificationOptions {
  readonly pollSeconds: number;
  readonly days: number;
}

export interface AmplificationResult extends AmplificationOptions {
  readonly events: number;
  /** Of those that every sweep has had time to find. */
  readonly lost: number;
  readonly repeated: number;
  /** Read bytes by new bytes, for each kind of read. */
  readonly amplification: Readonly<Record<string, number>>;
  readonly pages: number;
}

const DAY_MS = 24 * 3_600_000;
const STEP_MS = 5_000;
const EVENT_BYTES = 20_000;
/** By a day at most, and then the sweep of 25 hours comes within another. */
const SETTLED_MS = 2.5 * DAY_MS;
/** The configuration's own defaults. */
const LATE = {
  overlapMinutes: 15,
  sweeps: [
    { windowMinutes: 180, everyMinutes: 30 },
    { windowMinutes: 1_500, everyMinutes: 360 },
  ],
};

async function play({ pollSeconds, days }: AmplificationOptions): Promise<AmplificationResult> {
  const directory = await mkdtemp(join(tmpdir(), 'guardrelay-bench-'));
  const clock = createVirtualClock();
  const meter = createReadMeter();
  const registry = new Registry();
  meter.addTo(registry);
  const group = createDenseGroup({ clock, stepMs: STEP_MS, eventBytes: EVENT_BYTES, lateEvery: 1_000 });
  const siem = createFarSiem({ clock, destination: 'siem', maxRecords: 100_000, ackMs: () => 1 });
  const world = await createRelayWorld({
    ...{ clock, group, siems: new Map([['siem', siem]]), random: createRandom(1).next },
    path: join(directory, 'state.db'),
    engine: { late: LATE, pollSeconds, meter },
  });
  try {
    world.start();
    await clock.advance(days * DAY_MS);
    const { readBytes, pages } = readCountsIn(await registry.metrics());
    await world.stop();
    const newBytes = siem.received.size * EVENT_BYTES;
    return {
      ...{ pollSeconds, days, pages, repeated: siem.repeated.length },
      events: siem.received.size,
      lost: countTo((days * DAY_MS - SETTLED_MS) / STEP_MS, (index) => !siem.received.has(group.idOf(index))),
      amplification: Object.fromEntries(
        Object.entries(readBytes).map(([kind, bytes]) => [kind, bytes / newBytes]),
      ),
    };
  } finally {
    await world.close();
    await rm(directory, { recursive: true, force: true });
  }
}

function countTo(end: number, holds: (index: number) => boolean): number {
  let count = 0;
  for (let index = 0; index < end; index += 1) if (holds(index)) count += 1;
  return count;
}

report(await play(JSON.parse(process.argv[2] ?? '')));
