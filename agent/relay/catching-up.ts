import type { CompleteRead, Read, ReadFailure } from '../tail/read.ts';
import type { Reader } from '../tail/reader.ts';
import { planCatchUp } from '../tail/window.ts';
import type { Handout } from './handout.ts';
import type { RunContext } from './run-context.ts';
import type { Sharing } from './sharing.ts';
import { createWanted } from './wanted.ts';

/** Reads for the destinations that are behind, each from its own floor and only as fast as it takes records. */
export interface CatchingUp {
  /** Hands out the pages that have come and asks for the next ones. No poll waits for it: it never waits for AWS. */
  goOn(signal: AbortSignal): Promise<void>;
  /** A page has come, or the end of a read: there is something to go on with. */
  hasMore(): boolean;
  /** A read was begun and is not at its end. */
  isUnderWay(): boolean;
}

/** What the run of a source does for the destinations that catch up. */
export interface CatchingUpParts {
  readonly reader: Reader;
  readonly handout: Handout;
  readonly sharing: Sharing;
  /** Destinations for which a read may begin now. */
  ready(): readonly string[];
  /** Before anything is read for a destination. */
  begins(destination: string): void;
  /** Stores how far the destination has come. */
  keep(): Promise<unknown>;
  /** The destination shares the polls again. */
  joined(destination: string): void;
  failed(failure: ReadFailure): void;
}

type Answer = Promise<IteratorResult<Read>>;

/** The read of one destination. */
interface CatchUp {
  readonly reads: AsyncIterator<Read>;
  readonly left: AbortController;
  /** An answer was asked for and is not taken. */
  isAsked: boolean;
  /** It has come. */
  answer?: Answer | undefined;
}

export function createCatchingUp(context: RunContext, parts: CatchingUpParts): CatchingUp {
  const { progress, wake, logger } = context;
  const { reader, handout, sharing } = parts;
  const underWay = new Map<string, CatchUp>();

  function begin(destination: string, signal: AbortSignal): void {
    parts.begins(destination);
    const plan = planCatchUp(progress.position(destination));
    const wanted = createWanted(
      context,
      () => [destination],
      () => sharing.roomOf(destination),
    );
    const left = new AbortController();
    const reads = reader.read(plan, wanted, AbortSignal.any([signal, left.signal]))[Symbol.asyncIterator]();
    underWay.set(destination, { reads, left, isAsked: false });
  }

  function ask(catchUp: CatchUp): void {
    const answer = catchUp.reads.next();
    const come = (): void => {
      catchUp.answer = answer;
      wake.notify();
    };
    catchUp.isAsked = true;
    answer.then(come, come);
  }

  /** What was handed out stands; what is on its way is not waited for. */
  function breakOff(destination: string, { left }: CatchUp): void {
    left.abort();
    underWay.delete(destination);
  }

  function end(destination: string, read: CompleteRead): void {
    progress.join(destination, read);
    parts.joined(destination);
    logger.info('destination caught up', { destination, source: progress.state.source });
  }

  async function take(destination: string, read: Read): Promise<void> {
    switch (read.kind) {
      case 'page':
        handout.give(read.events);
        if (read.safeHighWater !== undefined) progress.caughtUpTo(destination, read.safeHighWater);
        await parts.keep();
        return;
      case 'complete':
        return end(destination, read);
      case 'paused':
        return;
      case 'failed':
        return parts.failed(read);
    }
  }

  async function takeAnswer(destination: string, catchUp: CatchUp, answer: Answer): Promise<void> {
    const { value: read, done } = await answer;
    catchUp.answer = undefined;
    catchUp.isAsked = false;
    if (done || read.kind !== 'page') underWay.delete(destination);
    if (!done) await take(destination, read);
  }

  async function goOnWith(destination: string, catchUp: CatchUp): Promise<void> {
    if (sharing.hasStopped(destination)) return breakOff(destination, catchUp);
    if (catchUp.answer) await takeAnswer(destination, catchUp, catchUp.answer);
    if (catchUp.isAsked || !underWay.has(destination)) return;
    // While there is no room the read is kept, so that it goes on where it stands and not at the floor.
    if (sharing.roomOf(destination) > 0) ask(catchUp);
  }

  /** Not where a read is under way: it would go on behind what is taken back. */
  function reclaim(): void {
    for (const id of progress.destinations('behind')) if (!underWay.has(id)) sharing.reclaimStuck(id);
  }

  return {
    hasMore: () => underWay.values().some(({ answer }) => answer !== undefined),
    isUnderWay: () => underWay.size > 0,
    async goOn(signal) {
      if (signal.aborted) return;
      for (const id of parts.ready()) if (!underWay.has(id)) begin(id, signal);
      for (const [id, catchUp] of underWay) await goOnWith(id, catchUp);
      reclaim();
    },
  };
}
