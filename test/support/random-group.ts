import type { LogsReader } from '../../agent/aws/logs-reader.ts';
import type { ReadCause } from '../../agent/model/source-facts.ts';
import { createLateGroup, type Faults, type LateEvent, type Remaking } from './late-group.ts';
import { HEARTBEAT } from './log-events.ts';
import type { Random } from './random.ts';
import type { VirtualClock } from './virtual-clock.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const EVENTS = 120;
const HEARTBEAT_MS = 30 * MINUTE_MS;
const HEARTBEATS_MS = 66 * HOUR_MS;
const ARRIVALS_MS = 12 * HOUR_MS;
const MAX_LATENESS_MS = 24 * HOUR_MS;
const MAX_VISIBILITY_MS = 10 * MINUTE_MS;
/** A log group takes events that are stamped so far ahead of its clock. */
const MAX_AHEAD_MS = 2 * HOUR_MS;
const MAX_MISSING_MS = 40 * MINUTE_MS;
/** The log stream of all events. */
export const STREAM = 'stream';
const SMALL_BYTES = 100;
/** A window of such events holds several megabytes, so that its sweeps are reads of their own. */
const LARGE_BYTES = 50_000;
/** What a call may fail with. */
export const CAUSES = ['throttled', 'service', 'unreachable', 'no-group', 'credentials'] as const;

/** Everything has become readable so long after the first event. */
export const CHANGES_MS: number = MAX_AHEAD_MS + ARRIVALS_MS + MAX_LATENESS_MS + MAX_VISIBILITY_MS;

/** A log group that is filled, answers and fails at random. */
export interface RandomGroup {
  readonly logs: LogsReader;
  /** Ids of the events that must arrive: all but heartbeats and what went with a deleted group. */
  readonly wanted: readonly string[];
  /** It holds so much that it is read again less often. */
  readonly isLarge: boolean;
  /** From now on every call fails for this; undefined: as before. */
  refuse(cause: ReadCause | undefined): void;
  /** From now on no call fails. */
  heal(): void;
}

interface RandomGroupOptions {
  readonly random: Random;
  readonly clock: VirtualClock;
  /** Every event is readable at its own time, and the group is never made anew. */
  readonly isPrompt: boolean;
}

/** Begins when the clock stands now. */
export function createRandomGroup({ random, clock, isPrompt }: RandomGroupOptions): RandomGroup {
  const startAt = clock.now();
  const remaking = !isPrompt && random.chance(0.15) ? drawRemaking(random, startAt) : undefined;
  const findings = drawFindings(random, startAt).map(isPrompt ? madePrompt : asDrawn);
  const events = [...findings, ...heartbeatsFrom(startAt)];
  const pages = isPrompt || random.chance(0.8) ? inOrder(events) : shuffled(random, events);
  const faults = drawFaults(random);
  const eventBytes = random.pick([SMALL_BYTES, LARGE_BYTES]);
  const { creationTime } = remaking ?? { creationTime: startAt };
  return {
    ...faults,
    isLarge: eventBytes === LARGE_BYTES,
    logs: createLateGroup({ clock, creationTime: startAt, remaking, events: pages, eventBytes, faults }),
    wanted: findings.filter(({ ingestionTime }) => ingestionTime >= creationTime).map(({ id }) => id),
  };
}

function drawRemaking(random: Random, startAt: number): Remaking {
  const deletedAt = startAt + random.below(ARRIVALS_MS);
  return { deletedAt, creationTime: deletedAt + random.below(MAX_MISSING_MS) };
}

function drawFindings(random: Random, startAt: number): readonly LateEvent[] {
  return Array.from({ length: EVENTS }, (_, number) => {
    // Whole seconds, as EventBridge writes them, so that several events share one.
    const timestamp = startAt + MAX_AHEAD_MS + Math.floor(random.below(ARRIVALS_MS) / 1_000) * 1_000;
    const ingestionTime = timestamp + drawLateness(random);
    const readableAt = ingestionTime + (random.chance(0.3) ? random.below(MAX_VISIBILITY_MS) : 0);
    const id = `e${number}`;
    return { id, message: id, stream: STREAM, timestamp, ingestionTime, readableAt };
  });
}

function drawLateness(random: Random): number {
  if (random.chance(0.05)) return -random.below(MAX_AHEAD_MS);
  return random.below(random.chance(0.3) ? MAX_LATENESS_MS : 5_000);
}

function asDrawn(event: LateEvent): LateEvent {
  return event;
}

function madePrompt(event: LateEvent): LateEvent {
  return { ...event, ingestionTime: event.timestamp, readableAt: event.timestamp };
}

function heartbeatsFrom(startAt: number): readonly LateEvent[] {
  return Array.from({ length: Math.floor(HEARTBEATS_MS / HEARTBEAT_MS) }, (_, number) => {
    const at = startAt + number * HEARTBEAT_MS;
    const times = { timestamp: at, ingestionTime: at, readableAt: at };
    return { id: `h${number}`, message: HEARTBEAT, stream: STREAM, ...times };
  });
}

function inOrder(events: readonly LateEvent[]): readonly LateEvent[] {
  return events.toSorted((a, b) => a.timestamp - b.timestamp || (a.id < b.id ? -1 : 1));
}

function shuffled<T>(random: Random, values: readonly T[]): readonly T[] {
  const drawn = values.map((value) => ({ value, place: random.next() }));
  return drawn.toSorted((a, b) => a.place - b.place).map(({ value }) => value);
}

/** Of a hundred calls two fail and one has an old token; of twenty pages one is empty although there is more. */
function drawFaults(random: Random): Faults & Pick<RandomGroup, 'refuse' | 'heal'> {
  const pageSize = random.pick([3, 10, 50, 10_000]);
  let refused: ReadCause | undefined;
  let isWell = false;
  const happens = (share: number): boolean => !isWell && random.chance(share);
  return {
    refuse(cause) {
      refused = cause;
    },
    heal() {
      isWell = true;
      refused = undefined;
    },
    failure: () => refused ?? (happens(0.02) ? random.pick(CAUSES) : undefined),
    isTokenExpired: () => happens(0.01),
    pageSize: () => (happens(0.05) ? 0 : pageSize),
    endsWithEmptyPage: () => random.chance(0.1),
  };
}
