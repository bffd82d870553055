import { join } from 'node:path';
import type { Test } from 'tap';

import type { Read, WindowPlan } from '../../agent/tail/read.ts';
import type { Reader } from '../../agent/tail/reader.ts';
import type { LateOptions } from '../../agent/tail/tiers.ts';
import { createFarSiem, type FarSiem } from './far-siem.ts';
import { createLateGroup, type LateEvent } from './late-group.ts';
import { createRandom } from './random.ts';
import { createRelayWorld, type RelayWorld } from './relay-world.ts';
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** When reading begins. */
export const T0 = Date.UTC(2026, 0, 31);
export const POLL_MS = 5 * MINUTE_MS;
export const PAGE_BYTES = 1_000_000;

const LATE: LateOptions = {
  overlapMinutes: 15,
  sweeps: [
    { windowMinutes: 180, everyMinutes: 30 },
    { windowMinutes: 1_500, everyMinutes: 360 },
  ],
};

/** One read, as AWS saw it. */
interface SeenRead {
  readonly plan: WindowPlan;
  pages: number;
  bytes: number;
}

/** One source, two destinations that acknowledge at once, and all that was read. */
export interface SourceStage {
  readonly clock: VirtualClock;
  readonly world: RelayWorld;
  readonly reads: readonly SeenRead[];
  readonly siem: FarSiem;
  readonly lake: FarSiem;
}

interface SourceSetup {
  readonly events: readonly LateEvent[];
  readonly eventBytes: number;
  readonly pollMs?: number;
  /** How long each page takes. */
  readonly pageMs?: number;
  readonly maxFinishedIds?: number;
}

/** A group that was made long ago, read from T0 on. */
export async function setSource(
  t: Test,
  { events, eventBytes, pollMs = POLL_MS, pageMs = 0, ...limits }: SourceSetup,
): Promise<SourceStage> {
  const clock = createVirtualClock(T0);
  const random = createRandom(1).next;
  const faults = { failure: () => undefined, pageSize: () => Math.floor(PAGE_BYTES / eventBytes) };
  const group = createLateGroup({ clock, creationTime: T0 - 90 * DAY_MS, events, eventBytes, faults });
  const [siem, lake] = ['siem', 'lake'].map((destination) =>
    createFarSiem({ clock, destination, maxRecords: 1_000, ackMs: () => 0 }),
  );
  if (!siem || !lake) throw new Error('two destinations');
  const siems = new Map([
    ['siem', siem],
    ['lake', lake],
  ]);
  const reads: SeenRead[] = [];
  const turnPage = (): Promise<void> => clock.sleep(pageMs);
  const engine = {
    late: LATE,
    pollSeconds: pollMs / 1_000,
    breakReader: watched(reads, turnPage),
    ...limits,
  };
  const path = join(t.testdir({}), 'state.db');
  const world = await createRelayWorld({
    path,
    clock,
    random: () => 0.5 + random() / 1e3,
    engine,
    group,
    siems,
  });
  t.teardown(() => world.close());
  return { clock, world, reads, siem, lake };
}

function watched(reads: SeenRead[], turnPage: () => Promise<void>): (reader: Reader) => Reader {
  async function* watch(plan: WindowPlan, pages: AsyncIterable<Read>): AsyncGenerator<Read> {
    const seen: SeenRead = { plan, pages: 0, bytes: 0 };
    reads.push(seen);
    for await (const read of pages) {
      if (read.kind === 'page') {
        await turnPage();
        seen.pages += 1;
        seen.bytes += read.bytes;
      }
      yield read;
    }
  }
  return (reader) => ({
    describe: (signal) => reader.describe(signal),
    serviceNow: () => reader.serviceNow(),
    read: (plan, ...rest) => watch(plan, reader.read(plan, ...rest)),
  });
}

/** Events at an even rate, readable at once. */
export function steadyEvents(from: number, to: number, everyMs: number): readonly LateEvent[] {
  return Array.from({ length: Math.ceil((to - from) / everyMs) }, (_, index) => {
    const timestamp = from + index * everyMs;
    return eventOf(`e${timestamp}`, timestamp, timestamp);
  });
}

/** Ingested when it becomes readable. */
export function eventOf(id: string, timestamp: number, readableAt: number): LateEvent {
  return {
    id,
    message: id,
    stream: 'stream',
    timestamp,
    ingestionTime: Math.max(timestamp, readableAt),
    readableAt,
  };
}
