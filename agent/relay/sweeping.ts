import type { CompleteRead, Read, ReadFailure, Wanted, WantedEvent, WindowPlan } from '../tail/read.ts';
import type { Reader } from '../tail/reader.ts';
import { sampled } from './lateness-sample.ts';
import type { Progress } from './progress.ts';

/** Reads the late-event sweeps that are too large for a poll, a page at a time between the polls. */
export interface Sweeping {
  /** Goes on, or begins what is due, until it is done, has failed, or a poll is due. */
  goOn(isPollDue: () => boolean, signal: AbortSignal): Promise<void>;
  /** A sweep was begun and is not at its end. */
  isUnderWay(): boolean;
}

/** What the run of a source does for its sweeps. */
export interface SweepingParts {
  readonly progress: Progress;
  readonly reader: Reader;
  readonly wanted: Wanted;
  /** The sweep to begin now, if any. */
  due(): WindowPlan | undefined;
  /** Hands a page out, and returns when there is room for the next. */
  give(events: readonly WantedEvent[], signal: AbortSignal): Promise<void>;
  failed(failure: ReadFailure): void;
}

interface Sweep {
  readonly plan: WindowPlan;
  readonly reads: AsyncIterator<Read>;
  /** The destinations that shared the polls when it began; only they were offered every page. */
  readonly readers: readonly string[];
}

export function createSweeping({ progress, reader, ...parts }: SweepingParts): Sweeping {
  let sweep: Sweep | undefined;

  function begin(signal: AbortSignal): Sweep | undefined {
    const plan = progress.isSweepOpen ? undefined : parts.due();
    if (!plan) return undefined;
    const reads = reader.read(plan, sampled(parts.wanted, progress, plan), signal)[Symbol.asyncIterator]();
    return { plan, reads, readers: progress.destinations('joined') };
  }

  /** A destination that left or joined has been offered a part only: the sweep starts again. */
  function isBroken({ readers }: Sweep): boolean {
    const joined = progress.destinations('joined');
    return joined.length !== readers.length || !readers.every((id) => joined.includes(id));
  }

  async function breakOff({ reads }: Sweep): Promise<undefined> {
    await reads.return?.();
    return undefined;
  }

  function ended({ plan, readers }: Sweep, read: CompleteRead | ReadFailure): void {
    if (read.kind === 'failed') parts.failed(read);
    else progress.swept(plan, read, readers);
  }

  /** Answers the sweep to go on with. */
  async function step(current: Sweep, signal: AbortSignal): Promise<Sweep | undefined> {
    if (isBroken(current)) return await breakOff(current);
    const { value: read, done } = await current.reads.next();
    if (done || read.kind === 'paused') return undefined;
    if (read.kind === 'page') {
      await parts.give(read.events, signal);
      return current;
    }
    ended(current, read);
    return undefined;
  }

  return {
    isUnderWay: () => sweep !== undefined,
    async goOn(isPollDue, signal) {
      while (!isPollDue() && !signal.aborted) {
        sweep ??= begin(signal);
        if (!sweep) return;
        sweep = await step(sweep, signal);
      }
    },
  };
}
