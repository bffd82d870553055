import { ERROR_SHARE } from '../health/retention.ts';
import type { SourceSpool } from '../spool/segments.ts';
import { coveredUntil, type Span } from '../spool/span.ts';
import type { Read, ReadFailure, Wanted } from '../tail/read.ts';
import type { Reader } from '../tail/reader.ts';
import { renderableOf } from './canaries.ts';
import { neededFrom } from './gap.ts';
import type { RunContext } from './run-context.ts';
import { noteSpool } from './source-memory.ts';

const DAY_MS = 24 * 3_600_000;
/** An event is copied when it is so old, as a share of the time for which its log group keeps it. */
const COPY_SHARE = ERROR_SHARE;
/** The least and the most that is copied at a time, as a share of the same. */
const LEAST_SHARE = 0.01;
const MOST_SHARE = 0.02;
const RETRY_MS = 5 * 60_000;
// A look walks over everything in flight, and what is due becomes so slowly.
const LOOK_MS = 10_000;

/** Copies what the log group is about to drop, and a destination does not have, into the spool. */
export interface Spooling {
  /** Looks at what the spool holds, and deletes what every destination has. */
  open(): Promise<void>;
  /** Stores the page that has come and asks for the next one. No poll waits for it: it never waits for AWS. */
  goOn(signal: AbortSignal): Promise<void>;
  /** A span was begun and is not at its end, or is to be begun. */
  isUnderWay(): boolean;
}

interface SpoolingParts {
  readonly reader: Reader;
  serviceNow(): number;
  failed(failure: ReadFailure): void;
}

/** The copying of one span. */
interface Copying {
  readonly span: Span;
  readonly reads: AsyncIterator<Read>;
  readonly left: AbortController;
  /** A page that has come. */
  answer?: Promise<IteratorResult<Read>> | undefined;
}

const IDLE: Spooling = { open: async () => {}, goOn: async () => {}, isUnderWay: () => false };

export function createSpooling(context: RunContext, parts: SpoolingParts): Spooling {
  const { spool, lease } = context;
  return spool ? new SourceSpooling(context, spool.of(lease.source), parts) : IDLE;
}

class SourceSpooling implements Spooling {
  readonly #context: RunContext;
  readonly #held: SourceSpool;
  readonly #parts: SpoolingParts;
  #copying: Copying | undefined;
  #lookAt = 0;

  constructor(context: RunContext, held: SourceSpool, parts: SpoolingParts) {
    this.#context = context;
    this.#held = held;
    this.#parts = parts;
  }

  isUnderWay(): boolean {
    return (this.#copying ?? this.#due()) !== undefined;
  }

  async open(): Promise<void> {
    // As the store has it: what is not committed will be wanted again after a crash.
    await this.#trying(async () => {
      await this.#held.refresh();
      const needed = this.#neededFrom();
      // Where nothing was read yet, what an earlier store knew may be wanted still.
      if (this.#held.bytes > 0 && Number.isFinite(needed)) await this.#held.discard(needed);
    });
    this.#note();
  }

  async goOn(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    this.#copying ??= this.#begin(signal);
    const { answer } = this.#copying ?? {};
    if (!this.#copying || !answer) return;
    this.#copying.answer = undefined;
    const { value: read, done } = await answer;
    if (done) this.#copying = undefined;
    else await this.#take(read, this.#copying);
    this.#note();
  }

  /** What the log group is about to drop and the spool does not hold yet. */
  #due(): Span | undefined {
    const { memory, clock } = this.#context;
    const { retentionDays } = memory.facts;
    const reading = clock.monotonic();
    if (retentionDays === undefined || reading < Math.max(memory.spoolAt, this.#lookAt)) return undefined;
    const span = this.#dueOf(retentionDays);
    if (!span) this.#lookAt = reading + LOOK_MS;
    return span;
  }

  #dueOf(retentionDays: number): Span | undefined {
    const keptMs = retentionDays * DAY_MS;
    const now = this.#parts.serviceNow();
    const oldest = Math.max(this.#neededFrom(), now - keptMs);
    const from = coveredUntil(oldest, this.#held.covered);
    const until = Math.min(now - COPY_SHARE * keptMs, from + MOST_SHARE * keptMs);
    return until - from >= LEAST_SHARE * keptMs ? { from, until: Math.floor(until) } : undefined;
  }

  #begin(signal: AbortSignal): Copying | undefined {
    const span = this.#due();
    if (!span) return undefined;
    const left = new AbortController();
    const plan = { what: 'spool', start: span.from, end: span.until - 1, due: [] } as const;
    const reads = this.#parts.reader
      .read(plan, this.#wanted(), AbortSignal.any([signal, left.signal]))
      [Symbol.asyncIterator]();
    const copying = { span, reads, left };
    this.#ask(copying);
    return copying;
  }

  /** What goes to nobody, such as a heartbeat, is not stored. */
  #wanted(): Wanted {
    const { normalize } = this.#context;
    return {
      room: () => Number.POSITIVE_INFINITY,
      for: async (events) => events.map((event) => (renderableOf(normalize(event)).length > 0 ? [''] : [])),
    };
  }

  #ask(copying: Copying): void {
    const answer = copying.reads.next();
    const come = (): void => {
      copying.answer = answer;
      this.#context.wake.notify();
    };
    answer.then(come, come);
  }

  async #take(read: Read, copying: Copying): Promise<void> {
    switch (read.kind) {
      case 'page':
        return await this.#store(copying, async () => {
          await this.#held.append(read.events.map(({ event }) => event));
          this.#ask(copying);
        });
      case 'complete':
        this.#copying = undefined;
        this.#context.wake.notify();
        return await this.#store(copying, async () => {
          await this.#held.append([], this.#certain(copying.span));
          this.#context.spool?.told();
        });
      case 'paused':
        this.#copying = undefined;
        return;
      case 'failed':
        this.#copying = undefined;
        this.#wait();
        return this.#parts.failed(read);
    }
  }

  /** Events that expired before their page was read are not in it. */
  #certain({ from, until }: Span): Span {
    const keptMs = (this.#context.memory.facts.retentionDays ?? 0) * DAY_MS;
    const start = Math.max(from, this.#parts.serviceNow() - keptMs);
    return { from: Math.min(start, until), until };
  }

  async #store(copying: Copying, store: () => Promise<void>): Promise<void> {
    if (await this.#trying(store)) return;
    copying.left.abort();
    this.#copying = undefined;
    this.#wait();
  }

  /** The disk may fail as it likes: the relaying goes on. */
  async #trying(work: () => Promise<void>): Promise<boolean> {
    const { spool, lease } = this.#context;
    try {
      await work();
      return true;
    } catch (error) {
      spool?.told({ source: lease.source, error });
      return false;
    }
  }

  #wait(): void {
    this.#context.memory.spoolAt = this.#context.clock.monotonic() + RETRY_MS;
  }

  #neededFrom(): number {
    const { positions, state } = this.#context.progress;
    return Math.min(...positions.map((position) => neededFrom(position, state)));
  }

  #note(): void {
    const { bytes, covered } = this.#held;
    const until = coveredUntil(this.#neededFrom(), covered);
    noteSpool(this.#context.memory, bytes > 0 && Number.isFinite(until) ? { bytes, until } : undefined);
  }
}
