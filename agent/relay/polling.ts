import type { CompleteRead, Read, ReadFailure, Wanted, WantedEvent, WindowPlan } from '../tail/read.ts';
import type { Reader } from '../tail/reader.ts';
import type { LateOptions } from '../tail/tiers.ts';
import { planWindow } from '../tail/window.ts';
import { sampled } from './lateness-sample.ts';
import type { RunContext } from './run-context.ts';

// A poll that was stopped for want of room goes on after this.
const PAUSE_MS = 1_000;

/** Reads what is new, for all destinations that share the polls. */
export interface Polling {
  isDue(): boolean;
  untilDueMs(): number;
  /** A poll was stopped before its end and is to be made again. */
  isPaused(): boolean;
  poll(signal: AbortSignal): Promise<void>;
  /** The next poll begins at the lowest floor. */
  restart(): void;
}

/** What the run of a source does for its polls. */
export interface PollingParts {
  readonly reader: Reader;
  readonly late: LateOptions;
  readonly wanted: Wanted;
  /** A poll that begins at the floor of this destination is about to be made. */
  begins(destination: string): void;
  /** From the start of one poll to the next. */
  intervalMs(): number;
  handOut(events: readonly WantedEvent[]): void;
  /** Stores how far the source has come, and returns when there is room for the next page. */
  storeAndAwaitRoom(signal: AbortSignal): Promise<void>;
  completed(read: CompleteRead): void;
  /** Answers with the wait before the next poll. */
  failed(failure: ReadFailure): number;
}

interface Poll {
  readonly plan: WindowPlan;
  /** The destinations that shared the polls when it began. */
  readonly readers: readonly string[];
  readonly signal: AbortSignal;
  bytes: number;
}

export function createPolling({ progress, clock }: RunContext, parts: PollingParts): Polling {
  const { reader, late, wanted } = parts;
  let dueAt = 0;
  let isRestart = true;
  let isPaused = false;

  function pause(ms: number): void {
    isPaused = true;
    dueAt = clock.monotonic() + ms;
  }

  async function takePage(read: Extract<Read, { kind: 'page' }>, poll: Poll): Promise<void> {
    poll.bytes += read.bytes;
    parts.handOut(read.events);
    if (read.safeHighWater !== undefined) progress.reached(read.safeHighWater);
    await parts.storeAndAwaitRoom(poll.signal);
  }

  async function take(read: Read, poll: Poll): Promise<void> {
    switch (read.kind) {
      case 'page':
        return await takePage(read, poll);
      case 'complete':
        isRestart = false;
        progress.completed(poll.plan, read, poll.readers);
        return parts.completed(read);
      case 'paused':
        return pause(PAUSE_MS);
      case 'failed':
        dueAt = clock.monotonic() + parts.failed(read);
        return;
    }
  }

  /** What it has handed out stands; new events wait no longer, and its sweeps get a read of their own. */
  function breakOff({ plan, bytes }: Poll): void {
    progress.outgrew(plan, bytes);
    pause(0);
  }

  function plan(): WindowPlan {
    const options = { ...late, restart: isRestart };
    return planWindow(progress.state, progress.positions, reader.serviceNow(), options);
  }

  return {
    isDue: () => clock.monotonic() >= dueAt,
    untilDueMs: () => Math.max(0, dueAt - clock.monotonic()),
    isPaused: () => isPaused,
    restart() {
      isRestart = true;
    },
    async poll(signal) {
      const readers = progress.destinations('joined');
      const poll: Poll = { plan: plan(), readers, signal, bytes: 0 };
      const { maxBytes = Number.POSITIVE_INFINITY } = poll.plan;
      if (isRestart) for (const id of readers) parts.begins(id);
      isPaused = false;
      dueAt = clock.monotonic() + parts.intervalMs();
      for await (const read of reader.read(poll.plan, sampled(wanted, progress, poll.plan), signal)) {
        await take(read, poll);
        if (read.kind === 'page' && poll.bytes > maxBytes) return breakOff(poll);
      }
    },
  };
}
