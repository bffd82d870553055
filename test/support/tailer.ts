import type { LogsReader } from '../../agent/aws/logs-reader.ts';
import { createQuota } from '../../agent/aws/quota.ts';
import type { Clock } from '../../agent/model/clock.ts';
import type { LogEvent } from '../../agent/model/log-event.ts';
import type { Position, SourceState } from '../../agent/model/position.ts';
import { type Source, sourceKey } from '../../agent/model/source.ts';
import { denseAfter } from '../../agent/tail/density.ts';
import { bornAt, firstPosition, firstState, recreated } from '../../agent/tail/first-contact.ts';
import type { CompleteRead, Read, Wanted, WindowPlan } from '../../agent/tail/read.ts';
import { createReader, type Reader } from '../../agent/tail/reader.ts';
import { closed } from '../../agent/tail/sweep-marks.ts';
import type { LateOptions } from '../../agent/tail/tiers.ts';
import { planWindow } from '../../agent/tail/window.ts';

export const LATE: LateOptions = {
  overlapMinutes: 15,
  sweeps: [
    { windowMinutes: 180, everyMinutes: 30 },
    { windowMinutes: 1500, everyMinutes: 360 },
  ],
};

const DESTINATIONS = ['first', 'second'] as const;
/** No waiting for tokens: pacing has tests of its own. */
const NO_PACING = 1_000;

/** What a relay would keep of one source. A restart keeps this and nothing else. */
interface Stored {
  state: SourceState;
  positions: readonly Position[];
  readonly finished: Map<string, Set<string>>;
}

export interface TailerOptions {
  readonly logs: LogsReader;
  readonly clock: Clock;
  readonly source: Source;
  readonly startAt?: string;
}

/** The smallest relay there can be: two destinations in memory that acknowledge at once. */
export interface Tailer {
  /** One poll, with first contact before the first; answers how it ended. */
  poll(): Promise<Read>;
  /** Looks whether the group is still the same one, and follows if it is not. */
  checkGroup(): Promise<void>;
  /** Forgets what is not stored. */
  restart(): void;
  /** Messages that a destination got, in order. */
  delivered(destination: (typeof DESTINATIONS)[number]): readonly string[];
  state(): SourceState;
}

export function createTailer({ logs, clock, source, startAt = '-25h' }: TailerOptions): Tailer {
  const signal = new AbortController().signal;
  const received = new Map<string, string[]>(DESTINATIONS.map((destination) => [destination, []]));
  let stored: Stored | undefined;
  let reader = start();
  let isRestart = true;

  function start(): Reader {
    return createReader({ logs, clock, source, pace: createQuota(clock).paceOf(source, NO_PACING) });
  }

  async function firstContact(): Promise<Stored> {
    const group = await reader.describe(signal);
    if (group.kind === 'failed') throw new Error(group.error);
    const born = bornAt(startAt, group);
    const state = firstState(sourceKey(source), group, { born, sweeps: LATE.sweeps });
    const positions = DESTINATIONS.map((destination, bit) =>
      firstPosition(state, { destination, bit, born }),
    );
    return { state, positions, finished: new Map() };
  }

  function wanted({ positions, finished }: Stored): Wanted {
    const destinationsOf = (event: LogEvent): readonly string[] =>
      positions
        .filter(({ born }) => event.ingestionTime >= born)
        .map(({ destination }) => destination)
        .filter((destination) => !finished.get(keyOf(event))?.has(destination));
    return { for: async (events) => events.map(destinationsOf), room: () => 1 };
  }

  function take(read: Read, plan: WindowPlan, kept: Stored): void {
    if (read.kind === 'complete') {
      kept.state = afterComplete(kept.state, plan, read);
      isRestart = false;
      return;
    }
    if (read.kind !== 'page') return;
    for (const { event, destinations } of read.events) {
      for (const destination of destinations) received.get(destination)?.push(event.message);
      kept.finished.set(keyOf(event), new Set([...(kept.finished.get(keyOf(event)) ?? []), ...destinations]));
    }
    kept.state = { ...kept.state, highWater: Math.max(kept.state.highWater, read.safeHighWater ?? 0) };
  }

  return {
    async poll() {
      stored ??= await firstContact();
      const { state, positions } = stored;
      const plan = planWindow(state, positions, reader.serviceNow(), { ...LATE, restart: isRestart });
      let last: Read | undefined;
      for await (const read of reader.read(plan, wanted(stored), signal)) {
        take(read, plan, stored);
        last = read;
      }
      stored.positions = positions.map((position) => ({ ...position, floor: stored?.state.highWater ?? 0 }));
      if (!last) throw new Error('a read without an end');
      return last;
    },
    async checkGroup() {
      const group = await reader.describe(signal);
      if (!stored || group.kind === 'failed' || group.creationTime === stored.state.generation) return;
      stored = { ...recreated(stored.state, stored.positions, group.creationTime), finished: new Map() };
    },
    restart() {
      reader = start();
      isRestart = true;
    },
    delivered: (destination) => received.get(destination) ?? [],
    state() {
      if (!stored) throw new Error('the source was never read');
      return stored.state;
    },
  };
}

function keyOf({ stream, id }: LogEvent): string {
  return `${stream}\0${id}`;
}

function afterComplete(state: SourceState, { start, due }: WindowPlan, read: CompleteRead): SourceState {
  const dense = denseAfter(state, { bytes: read.bytes, spanMs: read.startedAt - start });
  return {
    ...state,
    ...(dense === undefined ? {} : { dense }),
    highWater: Math.max(state.highWater, read.highWater ?? 0),
    lastReadAt: read.startedAt,
    sweeps: closed(state, { due, ...read }),
  };
}
